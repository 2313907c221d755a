# SIMD group (simd.py, generated).

from libc.stdint cimport uint64_t

from wasmine.ir.func cimport Instr

# Executes the simd instruction at `pc` (ir/groups.pxd) on the frame and returns the next instruction. It cannot trap.
cdef Instr* simd(Instr* pc, uint64_t* fp) noexcept nogil
