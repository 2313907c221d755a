# Atomic changes on processors without instructions for them: loops of an exclusive load and an exclusive store.

from wasmine.jit.backend.emit cimport Emit
from wasmine.jit.backend.machine cimport MachInst

# False when the instruction is none of these.
cdef bint emit_exclusive(Emit* e, const MachInst* inst) noexcept nogil
