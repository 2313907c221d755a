# The order of blocks.

from libc.stdint cimport uint32_t

from wasmine.jit.ssa.function cimport SsaFunc

# Writes the blocks that are reached to `order` (room for f.n_order), so that dominators come first and the blocks of a loop stand
# together, its header first. Needs the analyses up to find_loops. False when memory is exhausted.
cdef bint order_for_code(SsaFunc* f, uint32_t* order) noexcept nogil
