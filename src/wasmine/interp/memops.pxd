from libc.stdint cimport uint32_t, uint64_t

from wasmine.ir.func cimport Instr
from wasmine.runtime.vm cimport Instance, VMContext

# Executes the load or store at `pc` (ir/groups.pxd). Returns TRAP_*.
cdef uint32_t memop(VMContext* ctx, Instance* inst, Instr* pc, uint64_t* fp) noexcept nogil
