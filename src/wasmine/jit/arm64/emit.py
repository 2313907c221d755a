"""From machine instructions with registers to bytes, for ARM64: its part of backend/emit.pxd."""

import cython
from cython.cimports.libc.stdint import int32_t, uint32_t
from cython.cimports.wasmine.jit.arm64 import ops as a
from cython.cimports.wasmine.jit.arm64.allocate import emit_allocation, emit_slow_stub
from cython.cimports.wasmine.jit.arm64.assembler import (
    COND_EQ,
    COND_LO,
    LR,
    SP,
    emit_add64_imm,
    emit_load64,
    emit_pop,
    emit_push,
    emit_ret,
)
from cython.cimports.wasmine.jit.arm64.callsites import call_funcref, call_helper, call_import, call_native
from cython.cimports.wasmine.jit.arm64.casts import emit_is_instance
from cython.cimports.wasmine.jit.arm64.cold import (
    compare_limit,
    emit_call_stub,
    emit_fuel,
    emit_trap_stub,
    emit_way_out,
    load_interrupt,
    new_stub,
    trap_on_branch,
)
from cython.cimports.wasmine.jit.arm64.constants import emit_const_float, emit_constant, emit_data
from cython.cimports.wasmine.jit.arm64.convention import CONTEXT, SCRATCH, SCRATCH2
from cython.cimports.wasmine.jit.arm64.encode import emit_dnm
from cython.cimports.wasmine.jit.arm64.exclusives import emit_exclusive
from cython.cimports.wasmine.jit.arm64.jumps import emit_branch, emit_jump, emit_jump_table, patch
from cython.cimports.wasmine.jit.arm64.operands import emit_one_move, emit_plain, emit_two_moves, operand_reg
from cython.cimports.wasmine.jit.arm64.tails import emit_tail_call, emit_tail_stub
from cython.cimports.wasmine.jit.arm64.throws import emit_throw
from cython.cimports.wasmine.jit.backend import pseudo as p
from cython.cimports.wasmine.jit.backend.codebuffer import CodeBuffer, emit_u32
from cython.cimports.wasmine.jit.backend.emit import (
    STUB_ASK,
    STUB_LIMIT,
    STUB_POLL,
    STUB_TRAP,
    Emit,
    EmitterOf,
    Stub,
    emit_function,
    location_of,
)
from cython.cimports.wasmine.jit.backend.machine import MachFunc, MachInst
from cython.cimports.wasmine.jit.backend.offsets import offset
from cython.cimports.wasmine.jit.backend.target import Links
from cython.cimports.wasmine.jit.codemap import Notes
from cython.cimports.wasmine.runtime.vm import VMContext

Emitting = cython.typedef(cython.pointer[Emit])
Made = cython.typedef(cython.pointer[cython.const[MachInst]])

PAGE = cython.declare(cython.const[uint32_t], 4096)
LAST_PSEUDO = cython.declare(cython.const[uint32_t], 0xFFFF)

