"""What stands out of line: traps, polls, fuel, and the ways back.

Code without a frame has its return address in x30. A stub that calls something puts it on the stack first,
where it is in other code, so that what is above it looks the same to who walks the frames.
"""

import cython
from cython.cimports.libc.stdint import uint32_t, uint64_t
from cython.cimports.wasmine.jit.arm64 import ops as a
from cython.cimports.wasmine.jit.arm64.assembler import (
    COND_MI,
    LR,
    SP,
    X0,
    emit_access,
    emit_load64,
    emit_pop,
    emit_push,
    emit_store64,
)
from cython.cimports.wasmine.jit.arm64.constants import emit_literal
from cython.cimports.wasmine.jit.arm64.convention import CONTEXT, SCRATCH, SCRATCH2
from cython.cimports.wasmine.jit.arm64.encode import (
    EXTEND_LSL,
    emit_const,
    emit_dn,
    emit_dni,
    emit_dnm,
    emit_op,
    extend,
    fits_imm,
)
from cython.cimports.wasmine.jit.arm64.jumps import jump_back, patch, start_branch
from cython.cimports.wasmine.jit.backend.emit import (
    NO_DETAIL,
    STUB_ASK,
    STUB_LIMIT,
    STUB_POLL,
    STUB_STATUS,
    STUB_TRAP,
    Emit,
    Stub,
    adapter,
    add_landings,
    add_stub,
)
from cython.cimports.wasmine.jit.backend.machine import MachInst
from cython.cimports.wasmine.jit.backend.offsets import offset
from cython.cimports.wasmine.jit.codemap import NOTE_CALL, NOTE_ENTRY, add_note
from cython.cimports.wasmine.runtime.vm import VMContext
from cython.cimports.wasmine.spec.traps import TRAP_FUEL_EXHAUSTED, TRAP_NONE

Emitting = cython.typedef(cython.pointer[Emit])
Made = cython.typedef(cython.pointer[cython.const[MachInst]])


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def new_stub(e: Emitting, kind: uint32_t, op: uint32_t, reg: uint32_t, bit: uint32_t) -> cython.pointer[Stub]:
    return add_stub(e, kind, start_branch(e, op, reg, bit))


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def trap_on(e: Emitting, cond: uint32_t, trap: uint32_t) -> cython.void:
    trap_on_branch(e, a.A_B_IF, cond, 0, trap)


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def trap_on_branch(e: Emitting, op: uint32_t, reg: uint32_t, bit: uint32_t, trap: uint32_t) -> cython.void:
    stub: cython.pointer[Stub] = new_stub(e, STUB_TRAP, op, reg, bit)
    if stub != cython.NULL:
        stub.trap = trap


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def trap_on_status(e: Emitting) -> cython.void:
    new_stub(e, STUB_STATUS, a.A_CBNZ32, X0, 0)


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def emit_fuel(e: Emitting, made: Made) -> cython.void:
    ctx: cython.pointer[VMContext] = cython.NULL
    emit_load64(e.code, SCRATCH, CONTEXT, offset(cython.address(ctx.fuel)))
    if fits_imm(made.imm):
        emit_dni(e.code, a.A_SUBS_IMM64, SCRATCH, SCRATCH, made.imm)
    else:
        emit_const(e.code, SCRATCH2, made.imm)
        emit_dnm(e.code, a.A_SUBS64, SCRATCH, SCRATCH, SCRATCH2)
    emit_store64(e.code, CONTEXT, offset(cython.address(ctx.fuel)), SCRATCH)
    trap_on(e, COND_MI, TRAP_FUEL_EXHAUSTED)


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def compare_limit(e: Emitting) -> cython.void:
    """Who wants a poll raises the limit beyond every address."""
    ctx: cython.pointer[VMContext] = cython.NULL
    emit_load64(e.code, SCRATCH, CONTEXT, offset(cython.address(ctx.native_limit)))
    emit_op(e.code, a.A_CMP_EXT64, 0, SP, SCRATCH, 0, extend(EXTEND_LSL, 0))


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def load_interrupt(e: Emitting) -> cython.void:
    """Less than the comparison that the entry of a function makes for the sake of its stack."""
    ctx: cython.pointer[VMContext] = cython.NULL
    emit_access(e.code, a.A_LDR32, SCRATCH, CONTEXT, offset(cython.address(ctx.interrupt)))


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def call_out(e: Emitting, target: cython.p_void) -> cython.void:
    emit_literal(e, SCRATCH2, cython.cast(uint64_t, cython.cast(cython.size_t, target)))
    emit_dn(e.code, a.A_BLR, 0, SCRATCH2)


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def jump_out(e: Emitting, target: cython.p_void) -> cython.void:
    emit_literal(e, SCRATCH2, cython.cast(uint64_t, cython.cast(cython.size_t, target)))
    emit_dn(e.code, a.A_BR, 0, SCRATCH2)


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def emit_call_stub(e: Emitting, stub: cython.pointer[cython.const[Stub]]) -> cython.void:
    if stub.kind == STUB_ASK:
        load_interrupt(e)
        patch(e, start_branch(e, a.A_CBZ32, SCRATCH, 0), stub.back)
    if e.frame == 0:
        emit_push(e.code, LR)
    if stub.kind == STUB_POLL or stub.kind == STUB_ASK:
        call_out(e, e.links.poll)
    elif stub.kind == STUB_LIMIT:
        call_out(e, e.links.limit)
    else:
        call_out(e, cython.cast(cython.p_void, cython.cast(cython.size_t, adapter(e, stub.type_id))))
    add_note(e.notes, e.code.size, stub.pos, stub.site, NOTE_ENTRY if stub.kind == STUB_LIMIT else NOTE_CALL)
    add_landings(e, stub.handlers)
    if e.frame == 0:
        emit_pop(e.code, LR)
    jump_back(e, stub.back)


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def emit_trap_stub(e: Emitting, stub: cython.pointer[cython.const[Stub]]) -> cython.void:
    ctx: cython.pointer[VMContext] = cython.NULL
    if stub.detail != NO_DETAIL:
        emit_access(e.code, a.A_STR32, stub.detail, CONTEXT, offset(cython.address(ctx.trap_detail)))
    if e.frame == 0:
        emit_push(e.code, LR)
    emit_dni(e.code, a.A_BL, 0, 0, 0)


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def emit_way_out(e: Emitting, trap: uint32_t) -> cython.void:
    """TRAP_NONE stands for the code that is in w0."""
    if trap != TRAP_NONE:
        emit_const(e.code, X0, trap)
    jump_out(e, e.links.trap_exit)
