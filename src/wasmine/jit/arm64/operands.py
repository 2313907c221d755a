"""Operands: registers, slots, memory; the instructions that are made of them alone, and moves of values."""

import cython
from cython.cimports.libc.stdint import int32_t, int64_t, uint32_t
from cython.cimports.wasmine.jit.arm64 import ops as a
from cython.cimports.wasmine.jit.arm64.accesses import ACCESSES
from cython.cimports.wasmine.jit.arm64.assembler import LR, SP
from cython.cimports.wasmine.jit.arm64.convention import SCRATCH2
from cython.cimports.wasmine.jit.arm64.encode import (
    EXTEND_LSL,
    emit_const,
    emit_dn,
    emit_dnm,
    emit_indexed,
    emit_mem,
    emit_op,
    emit_pair,
    fits_offset,
)
from cython.cimports.wasmine.jit.arm64.operands import INDEX_SCALED
from cython.cimports.wasmine.jit.backend.accesses import access_of_value
from cython.cimports.wasmine.jit.backend.emit import Emit, slot_disp
from cython.cimports.wasmine.jit.backend.machine import (
    AREA_INCOMING,
    AREA_NONE,
    ROLE_BASE,
    ROLE_INDEX,
    ROLE_MASK,
    ROLE_REG,
    ROLE_RM,
    ROLE_SECOND,
    SLOT,
    VT_F32,
    VT_F64,
    VT_I32,
    VT_V128,
    MachInst,
    Move,
    Operand,
)

Emitting = cython.typedef(cython.pointer[Emit])
Made = cython.typedef(cython.pointer[cython.const[MachInst]])
Step = cython.typedef(cython.pointer[cython.const[Move]])

FORM = cython.declare(cython.const[uint32_t], 0x3F)
NO_REG = cython.declare(cython.const[uint32_t], 0xFF)
LINK_BYTES = cython.declare(cython.const[int32_t], 16)  # of the return address on the stack


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def operand_reg(e: Emitting, inst: Made, k: uint32_t) -> uint32_t:
    return e.m.operands[inst.operands + k].preg


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def emit_at_sp(e: Emitting, op: uint32_t, reg: uint32_t, disp: int32_t) -> cython.void:
    """Code with a frame has its return address on the stack: x30 is free."""
    if fits_offset(op, disp):
        emit_mem(e.code, op, reg, SP, disp)
    else:
        emit_const(e.code, LR, disp)
        emit_indexed(e.code, op, reg, SP, LR, EXTEND_LSL, False)


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def emit_plain(e: Emitting, inst: Made) -> cython.void:
    """An instruction of the machine: its operands have the roles that its form wants."""
    op: uint32_t = inst.op
    form: uint32_t = op & FORM
    d: uint32_t = 0
    n: uint32_t = 0
    m: uint32_t = 0
    third: uint32_t = 0
    index: uint32_t = NO_REG
    imm: int64_t = inst.imm
    k: uint32_t
    operand: cython.pointer[Operand]
    for k in range(inst.n_operands):
        operand = e.m.operands + inst.operands + k
        if operand.role == ROLE_REG:
            d = operand.preg
        elif operand.role == ROLE_SECOND or operand.role == ROLE_BASE:
            n = operand.preg
        elif operand.role == ROLE_RM:
            m = operand.preg
        elif operand.role == ROLE_MASK:
            third = operand.preg
        elif operand.role == ROLE_INDEX:
            index = operand.preg
    if form != a.FORM_MEM:
        emit_op(e.code, op, d, n, m, third, imm)
    elif inst.area == AREA_INCOMING:
        emit_at_sp(e, op, d, inst.disp + cython.cast(int32_t, e.frame) + (LINK_BYTES if e.frame else 0))
    elif inst.area != AREA_NONE:
        emit_at_sp(e, op, d, inst.disp)
    elif index != NO_REG:
        emit_indexed(e.code, op, d, n, index, inst.scale & 7, inst.scale & INDEX_SCALED != 0)
    else:
        emit_mem(e.code, op, d, n, inst.disp)


# --- moves


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def emit_one_move(
    e: Emitting, src: uint32_t, dst: uint32_t, type: uint32_t, no_scratch: uint32_t
) -> cython.void:
    """Between registers and slots. An i32 in a slot has its upper half, which is zero, there too."""
    if src == dst:
        return
    if src < SLOT and dst < SLOT:
        if type < VT_F32:
            emit_dnm(e.code, a.A_MOV32 if type == VT_I32 else a.A_MOV64, dst, 0, src)
        elif type == VT_V128:
            emit_dnm(e.code, a.A_ORR_16B, dst, src, src)
        else:
            emit_dn(e.code, a.A_FMOV_D, dst, src)
    elif src < SLOT:
        emit_at_sp(e, ACCESSES.store[access_of_value(type)], src, slot_disp(e, dst))
    elif dst < SLOT:
        emit_at_sp(e, ACCESSES.load[access_of_value(type)], dst, slot_disp(e, src))
    else:
        copy_on_stack(e, slot_disp(e, src), slot_disp(e, dst))
        if type == VT_V128:
            copy_on_stack(e, slot_disp(e, src) + 8, slot_disp(e, dst) + 8)


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def copy_on_stack(e: Emitting, src: int32_t, dst: int32_t) -> cython.void:
    """By the scratch register that no cycle of moves uses."""
    emit_at_sp(e, a.A_LDR64, SCRATCH2, src)
    emit_at_sp(e, a.A_STR64, SCRATCH2, dst)


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def emit_two_moves(e: Emitting, one: Step, other: Step) -> cython.bint:
    store: cython.bint = one.src < SLOT
    slot: uint32_t = one.dst if store else one.src
    next: uint32_t = other.dst if store else other.src
    op: uint32_t = pair_op(one.type, other.type, store)
    slots: uint32_t = 2 if one.type == VT_V128 else 1
    if op == 0 or slot < SLOT or next < SLOT or (other.src if store else other.dst) >= SLOT:
        return False
    if not store and (one.dst >= SLOT or one.dst == other.dst):
        return False
    if slot == next + slots:
        one, other = other, one
        slot, next = next, slot
    if next != slot + slots or not fits_offset(op, slot_disp(e, slot)):
        return False
    emit_pair(
        e.code,
        op,
        one.src if store else one.dst,
        other.src if store else other.dst,
        SP,
        slot_disp(e, slot),
    )
    return True


@cython.cfunc
@cython.inline
@cython.nogil
@cython.exceptval(check=False)
def pair_op(one: uint32_t, other: uint32_t, store: cython.bint) -> uint32_t:
    """For two values of types VT_*, or 0. An f32 has four bytes of its slot."""
    if one < VT_F32 and other < VT_F32:
        return a.A_STP64 if store else a.A_LDP64
    elif one == VT_F64 and other == VT_F64:
        return a.A_STP_D if store else a.A_LDP_D
    elif one == VT_V128 and other == VT_V128:
        return a.A_STP_Q if store else a.A_LDP_Q
    return 0
