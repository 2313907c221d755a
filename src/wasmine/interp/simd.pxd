from libc.stdint cimport uint64_t

from wasmine.ir.func cimport Instr

# Executes the simd instruction at `pc` (ir/groups.pxd) on the frame. It cannot trap; False only if the id is none of
# the group's, which lowering never makes.
cdef bint simd(Instr* pc, uint64_t* fp) noexcept nogil
