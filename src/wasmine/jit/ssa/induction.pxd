# Counters of loops.

from wasmine.jit.ssa.function cimport SsaFunc

# Lets a branch that compares a counter with a constant compare the counter's next value instead. Needs counted uses, and keeps them.
cdef void compare_next(SsaFunc* f) noexcept nogil

# Computes the next value of a counter behind the uses of its old one. Needs the order and counted uses, and keeps them.
cdef void sink_next(SsaFunc* f) noexcept nogil
