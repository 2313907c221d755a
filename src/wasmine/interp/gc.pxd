from libc.stdint cimport uint32_t, uint64_t

from wasmine.ir.func cimport Instr
from wasmine.runtime.vm cimport Instance, VMContext
from wasmine.spec.types cimport TypeDef

# Executes one instruction of the group: what makes GC objects, and what works on many elements (ir/objects.py). The frame
# has been saved. Returns TRAP_*.
cdef uint32_t gc(VMContext* ctx, Instance* inst, const Instr* pc, uint64_t* fp) noexcept nogil
# array.new, of a value at slots, and array.new_default: the array goes to slots[0]. As above.
cdef uint32_t new_array(VMContext* ctx, TypeDef* type, uint64_t* slots, uint32_t length, bint default) noexcept nogil
