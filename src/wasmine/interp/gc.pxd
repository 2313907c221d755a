from libc.stdint cimport uint32_t, uint64_t

from wasmine.ir.func cimport Instr
from wasmine.runtime.vm cimport Instance, VMContext

# Executes one instruction of the group: what makes GC objects, and what works on many elements (ir/objects.py). The frame
# has been saved. Returns TRAP_*.
cdef uint32_t gc(VMContext* ctx, Instance* inst, const Instr* pc, uint64_t* fp) noexcept nogil
