# What stands out of line: traps, polls, and other ways that are seldom taken.

from libc.stdint cimport uint32_t

from wasmine.jit.backend.emit cimport Emit, Stub
from wasmine.jit.backend.machine cimport MachInst

# A branch (jumps.pxd) to a new stub (STUB_*), which comes back behind the branch unless it says otherwise. NULL: no memory.
cdef Stub* new_stub(Emit* e, uint32_t kind, uint32_t op, uint32_t reg, uint32_t bit) noexcept nogil
# Traps if a condition (COND_*) holds, or on any branch.
cdef void trap_on(Emit* e, uint32_t cond, uint32_t trap) noexcept nogil
cdef void trap_on_branch(Emit* e, uint32_t op, uint32_t reg, uint32_t bit, uint32_t trap) noexcept nogil
# Behind the call of a function that returns TRAP_*: leaves unless that is TRAP_NONE.
cdef void trap_on_status(Emit* e) noexcept nogil
cdef void emit_fuel(Emit* e, const MachInst* made) noexcept nogil
# Sets the flags: COND_LO when a poll is due.
cdef void compare_limit(Emit* e) noexcept nogil
# The scratch register is not zero behind it when a poll is due.
cdef void load_interrupt(Emit* e) noexcept nogil
# A call of what stands outside of the function, and a jump there, by way of SCRATCH2. The call has no note yet.
cdef void call_out(Emit* e, void* target) noexcept nogil
cdef void jump_out(Emit* e, void* target) noexcept nogil
# See backend/emit.pxd: EmitterOf.
cdef void emit_trap_stub(Emit* e, const Stub* stub) noexcept nogil
cdef void emit_way_out(Emit* e, uint32_t trap) noexcept nogil
cdef void emit_call_stub(Emit* e, const Stub* stub) noexcept nogil
