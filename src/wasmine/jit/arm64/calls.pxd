# Instruction selection for calls by tables; the rest of calls is in backend/calls.py.

from libc.stdint cimport uint32_t

from wasmine.jit.backend.lower cimport Lower

# The FuncInst* of a call by a table, behind the checks.
cdef uint32_t find_element(Lower* s, uint32_t id) noexcept nogil
