# What does not change in a loop is computed before it.

from wasmine.jit.ssa.function cimport SsaFunc

# Moves loop-invariant code to the blocks before loops, which it makes where there is none. Needs dominators and loops, and finds them
# anew. False when memory is exhausted.
cdef bint hoist_invariants(SsaFunc* f) noexcept nogil
