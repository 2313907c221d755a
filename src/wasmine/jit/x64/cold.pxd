# What stands out of line: traps, polls, and other ways that are seldom taken.

from libc.stdint cimport uint32_t

from wasmine.jit.backend.machine cimport MachInst
from wasmine.jit.backend.emit cimport Emit, Stub

# A jump on a condition, or ALWAYS, to a new stub (STUB_*), which comes back behind the jump unless it says otherwise. NULL: no memory.
cdef Stub* new_stub(Emit* e, uint32_t kind, uint32_t cc) noexcept nogil
cdef void trap_on(Emit* e, uint32_t cc, uint32_t trap) noexcept nogil
# Behind the call of a function that returns TRAP_*: leaves unless that is TRAP_NONE.
cdef void trap_on_status(Emit* e) noexcept nogil
cdef void emit_trap_if(Emit* e, const MachInst* inst) noexcept nogil
cdef void emit_fuel(Emit* e, const MachInst* made) noexcept nogil
# Sets the flags: below when a poll is due.
cdef void compare_limit(Emit* e) noexcept nogil
# A call or jump to what stands outside of the function.
cdef void jump_out(Emit* e, void* target, uint32_t op) noexcept nogil
# See backend/emit.pxd: EmitterOf.
cdef void emit_trap_stub(Emit* e, const Stub* stub) noexcept nogil
cdef void emit_way_out(Emit* e, uint32_t trap) noexcept nogil
cdef void emit_call_stub(Emit* e, const Stub* stub) noexcept nogil
