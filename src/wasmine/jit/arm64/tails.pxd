# Tail calls: what emits them.

from libc.stdint cimport uint32_t

from wasmine.jit.backend.emit cimport Emit, Stub
from wasmine.jit.backend.machine cimport MachInst

# P_TAIL_NATIVE, P_TAIL_FUNCREF; False for any other.
cdef bint emit_tail_call(Emit* e, const MachInst* inst) noexcept nogil
# What a STUB_TAIL becomes.
cdef void emit_tail_stub(Emit* e, const Stub* stub) noexcept nogil
