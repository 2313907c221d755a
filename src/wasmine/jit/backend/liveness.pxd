# Where values live: one interval from definition to last use for each virtual register, and the uses in it.

from libc.stdint cimport uint32_t

from wasmine.jit.backend.machine cimport Vreg
from wasmine.jit.backend.regalloc cimport Alloc

# Block extents of loops, then Vreg.start, end, uses; the ranges in which fixed operands take physical registers. Sets `failed`.
cdef void find_intervals(Alloc* a) noexcept nogil
# The end of the blocks that a value lives in, if control only goes from them to where its goal starts; else 0. Unless they use the
# goal themselves, it has no value that anyone wants until there.
cdef uint32_t dead_until(Alloc* a, Vreg* vreg) noexcept nogil
