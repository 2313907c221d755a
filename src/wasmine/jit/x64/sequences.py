"""Pseudo instructions that become several instructions of the machine.

They may use the scratch registers, and write their result only where it cannot be an operand that is read
later: instruction selection says which operands share no register.
"""

import cython
from cython.cimports.libc.stdint import uint32_t, uint64_t
from cython.cimports.wasmine.jit.backend import pseudo as p
from cython.cimports.wasmine.jit.backend.accesses import ACCESS_8
from cython.cimports.wasmine.jit.backend.codebuffer import emit_u8
from cython.cimports.wasmine.jit.backend.emit import ALWAYS, Emit
from cython.cimports.wasmine.jit.backend.machine import ROLE_BASE, ROLE_INDEX, MachInst
from cython.cimports.wasmine.jit.x64 import ops as x
from cython.cimports.wasmine.jit.x64.accesses import ACCESSES
from cython.cimports.wasmine.jit.x64.assembler import RAX, RDX, RSP
from cython.cimports.wasmine.jit.x64.atomics import op_of_size
from cython.cimports.wasmine.jit.x64.cold import trap_on
from cython.cimports.wasmine.jit.x64.constants import emit_with_pool
from cython.cimports.wasmine.jit.x64.convention import SCRATCH
from cython.cimports.wasmine.jit.x64.encode import NO_REG, WIDE, Address, emit_const, emit_rmem, emit_rr
from cython.cimports.wasmine.jit.x64.floats import TRUNC_64, TRUNC_F64, TRUNC_SAT, TRUNC_SIGNED
from cython.cimports.wasmine.jit.x64.jumps import jump_short, land
from cython.cimports.wasmine.jit.x64.lower import (
    CC_A,
    CC_AE,
    CC_B,
    CC_E,
    CC_EQ_F,
    CC_NE,
    CC_NE_F,
    CC_NS,
    CC_O,
    CC_P,
    CC_S,
)
from cython.cimports.wasmine.jit.x64.operands import emit_with_rm, operand_reg, put_rr
from cython.cimports.wasmine.spec.traps import TRAP_INTEGER_OVERFLOW, TRAP_INVALID_CONVERSION_TO_INTEGER

Emitting = cython.typedef(cython.pointer[Emit])
Made = cython.typedef(cython.pointer[cython.const[MachInst]])

