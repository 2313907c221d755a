"""What stands out of line: traps, polls, fuel, and the ways back."""

import cython
from cython.cimports.libc.stdint import uint32_t, uint64_t
from cython.cimports.wasmine.jit.backend.codebuffer import emit_u8, emit_u32
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
from cython.cimports.wasmine.jit.x64 import ops as x
from cython.cimports.wasmine.jit.x64.assembler import RSP
from cython.cimports.wasmine.jit.x64.convention import INSTANCE, SCRATCH
from cython.cimports.wasmine.jit.x64.encode import NO_REG, Address, emit_const, emit_rmem, emit_rr
from cython.cimports.wasmine.jit.x64.jumps import jump_back, jump_short, land, patch, start_jump
from cython.cimports.wasmine.jit.x64.lower import CC_AE, CC_E, CC_EQ_F, CC_NE, CC_NE_F, CC_P, CC_S
from cython.cimports.wasmine.jit.x64.operands import emit_mem, operand_reg
from cython.cimports.wasmine.runtime.vm import Instance, VMContext
from cython.cimports.wasmine.spec.traps import TRAP_FUEL_EXHAUSTED, TRAP_NONE

Emitting = cython.typedef(cython.pointer[Emit])
Made = cython.typedef(cython.pointer[cython.const[MachInst]])


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def new_stub(e: Emitting, kind: uint32_t, cc: uint32_t) -> cython.pointer[Stub]:
    """Jumps to a stub of its own on a condition, and comes back behind the jump unless the stub says
    otherwise.
    """
    start_jump(e, cc)
    emit_u32(e.code, 0)
    return add_stub(e, kind, e.code.size - 4)


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def trap_on(e: Emitting, cc: uint32_t, trap: uint32_t) -> cython.void:
    stub: cython.pointer[Stub] = new_stub(e, STUB_TRAP, cc)
    if stub != cython.NULL:
        stub.trap = trap


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def emit_trap_if(e: Emitting, inst: Made) -> cython.void:
    skip: uint32_t
    stub: cython.pointer[Stub]
    if inst.cond == CC_EQ_F:
        skip = jump_short(e, CC_P)
        trap_on(e, CC_E, cython.cast(uint32_t, inst.imm))
        land(e, skip)
        return
    if inst.cond == CC_NE_F:
        trap_on(e, CC_P, cython.cast(uint32_t, inst.imm))
        trap_on(e, CC_NE, cython.cast(uint32_t, inst.imm))
        return
    stub = new_stub(e, STUB_TRAP, inst.cond)
    if stub != cython.NULL:
        stub.trap = cython.cast(uint32_t, inst.imm)
        if inst.n_operands != 0:
            stub.detail = operand_reg(e, inst, 0)


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def trap_on_status(e: Emitting) -> cython.void:
    """See emit.pxd."""
    emit_rr(e.code, x.X_TEST32, 0, 0, 0)
    new_stub(e, STUB_STATUS, CC_NE)


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def emit_fuel(e: Emitting, made: Made) -> cython.void:
    inst: cython.pointer[Instance] = cython.NULL
    ctx: cython.pointer[VMContext] = cython.NULL
    address = cython.declare(Address)
    emit_mem(e, x.X_MOV64, SCRATCH, INSTANCE, offset(cython.address(inst.ctx)))
    address.base = SCRATCH
    address.index = NO_REG
    address.scale = 0
    address.disp = offset(cython.address(ctx.fuel))
    emit_rmem(e.code, x.X_SUB64_IMM, 0, cython.address(address), made.imm)
    trap_on(e, CC_S, TRAP_FUEL_EXHAUSTED)


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def compare_limit(e: Emitting) -> cython.void:
    """Who wants a poll raises the limit beyond every address, for function entries and for loops."""
    inst: cython.pointer[Instance] = cython.NULL
    ctx: cython.pointer[VMContext] = cython.NULL
    emit_mem(e, x.X_MOV64, SCRATCH, INSTANCE, offset(cython.address(inst.ctx)))
    emit_mem(e, x.X_CMP64, RSP, SCRATCH, offset(cython.address(ctx.native_limit)))


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def emit_call_stub(e: Emitting, stub: cython.pointer[cython.const[Stub]]) -> cython.void:
    if stub.kind == STUB_ASK:
        compare_limit(e)
        start_jump(e, CC_AE)
        emit_u32(e.code, 0)
        patch(e, e.code.size - 4, stub.back)
    if stub.kind == STUB_POLL or stub.kind == STUB_ASK:
        jump_out(e, e.links.poll, x.X_CALL)
    elif stub.kind == STUB_LIMIT:
        jump_out(e, e.links.limit, x.X_CALL)
    else:
        emit_const(e.code, SCRATCH, adapter(e, stub.type_id))
        emit_rr(e.code, x.X_CALL, 0, SCRATCH, 0)
    add_note(e.notes, e.code.size, stub.pos, stub.site, NOTE_ENTRY if stub.kind == STUB_LIMIT else NOTE_CALL)
    add_landings(e, stub.handlers)
    jump_back(e, stub.back)


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def emit_trap_stub(e: Emitting, stub: cython.pointer[cython.const[Stub]]) -> cython.void:
    inst: cython.pointer[Instance] = cython.NULL
    ctx: cython.pointer[VMContext] = cython.NULL
    if stub.detail != NO_DETAIL:
        emit_mem(e, x.X_MOV64, SCRATCH, INSTANCE, offset(cython.address(inst.ctx)))
        emit_mem(e, x.X_STORE32, stub.detail, SCRATCH, offset(cython.address(ctx.trap_detail)))
    emit_u8(e.code, 0xE8)
    emit_u32(e.code, 0)


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def emit_way_out(e: Emitting, trap: uint32_t) -> cython.void:
    """TRAP_NONE stands for the code that is in eax."""
    if trap != TRAP_NONE:
        emit_const(e.code, 0, trap)
    jump_out(e, e.links.trap_exit, x.X_JMP)


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def jump_out(e: Emitting, target: cython.p_void, op: uint32_t) -> cython.void:
    emit_const(e.code, SCRATCH, cython.cast(uint64_t, cython.cast(cython.size_t, target)))
    emit_rr(e.code, op, 0, SCRATCH, 0)
