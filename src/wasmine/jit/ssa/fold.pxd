# Computes an op on constants, given as bits; True when it does, False when there is nothing to compute: another op, or it would trap.

from libc.stdint cimport uint32_t, uint64_t

cdef bint fold_unary(uint32_t op, uint64_t x, uint64_t* out) noexcept nogil
cdef bint fold_binary(uint32_t op, uint64_t x, uint64_t y, uint64_t* out) noexcept nogil
