# What a throw becomes.

from wasmine.jit.backend.machine cimport MachInst
from wasmine.jit.backend.emit cimport Emit

# P_THROW: an exception of tag `imm` with its values at the stack pointer; -1: the one in the register of the slots of helpers (rcx).
cdef void emit_throw(Emit* e, const MachInst* inst) noexcept nogil
