# Control flow made simpler.

from wasmine.jit.ssa.function cimport SsaFunc

# Decides branches on constants, takes out blocks that only go on, joins blocks that follow each other, then finds order, predecessors,
# dominators and loops. False when memory is exhausted.
cdef bint clean_flow(SsaFunc* f) noexcept nogil
