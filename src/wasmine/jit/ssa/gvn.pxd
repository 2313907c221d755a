# Equal values are computed once.

from wasmine.jit.ssa.function cimport SsaFunc

# Replaces what a dominating instruction has computed, checked or stored already. Needs dominators and loops; flow stays, but branches
# may get constant conditions. False when memory is exhausted.
cdef bint number_values(SsaFunc* f) noexcept nogil
