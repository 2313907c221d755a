# Instruction selection for calls by tables, and for traps.

from libc.stdint cimport uint32_t

from wasmine.jit.backend.lower cimport Lower

# The FuncInst* of a call by a table, behind the checks.
cdef uint32_t find_element(Lower* s, uint32_t id) noexcept nogil
# Traps on a condition; detail: a virtual register, or 0.
cdef void trap_if(Lower* s, uint32_t cc, uint32_t trap, uint32_t detail) noexcept nogil
