"""From machine instructions with registers to bytes, for x86-64: its part of backend/emit.pxd.

Distances are 32 bits wide, except for short jumps inside one instruction's sequence and jumps back that
reach.
"""

import cython
from cython.cimports.libc.stdint import int32_t, uint32_t, uint64_t
from cython.cimports.wasmine.jit.backend import pseudo as p
from cython.cimports.wasmine.jit.backend.codebuffer import CodeBuffer, emit_u8
from cython.cimports.wasmine.jit.backend.emit import (
    ALWAYS,
    STUB_ASK,
    STUB_LIMIT,
    STUB_POLL,
    Emit,
    EmitterOf,
    Stub,
    adapter,
    emit_function,
    high_half,
    location_of,
    low_half,
    note_call,
)
from cython.cimports.wasmine.jit.backend.machine import MachFunc, MachInst
from cython.cimports.wasmine.jit.backend.offsets import offset
from cython.cimports.wasmine.jit.backend.target import Links
from cython.cimports.wasmine.jit.codemap import Notes
from cython.cimports.wasmine.jit.x64 import ops as x
from cython.cimports.wasmine.jit.x64.allocate import emit_allocation, emit_slow_stub
from cython.cimports.wasmine.jit.x64.assembler import RBP, RSP, emit_ret
from cython.cimports.wasmine.jit.x64.callsites import call_funcref, call_helper, call_native
from cython.cimports.wasmine.jit.x64.casts import emit_is_instance
from cython.cimports.wasmine.jit.x64.cold import (
    compare_limit,
    emit_call_stub,
    emit_fuel,
    emit_trap_if,
    emit_trap_stub,
    emit_way_out,
    new_stub,
    trap_on,
)
from cython.cimports.wasmine.jit.x64.constants import (
    emit_const_float,
    emit_constant,
    emit_data,
    emit_with_vector,
)
from cython.cimports.wasmine.jit.x64.convention import INSTANCE, SCRATCH
from cython.cimports.wasmine.jit.x64.encode import emit_const, emit_rr
from cython.cimports.wasmine.jit.x64.flags import flags_are_set
from cython.cimports.wasmine.jit.x64.jumps import emit_branch, emit_jump, emit_jump_table, patch
from cython.cimports.wasmine.jit.x64.lower import CC_B, CC_E
from cython.cimports.wasmine.jit.x64.operands import (
    emit_mem,
    emit_one_move,
    emit_plain,
    operand_reg,
)
from cython.cimports.wasmine.jit.x64.sequences import emit_sequence
from cython.cimports.wasmine.jit.x64.tails import emit_tail_call, emit_tail_stub
from cython.cimports.wasmine.jit.x64.throws import emit_throw
from cython.cimports.wasmine.runtime.vm import Instance, VMContext

Emitting = cython.typedef(cython.pointer[Emit])
Made = cython.typedef(cython.pointer[cython.const[MachInst]])
Words = cython.typedef(cython.pointer[uint32_t])

PAGE = cython.declare(cython.const[uint32_t], 4096)


machine = cython.declare(EmitterOf)

