# Lowering of what accesses memories and tables. The opcode has been read, the immediates have not.

from libc.stdint cimport uint32_t

from wasmine.ir.builder cimport Builder

cdef void lower_load_or_store(Builder* b, uint32_t id) noexcept nogil
cdef void lower_simd(Builder* b, uint32_t id) noexcept nogil
# Any instruction with a memarg, as one of a group (groups.pxd).
cdef void lower_access(Builder* b, uint32_t id, uint32_t group) noexcept nogil
# One of the bulk group: it takes and leaves so many entries of the stack; x, y: its indices.
cdef void lower_bulk(Builder* b, uint32_t id, uint32_t operands, uint32_t results, uint32_t x, uint32_t y) noexcept nogil
