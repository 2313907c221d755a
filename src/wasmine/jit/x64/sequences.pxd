# Pseudo instructions that become several instructions of the machine.

from wasmine.jit.backend.machine cimport MachInst
from wasmine.jit.backend.emit cimport Emit

# False when the op is not one of them.
cdef bint emit_sequence(Emit* e, const MachInst* inst) noexcept nogil
