# Fewer polls.

from wasmine.jit.ssa.function cimport SsaFunc

# Lets loops that count, and call nothing, poll once in many turns. Needs loops; keeps counted uses.
cdef void thin_polls(SsaFunc* f) noexcept nogil

# Takes all polls out: for measuring what they cost.
cdef void remove_polls(SsaFunc* f) noexcept nogil
