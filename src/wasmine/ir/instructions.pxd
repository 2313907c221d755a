# Lowering of one instruction.

from libc.stdint cimport uint32_t

from wasmine.ir.builder cimport Builder

# A reachable instruction that opens or ends no label; its immediates have not been read yet.
cdef void lower_one(Builder* b, uint32_t id) noexcept nogil
