"""Jumps between blocks: distances and how far they reach, and tables of them."""

import cython
from cython.cimports.libc.stdint import int32_t, uint32_t
from cython.cimports.libc.string import memcpy
from cython.cimports.wasmine.jit.arm64 import ops as a
from cython.cimports.wasmine.jit.arm64.assembler import COND_HS
from cython.cimports.wasmine.jit.arm64.convention import SCRATCH, SCRATCH2
from cython.cimports.wasmine.jit.arm64.encode import (
    EXTEND_UXTW,
    emit_const,
    emit_dn,
    emit_dni,
    emit_dnm,
    emit_indexed,
    emit_op,
    fits_branch,
    fits_imm,
    set_distance,
)
from cython.cimports.wasmine.jit.arm64.operands import operand_reg
from cython.cimports.wasmine.jit.backend.codebuffer import emit_u32
from cython.cimports.wasmine.jit.backend.emit import UNPLACED, Emit, Fixup, add_jump, goes_to, room
from cython.cimports.wasmine.jit.backend.machine import MachInst

Emitting = cython.typedef(cython.pointer[Emit])
Made = cython.typedef(cython.pointer[cython.const[MachInst]])

FORM = cython.declare(cython.const[uint32_t], 0x3F)
# What cbz and cbnz, tbz and tbnz differ by.
NEGATED = cython.declare(cython.const[uint32_t], 0x01000000)


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def start_branch(e: Emitting, op: uint32_t, reg: uint32_t, bit: uint32_t) -> uint32_t:
    """Emit.far: 0 when all branches reach, 1 when those on a bit do not, 2 when only `b` does."""
    form: uint32_t = op & FORM
    if (form == a.FORM_DM_BRANCH and e.far >= 1) or (form == a.FORM_D_BRANCH and e.far >= 2):
        put_branch(e, negated(op), reg ^ 1 if op == a.A_B_IF else reg, bit, 8)
        op = a.A_B
    put_branch(e, op, reg, bit, 0)
    return e.code.size - 4


@cython.cfunc
@cython.inline
@cython.nogil
@cython.exceptval(check=False)
def put_branch(e: Emitting, op: uint32_t, reg: uint32_t, bit: uint32_t, distance: int32_t) -> cython.void:
    emit_op(e.code, op, reg, 0, bit, 0, distance)


@cython.cfunc
@cython.inline
@cython.nogil
@cython.exceptval(check=False)
def negated(op: uint32_t) -> uint32_t:
    """The op of the opposite branch; of one on a condition, the condition is to be turned."""
    return op if op == a.A_B_IF else op ^ NEGATED


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def patch(e: Emitting, at: uint32_t, target: uint32_t) -> cython.void:
    word: uint32_t = 0
    distance: int32_t = cython.cast(int32_t, target - at)
    op: uint32_t = a.A_CBZ32
    if e.code.failed:
        return
    memcpy(cython.address(word), e.code.bytes + at, 4)
    if word >> 26 & 0x1F == 5:
        op = a.A_B
    elif word >> 25 & 0x3F == 0x1B:
        op = a.A_TBZ
    if fits_branch(op, distance):
        set_distance(e.code.bytes + at, distance)
    else:
        e.out_of_reach = 1


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def emit_jump(e: Emitting, target: uint32_t) -> cython.void:
    target = goes_to(e, target)
    if target != e.next:
        add_jump(e, start_branch(e, a.A_B, 0, 0), target)


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def emit_branch(
    e: Emitting, op: uint32_t, reg: uint32_t, bit: uint32_t, yes: uint32_t, no: uint32_t
) -> cython.void:
    if goes_to(e, yes) == e.next:
        op = negated(op)
        reg = reg ^ 1 if op == a.A_B_IF else reg
        yes, no = no, yes
    add_jump(e, start_branch(e, op, reg, bit), goes_to(e, yes))
    emit_jump(e, no)


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def emit_jump_table(e: Emitting, inst: Made) -> cython.void:
    """Distances of 32 bits from the table, which follows; the last label is for every other index."""
    index: uint32_t = operand_reg(e, inst, 0)
    temp: uint32_t = operand_reg(e, inst, 1)
    n: uint32_t = cython.cast(uint32_t, inst.imm) - 1
    k: uint32_t
    if fits_imm(n):
        emit_dni(e.code, a.A_CMP_IMM32, 0, index, n)
    else:
        emit_const(e.code, SCRATCH, n)
        emit_dnm(e.code, a.A_CMP32, 0, index, SCRATCH)
    add_jump(e, start_branch(e, a.A_B_IF, COND_HS, 0), goes_to(e, e.m.pool[inst.aux + n]))
    emit_dni(e.code, a.A_ADR, SCRATCH2, 0, 16)
    emit_indexed(e.code, a.A_LDRSW, temp, SCRATCH2, index, EXTEND_UXTW, True)
    emit_dnm(e.code, a.A_ADD64, temp, SCRATCH2, temp)
    emit_dn(e.code, a.A_BR, 0, temp)
    e.tables = cython.cast(
        cython.pointer[Fixup],
        room(e, e.tables, e.n_tables, cython.address(e.max_tables), cython.sizeof(Fixup)),
    )
    if e.failed:
        return
    e.tables[e.n_tables].at = e.code.size
    e.tables[e.n_tables].target = cython.cast(uint32_t, inst - e.m.insts)
    e.n_tables += 1
    for k in range(n):
        emit_u32(e.code, UNPLACED)


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def jump_back(e: Emitting, target: uint32_t) -> cython.void:
    patch(e, start_branch(e, a.A_B, 0, 0), target)
