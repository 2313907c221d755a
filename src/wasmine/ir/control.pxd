# Lowering of blocks and of branches on references.

from libc.stdint cimport uint32_t

from wasmine.ir.builder cimport Builder

# An instruction that opens a label of a kind (L_*).
cdef void lower_block(Builder* b, uint32_t kind) noexcept nogil
cdef void lower_br_on_null(Builder* b) noexcept nogil
cdef void lower_br_on_non_null(Builder* b) noexcept nogil
