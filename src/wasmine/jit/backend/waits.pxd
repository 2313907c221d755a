# Instruction selection for waiting at an address, and waking those who wait.

from libc.stdint cimport uint32_t

from wasmine.jit.backend.lower cimport Lower

cdef void lower_wait(Lower* s, uint32_t id) noexcept nogil