machine = cython.declare(EmitterOf)


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def emit_arm64(
    code: cython.pointer[CodeBuffer],
    m: cython.pointer[MachFunc],
    links: cython.pointer[cython.const[Links]],
    notes: cython.pointer[Notes],
) -> cython.bint:
    return emit_function(cython.address(machine), code, m, links, notes)


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def frame_size(m: cython.pointer[cython.const[MachFunc]]) -> uint32_t:
    """Of spill slots and outgoing area: a multiple of 16. 0 says that the return address is in x30."""
    bytes: uint32_t = (m.outgoing + 8 * m.n_slots + 15) & ~cython.cast(uint32_t, 15)
    return 16 if bytes == 0 and m.has_calls else bytes


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def emit_prologue(e: Emitting) -> cython.void:
    """Function entries poll for free: who wants a poll raises the limit beyond every address."""
    ctx: cython.pointer[VMContext] = cython.NULL
    stub: cython.pointer[Stub]
    back: uint32_t
    if e.frame == 0:
        return
    emit_push(e.code, LR)
    back = e.code.size
    if e.frame >= PAGE:
        emit_add64_imm(e.code, SCRATCH2, SP, -cython.cast(int32_t, e.frame))
        emit_load64(e.code, SCRATCH, CONTEXT, offset(cython.address(ctx.native_limit)))
        emit_dnm(e.code, a.A_CMP64, 0, SCRATCH2, SCRATCH)
    else:
        compare_limit(e)
    stub = new_stub(e, STUB_LIMIT, a.A_B_IF, COND_LO, 0)
    if stub != cython.NULL:
        stub.back = back
    emit_add64_imm(e.code, SP, SP, -cython.cast(int32_t, e.frame))


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def emit_inst(e: Emitting, inst: Made) -> cython.void:
    op: uint32_t = inst.op
    if op > LAST_PSEUDO:
        emit_plain(e, inst)
    elif op == p.P_LABEL or op == p.P_ARGS:
        pass
    elif op == p.P_MOVE:
        emit_one_move(
            e,
            location_of(e, inst, 1),
            location_of(e, inst, 0),
            e.m.vregs[e.m.operands[inst.operands].vreg].type,
            0,
        )
    elif op == p.P_CONST:
        emit_constant(e, inst)
    elif op == p.P_CONST_FLOAT:
        emit_const_float(e, inst)
    elif op == p.P_JUMP:
        emit_jump(e, inst.label)
    elif op == p.P_JUMP_IF:
        emit_branch(e, a.A_B_IF, inst.cond, 0, inst.label, inst.aux)
    elif op == a.P_JUMP_ON:
        emit_branch(
            e,
            cython.cast(uint32_t, inst.imm),
            operand_reg(e, inst, 0),
            cython.cast(uint32_t, inst.disp),
            inst.label,
            inst.aux,
        )
    elif op == p.P_JUMP_TABLE:
        emit_jump_table(e, inst)
    elif op == p.P_TRAP:
        trap_on_branch(e, a.A_B, 0, 0, cython.cast(uint32_t, inst.imm))
    elif op == p.P_TRAP_IF:
        emit_trap_if(e, inst)
    elif op == a.P_TRAP_ON:
        emit_trap_on(e, inst)
    elif op == p.P_RETURN:
        emit_return(e)
    elif op == p.P_FENCE:
        emit_u32(e.code, a.WORD_DMB_ISH)
    elif op == p.P_FUEL:
        emit_fuel(e, inst)
    elif op == p.P_POLL:
        load_interrupt(e)
        new_stub(e, STUB_POLL, a.A_CBNZ32, SCRATCH, 0)
    elif op == p.P_POLL_COUNTED:
        new_stub(e, STUB_ASK, a.A_B_IF, COND_EQ, 0)
    elif op == p.P_CALL_NATIVE:
        call_native(e, inst)
    elif op == p.P_CALL_IMPORT:
        call_import(e, inst)
    elif op == p.P_CALL_FUNCREF:
        call_funcref(e, inst)
    elif op == p.P_CALL_HELPER:
        call_helper(e, inst)
    elif op == p.P_THROW:
        emit_throw(e, inst)
    elif op == p.P_IS_INSTANCE:
        emit_is_instance(e, inst)
    elif not (emit_exclusive(e, inst) or emit_tail_call(e, inst) or emit_allocation(e, inst)):
        e.failed = 1


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def emit_trap_if(e: Emitting, inst: Made) -> cython.void:
    stub: cython.pointer[Stub] = new_stub(e, STUB_TRAP, a.A_B_IF, inst.cond, 0)
    if stub != cython.NULL:
        stub.trap = cython.cast(uint32_t, inst.imm)
        if inst.n_operands != 0:
            stub.detail = operand_reg(e, inst, 0)


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def emit_trap_on(e: Emitting, inst: Made) -> cython.void:
    reg: uint32_t = operand_reg(e, inst, 0)
    stub: cython.pointer[Stub] = new_stub(e, STUB_TRAP, inst.aux, reg, cython.cast(uint32_t, inst.disp))
    if stub != cython.NULL:
        stub.trap = cython.cast(uint32_t, inst.imm)
        if inst.n_operands > 1:
            stub.detail = operand_reg(e, inst, 1)


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def emit_return(e: Emitting) -> cython.void:
    if e.frame != 0:
        emit_add64_imm(e.code, SP, SP, e.frame)
        emit_pop(e.code, LR)
    emit_ret(e.code)


machine.frame_size = frame_size
machine.prologue = emit_prologue
machine.inst = emit_inst
machine.move = emit_one_move
machine.pair = emit_two_moves
machine.patch = patch
machine.trap_stub = emit_trap_stub
machine.way_out = emit_way_out
machine.slow_stub = emit_slow_stub
machine.tail_stub = emit_tail_stub
machine.call_stub = emit_call_stub
machine.data = emit_data
