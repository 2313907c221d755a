# Branches that choose between two values.

from wasmine.jit.ssa.function cimport SsaFunc

# Makes a select of a branch in a loop whose two ways compute a value in an instruction or two each, and meet again. Needs order,
# predecessors, loops and counted uses; keeps the uses, and leaves blocks that are not reached.
cdef void choose_values(SsaFunc* f) noexcept nogil
