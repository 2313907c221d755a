# What makes objects and references to functions inline, and goes out of line where that does not do.

from libc.stdint cimport uint32_t

from wasmine.jit.backend.machine cimport MachInst
from wasmine.jit.backend.emit cimport Emit, Stub

# P_NEW_OBJECT, P_NEW_ARRAY, P_REF_FUNC; False for any other.
cdef bint emit_allocation(Emit* e, const MachInst* inst) noexcept nogil
# What a STUB_SLOW becomes.
cdef void emit_slow_stub(Emit* e, const Stub* stub) noexcept nogil
