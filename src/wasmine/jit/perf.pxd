# Tells Linux' perf what code is where. On request: WASMINE_PERF=map in the environment writes /tmp/perf-PID.map, WASMINE_PERF=dump
# writes jit-PID.dump to the current folder (`perf record -k mono`, then `perf inject --jit`), which has the code besides.

from libc.stdint cimport uint32_t

# Reads the environment: whether perf is to be told.
cdef bint find_wish() except -1
# Notes a piece of code. `at`: where it is entered, a position in register IR, or NO_ENTRY. With lock_code.
cdef void note_code(void* place, uint32_t size, const char* name, uint32_t at) noexcept nogil
