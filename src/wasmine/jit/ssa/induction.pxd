# Counters of loops.

from wasmine.jit.ssa.function cimport SsaFunc

# Lets a branch that compares a counter with a constant compare the counter's next value instead. Needs counted uses, and keeps them.
cdef void compare_next(SsaFunc* f) noexcept nogil