DOUBLE = cython.declare(cython.const[uint32_t], 0x400)
FLOAT_SCRATCH_NUMBER = cython.declare(cython.const[uint32_t], 15)
TWO_63_F64 = cython.declare(cython.const[uint64_t], 0x43E0000000000000)
MINUS_TWO_63_F64 = cython.declare(cython.const[uint64_t], 0xC3E0000000000000)
TWO_63_F32 = cython.declare(cython.const[uint64_t], 0x5F000000)
MINUS_TWO_63_F32 = cython.declare(cython.const[uint64_t], 0xDF000000)
LOWEST = cython.declare(cython.const[uint64_t], 0x8000000000000000)


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def emit_sequence(e: Emitting, inst: Made) -> cython.bint:
    op: uint32_t = inst.op
    if op == x.P_SET:
        emit_set(e, operand_reg(e, inst, 0), inst.cond)
    elif op == x.P_SELECT_FLOAT:
        select_float(e, inst)
    elif op == x.P_FLOAT_MIN:
        extremum(e, inst, x.X_MINSS, x.X_ORPS)
    elif op == x.P_FLOAT_MAX:
        extremum(e, inst, x.X_MAXSS, x.X_ANDPS)
    elif op == x.P_CONVERT_U64:
        convert_u64(e, inst)
    elif op == x.P_TRUNCATE:
        if inst.imm & TRUNC_SAT:
            saturate(e, operand_reg(e, inst, 0), operand_reg(e, inst, 1), cython.cast(uint32_t, inst.imm))
        else:
            truncate(e, operand_reg(e, inst, 0), operand_reg(e, inst, 1), cython.cast(uint32_t, inst.imm))
    elif op == p.P_FENCE:
        # What a locked instruction orders, of which this is the cheapest; the stack's top stays as it is.
        emit_lock_or(e)
    elif op == x.P_ATOMIC_LOOP:
        atomic_loop(e, inst)
    elif op == x.P_DIV_S or op == x.P_DIV_U or op == x.P_REM_S:
        divide(e, inst)
    else:
        return False
    return True


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def emit_set(e: Emitting, dst: uint32_t, cc: uint32_t) -> cython.void:
    if cc == CC_EQ_F or cc == CC_NE_F:
        emit_rr(e.code, x.X_SETCC + (CC_E if cc == CC_EQ_F else CC_NE), 0, dst, 0)
        emit_rr(e.code, x.X_SETCC + (CC_P ^ 1 if cc == CC_EQ_F else CC_P), 0, SCRATCH, 0)
        emit_rr(e.code, x.X_AND32 if cc == CC_EQ_F else x.X_OR32, dst, SCRATCH, 0)
    else:
        emit_rr(e.code, x.X_SETCC + cc, 0, dst, 0)
    emit_rr(e.code, x.X_MOVZX8, dst, dst, 0)


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def select_float(e: Emitting, inst: Made) -> cython.void:
    dst: uint32_t = operand_reg(e, inst, 0)
    src: uint32_t = operand_reg(e, inst, 1)
    skip: uint32_t
    other: uint32_t
    if inst.cond == CC_EQ_F:
        skip = jump_short(e, CC_NE)
        other = jump_short(e, CC_P)
        put_rr(e, x.X_MOVAPS, dst, src, 0)
        land(e, other)
    elif inst.cond == CC_NE_F:
        other = jump_short(e, CC_NE)
        skip = jump_short(e, CC_P ^ 1)
        land(e, other)
        put_rr(e, x.X_MOVAPS, dst, src, 0)
    else:
        skip = jump_short(e, inst.cond ^ 1)
        put_rr(e, x.X_MOVAPS, dst, src, 0)
    land(e, skip)


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def extremum(e: Emitting, inst: Made, op: uint32_t, join: uint32_t) -> cython.void:
    """The machine's min and max take the second operand when both are zero, or one is NaN."""
    dst: uint32_t = operand_reg(e, inst, 0)
    src: uint32_t = operand_reg(e, inst, 1)
    size: uint32_t = DOUBLE if inst.scale else 0
    unordered: uint32_t
    different: uint32_t
    done: uint32_t
    put_rr(e, x.X_UCOMISD if inst.scale else x.X_UCOMISS, dst, src, 0)
    unordered = jump_short(e, CC_P)
    different = jump_short(e, CC_NE)
    put_rr(e, join, dst, src, 0)
    done = jump_short(e, ALWAYS)
    land(e, unordered)
    put_rr(e, x.X_ADDSS + size, dst, src, 0)
    unordered = jump_short(e, ALWAYS)
    land(e, different)
    put_rr(e, op + size, dst, src, 0)
    land(e, unordered)
    land(e, done)


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def convert_u64(e: Emitting, inst: Made) -> cython.void:
    """Above 2^63, half of the value is converted, its last bit sticking, and doubled."""
    dst: uint32_t = operand_reg(e, inst, 0)
    src: uint32_t = operand_reg(e, inst, 1)
    half: uint32_t = operand_reg(e, inst, 2)
    op: uint32_t = x.X_CVTSI2SD64 if inst.scale else x.X_CVTSI2SS64
    large: uint32_t
    done: uint32_t
    put_rr(e, x.X_TEST64, src, src, 0)
    large = jump_short(e, CC_S)
    put_rr(e, op, dst, src, 0)
    done = jump_short(e, ALWAYS)
    land(e, large)
    put_rr(e, x.X_MOV64, half, src, 0)
    put_rr(e, x.X_SHR64_IMM, 0, half, 1)
    put_rr(e, x.X_MOV64, SCRATCH, src, 0)
    put_rr(e, x.X_AND32_IMM, 0, SCRATCH, 1)
    put_rr(e, x.X_OR64, half, SCRATCH, 0)
    put_rr(e, op, dst, half, 0)
    put_rr(e, x.X_ADDSD if inst.scale else x.X_ADDSS, dst, dst, 0)
    land(e, done)


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def emit_lock_or(e: Emitting) -> cython.void:
    address = cython.declare(Address)
    address.base = RSP
    address.index = NO_REG
    address.scale = 0
    address.disp = 0
    emit_u8(e.code, 0xF0)
    emit_rmem(e.code, x.X_OR32_IMM, 0, cython.address(address), 0)


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def atomic_loop(e: Emitting, inst: Made) -> cython.void:
    """rax = what is there; until nothing has come between: there is rax combined with the value."""
    new: uint32_t = operand_reg(e, inst, 0)
    value: uint32_t = operand_reg(e, inst, 1)
    address = cython.declare(Address)
    start: uint32_t
    k: uint32_t
    address.index = NO_REG
    address.scale = 0
    address.disp = 0
    for k in range(inst.n_operands):
        if e.m.operands[inst.operands + k].role == ROLE_BASE:
            address.base = operand_reg(e, inst, k)
        elif e.m.operands[inst.operands + k].role == ROLE_INDEX:
            address.index = operand_reg(e, inst, k)
    emit_rmem(e.code, ACCESSES.load[ACCESS_8 + inst.aux], RAX, cython.address(address), 0)
    start = e.code.size
    emit_rr(e.code, x.X_MOV64, new, RAX, 0)
    emit_rr(e.code, cython.cast(uint32_t, inst.imm), new, value, 0)
    emit_rmem(e.code, op_of_size(x.X_CMPXCHG32, inst.aux), new, cython.address(address), 0)
    emit_u8(e.code, 0x70 + CC_NE)
    emit_u8(e.code, start - (e.code.size + 1) & 0xFF)


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def divide(e: Emitting, inst: Made) -> cython.void:
    """By operand 4; the smallest number divided by -1 would stop the machine, its remainder is 0."""
    wide: uint32_t = WIDE if inst.scale else 0
    other: uint32_t
    done: uint32_t = 0
    if inst.op == x.P_DIV_U:
        emit_rr(e.code, x.X_XOR32, RDX, RDX, 0)
        emit_with_rm(e, x.X_DIV32 + wide, 0, inst, 4, 0)
        return
    if inst.op == x.P_REM_S:
        emit_with_rm(e, x.X_CMP32_IMM + wide, 0, inst, 4, -1)
        other = jump_short(e, CC_NE)
        emit_rr(e.code, x.X_XOR32, RDX, RDX, 0)
        done = jump_short(e, ALWAYS)
        land(e, other)
    if wide:
        emit_u8(e.code, 0x48)
    emit_u8(e.code, 0x99)
    emit_with_rm(e, x.X_IDIV32 + wide, 0, inst, 4, 0)
    if inst.op == x.P_REM_S:
        land(e, done)


