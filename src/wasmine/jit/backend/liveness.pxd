# Where values live: one interval from definition to last use for each virtual register, and the uses in it.

from wasmine.jit.backend.regalloc cimport Alloc

# Block extents of loops, then Vreg.start, end, uses; the ranges in which fixed operands take physical registers. Sets `failed`.
cdef void find_intervals(Alloc* a) noexcept nogil
