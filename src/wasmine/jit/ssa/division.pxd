# Division and remainder by constants.

from libc.stdint cimport uint32_t, uint64_t

from wasmine.jit.ssa.simplify cimport Cursor

# x op divisor, where op is a division or remainder and the divisor is not 0; 0 when it stays as it is.
cdef uint32_t divide_by(Cursor* c, uint32_t op, uint32_t type, uint32_t x, uint64_t divisor) noexcept nogil