# --- floats to integers


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def truncate(e: Emitting, dst: uint32_t, src: uint32_t, kind: uint32_t) -> cython.void:
    """Traps for NaN, and where the result does not fit."""
    double: cython.bint = kind & TRUNC_F64 != 0
    to64: uint32_t = x.X_CVTTSD2SI64 if double else x.X_CVTTSS2SI64
    compare: uint32_t = x.X_UCOMISD if double else x.X_UCOMISS
    fits: uint32_t
    large: uint32_t
    done: uint32_t
    if kind & TRUNC_64 == 0:
        # What does not fit in 64 bits gives the lowest number, which fails the comparison too.
        put_rr(e, to64, dst, src, 0)
        put_rr(e, x.X_MOVSXD if kind & TRUNC_SIGNED else x.X_MOV32, SCRATCH, dst, 0)
        put_rr(e, x.X_CMP64, SCRATCH, dst, 0)
        fits = jump_short(e, CC_E)
        put_rr(e, compare, src, src, 0)
        trap_on(e, CC_P, TRAP_INVALID_CONVERSION_TO_INTEGER)
        trap_on(e, ALWAYS, TRAP_INTEGER_OVERFLOW)
        land(e, fits)
        if kind & TRUNC_SIGNED:
            put_rr(e, x.X_MOV32, dst, dst, 0)
        return
    put_rr(e, compare, src, src, 0)
    trap_on(e, CC_P, TRAP_INVALID_CONVERSION_TO_INTEGER)
    if kind & TRUNC_SIGNED:
        put_rr(e, to64, dst, src, 0)
        put_rr(e, x.X_CMP64_IMM, 0, dst, 1)
        fits = jump_short(e, CC_O ^ 1)
        emit_with_pool(e, compare, src, MINUS_TWO_63_F64 if double else MINUS_TWO_63_F32, 0)
        trap_on(e, CC_NE, TRAP_INTEGER_OVERFLOW)
        land(e, fits)
        return
    emit_with_pool(e, compare, src, TWO_63_F64 if double else TWO_63_F32, 0)
    large = jump_short(e, CC_AE)
    put_rr(e, to64, dst, src, 0)
    put_rr(e, x.X_TEST64, dst, dst, 0)
    trap_on(e, CC_S, TRAP_INTEGER_OVERFLOW)
    done = jump_short(e, ALWAYS)
    land(e, large)
    truncate_large(e, dst, src, double)
    trap_on(e, CC_S, TRAP_INTEGER_OVERFLOW)
    flip_top(e, dst)
    land(e, done)


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def truncate_large(e: Emitting, dst: uint32_t, src: uint32_t, double: cython.bint) -> cython.void:
    """dst = src - 2^63, for src of at least that; the sign flag tells that it does not fit."""
    scratch: uint32_t = FLOAT_SCRATCH_NUMBER
    put_rr(e, x.X_MOVAPS, scratch, src, 0)
    emit_with_pool(e, x.X_SUBSD if double else x.X_SUBSS, scratch, TWO_63_F64 if double else TWO_63_F32, 0)
    put_rr(e, x.X_CVTTSD2SI64 if double else x.X_CVTTSS2SI64, dst, scratch, 0)
    put_rr(e, x.X_TEST64, dst, dst, 0)


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def flip_top(e: Emitting, dst: uint32_t) -> cython.void:
    emit_const(e.code, SCRATCH, LOWEST)
    emit_rr(e.code, x.X_XOR64, dst, SCRATCH, 0)


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def saturate(e: Emitting, dst: uint32_t, src: uint32_t, kind: uint32_t) -> cython.void:
    """NaN becomes 0; what does not fit, the nearest number that does."""
    double: cython.bint = kind & TRUNC_F64 != 0
    signed: cython.bint = kind & TRUNC_SIGNED != 0
    wide: cython.bint = kind & TRUNC_64 != 0
    to64: uint32_t = x.X_CVTTSD2SI64 if double else x.X_CVTTSS2SI64
    compare: uint32_t = x.X_UCOMISD if double else x.X_UCOMISS
    highest: uint64_t
    lowest: uint64_t = 0
    fits: uint32_t
    done: uint32_t
    other: uint32_t
    large: uint32_t = 0
    highest = ~cython.cast(uint64_t, 0) if wide else cython.cast(uint64_t, 0xFFFFFFFF)
    if signed:
        highest >>= 1
        lowest = LOWEST if wide else cython.cast(uint64_t, 0x80000000)
    put_rr(e, to64, dst, src, 0)
    if not wide:
        put_rr(e, x.X_MOVSXD if signed else x.X_MOV32, SCRATCH, dst, 0)
        put_rr(e, x.X_CMP64, SCRATCH, dst, 0)
        fits = jump_short(e, CC_E)
    elif signed:
        put_rr(e, x.X_CMP64_IMM, 0, dst, 1)
        fits = jump_short(e, CC_O ^ 1)
    else:
        put_rr(e, x.X_TEST64, dst, dst, 0)
        fits = jump_short(e, CC_NS)
        emit_with_pool(e, compare, src, TWO_63_F64 if double else TWO_63_F32, 0)
        other = jump_short(e, CC_B)
        truncate_large(e, dst, src, double)
        large = jump_short(e, CC_NS)
        land(e, other)
    # By the sign: the lowest, the highest, or 0. A NaN is neither above nor below.
    put_rr(e, x.X_XORPS, FLOAT_SCRATCH_NUMBER, FLOAT_SCRATCH_NUMBER, 0)
    emit_const(e.code, dst, highest)
    put_rr(e, compare, src, FLOAT_SCRATCH_NUMBER, 0)
    done = jump_short(e, CC_A)
    emit_const(e.code, dst, lowest)
    other = jump_short(e, CC_P ^ 1)
    emit_const(e.code, dst, 0)
    land(e, other)
    land(e, done)
    if large:
        done = jump_short(e, ALWAYS)
        land(e, large)
        flip_top(e, dst)
        land(e, done)
    land(e, fits)
    if not wide:
        put_rr(e, x.X_MOV32, dst, dst, 0)
