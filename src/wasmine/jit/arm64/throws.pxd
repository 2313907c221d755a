# What a throw becomes.

from wasmine.jit.backend.emit cimport Emit
from wasmine.jit.backend.machine cimport MachInst

# P_THROW: an exception of tag `imm` with its values at the stack pointer; -1: the one in SLOTS.
cdef void emit_throw(Emit* e, const MachInst* inst) noexcept nogil
