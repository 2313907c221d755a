# Control flow made simpler.

from wasmine.jit.ssa.function cimport SsaFunc

# Decides branches on constants, takes out blocks that only go on, joins blocks that follow each other, then finds order, predecessors,
# dominators and loops. False when memory is exhausted.
cdef bint clean_flow(SsaFunc* f) noexcept nogil

# Order, predecessors, dominators, loops.
cdef bint analyse(SsaFunc* f) noexcept nogil

# B_COLD: blocks from which only a trap or an exception is reached without entering a loop. Needs the order of blocks.
cdef void mark_cold(SsaFunc* f) noexcept nogil
