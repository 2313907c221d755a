# The analyses of control flow. Each works from scratch and needs the one before; False when memory is exhausted.

from wasmine.jit.ssa.function cimport SsaFunc

cdef bint order_blocks(SsaFunc* f) noexcept nogil       # SsaFunc.order, Block.order, B_REACHED
cdef bint link_preds(SsaFunc* f) noexcept nogil         # SsaFunc.preds, Block.preds, n_preds
cdef bint find_dominators(SsaFunc* f) noexcept nogil    # Block.idom, dom_in, dom_out
cdef bint find_loops(SsaFunc* f) noexcept nogil         # B_LOOP, Block.loop, outer, depth

# All of them; what has not moved is still so.
cdef bint analyse(SsaFunc* f) noexcept nogil

# Inst.uses, of blocks that are reached. Needs the order.
cdef bint count_uses(SsaFunc* f) noexcept nogil

# B_COLD: blocks from which only a trap or an exception is reached without entering a loop, and handlers. Needs the order.
cdef void mark_cold(SsaFunc* f) noexcept nogil