# length -> nop of so many bytes, the first one lowest
nops = cython.declare(uint64_t[9])
nops[1] = 0x90
nops[2] = 0x9066
nops[3] = 0x1F0F
nops[4] = 0x401F0F
nops[5] = 0x441F0F
nops[6] = 0x441F0F66
nops[7] = 0x801F0F
nops[8] = 0x841F0F


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def emit_x64(
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
    """Of spill slots and outgoing area; a call finds the stack 16-aligned."""
    bytes: uint32_t = m.outgoing + 8 * m.n_slots
    if bytes == 0 and not m.has_calls:
        return 0
    return ((bytes + 7) & ~cython.cast(uint32_t, 15)) + 8


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def emit_prologue(e: Emitting) -> cython.void:
    """Function entries poll for free: who wants a poll raises the limit beyond every address."""
    inst: cython.pointer[Instance] = cython.NULL
    ctx: cython.pointer[VMContext] = cython.NULL
    start: uint32_t = e.code.size
    reg: uint32_t = RSP
    stub: cython.pointer[Stub]
    if e.frame == 0:
        return
    if e.frame >= PAGE:
        reg = RBP
        emit_mem(e, x.X_LEA64, RBP, RSP, -cython.cast(int32_t, e.frame))
    emit_mem(e, x.X_MOV64, SCRATCH, INSTANCE, offset(cython.address(inst.ctx)))
    emit_mem(e, x.X_CMP64, reg, SCRATCH, offset(cython.address(ctx.native_limit)))
    stub = new_stub(e, STUB_LIMIT, CC_B)
    if stub != cython.NULL:
        stub.back = start
    emit_rr(e.code, x.X_SUB64_IMM, 0, RSP, e.frame)


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def emit_inst(e: Emitting, inst: Made) -> cython.void:
    op: uint32_t = inst.op
    if (op == x.X_TEST32 or op == x.X_TEST64) and flags_are_set(e, inst):
        pass
    elif op >> 16 & 15 != x.FORM_PSEUDO:
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
    elif op == x.P_WITH_POOL:
        emit_with_vector(
            e,
            inst.aux,
            operand_reg(e, inst, 0),
            operand_reg(e, inst, 1) if inst.n_operands > 1 else 0,
            inst.imm,
            0,
            0,
        )
    elif op == x.P_WITH_VECTOR:
        emit_with_vector(
            e,
            cython.cast(uint32_t, inst.imm),
            operand_reg(e, inst, 0),
            operand_reg(e, inst, 1) if inst.n_operands > 1 else 0,
            low_half(e, inst),
            high_half(e, inst),
            inst.disp,
        )
    elif op == p.P_JUMP:
        emit_jump(e, ALWAYS, inst.label)
    elif op == p.P_JUMP_IF:
        emit_branch(e, inst)
    elif op == p.P_JUMP_TABLE:
        emit_jump_table(e, inst)
    elif op == p.P_TRAP:
        trap_on(e, ALWAYS, cython.cast(uint32_t, inst.imm))
    elif op == p.P_TRAP_IF:
        emit_trap_if(e, inst)
    elif op == p.P_RETURN:
        if e.frame != 0:
            emit_rr(e.code, x.X_ADD64_IMM, 0, RSP, e.frame)
        emit_ret(e.code)
    elif op == p.P_FUEL:
        emit_fuel(e, inst)
    elif op == p.P_POLL:
        compare_limit(e)
        new_stub(e, STUB_POLL, CC_B)
    elif op == p.P_POLL_COUNTED:
        new_stub(e, STUB_ASK, CC_E)
    elif op == p.P_CALL_NATIVE:
        call_native(e, inst)
    elif op == p.P_CALL_IMPORT:
        emit_const(e.code, SCRATCH, adapter(e, inst.aux))
        emit_rr(e.code, x.X_CALL, 0, SCRATCH, 0)
        note_call(e)
    elif op == p.P_CALL_FUNCREF:
        call_funcref(e, inst)
    elif op == p.P_THROW:
        emit_throw(e, inst)
    elif op == p.P_CALL_HELPER:
        call_helper(e, inst)
    elif op == p.P_IS_INSTANCE:
        emit_is_instance(e, inst)
    elif not (emit_sequence(e, inst) or emit_allocation(e, inst) or emit_tail_call(e, inst)):
        e.failed = 1


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def emit_fill(e: Emitting, n: uint32_t) -> cython.void:
    """With few instructions that do nothing: of eleven bytes but for the last one."""
    length: uint32_t
    k: uint32_t
    while n > 0:
        length = min(n, 11)
        n -= length
        while length > 8:
            emit_u8(e.code, 0x66)
            length -= 1
        for k in range(length):
            emit_u8(e.code, nops[length] >> 8 * k & 0xFF)


machine.frame_size = frame_size
machine.prologue = emit_prologue
machine.inst = emit_inst
machine.move = emit_one_move
machine.patch = patch
machine.fill = emit_fill
machine.trap_stub = emit_trap_stub
machine.way_out = emit_way_out
machine.slow_stub = emit_slow_stub
machine.tail_stub = emit_tail_stub
machine.call_stub = emit_call_stub
machine.data = emit_data
