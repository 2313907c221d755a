# What tests the type of a reference.

from wasmine.jit.backend.machine cimport MachInst
from wasmine.jit.backend.emit cimport Emit

# P_IS_INSTANCE: leaves "equal" when the reference is an instance of the heap type.
cdef void emit_is_instance(Emit* e, const MachInst* inst) noexcept nogil
