"""Operands: registers, slots, memory; the instructions that are made of them alone, and moves of values."""

import cython
from cython.cimports.libc.stdint import int32_t, int64_t, uint32_t
from cython.cimports.wasmine.jit.backend.accesses import access_of_value
from cython.cimports.wasmine.jit.backend.emit import Emit, location_of, slot_disp
from cython.cimports.wasmine.jit.backend.machine import (
    AREA_INCOMING,
    AREA_NONE,
    FLOAT_REGS,
    IN_SLOT,
    ROLE_BASE,
    ROLE_INDEX,
    ROLE_MASK,
    ROLE_REG,
    ROLE_RM,
    ROLE_SECOND,
    SLOT,
    VT_F32,
    VT_I32,
    VT_V128,
    MachInst,
    Operand,
)
from cython.cimports.wasmine.jit.x64 import ops as x
from cython.cimports.wasmine.jit.x64.accesses import ACCESSES
from cython.cimports.wasmine.jit.x64.assembler import RSP
from cython.cimports.wasmine.jit.x64.convention import SCRATCH
from cython.cimports.wasmine.jit.x64.encode import (
    NO_REG,
    Address,
    emit_rmem,
    emit_rr,
    emit_vex_rmem,
    emit_vex_rr,
)
from cython.cimports.wasmine.jit.x64.lower import CC_NE, CC_NE_F, CC_P, CPU_AVX

Emitting = cython.typedef(cython.pointer[Emit])
Made = cython.typedef(cython.pointer[cython.const[MachInst]])


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def emit_mem(e: Emitting, op: uint32_t, reg: uint32_t, base: uint32_t, disp: int32_t) -> cython.void:
    address = cython.declare(Address)
    address.base = base
    address.index = NO_REG
    address.scale = 0
    address.disp = disp
    put_rmem(e, op, reg, cython.address(address), 0)


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def emit_mem_imm(e: Emitting, op: uint32_t, base: uint32_t, disp: int32_t, imm: int64_t) -> cython.void:
    address = cython.declare(Address)
    address.base = base
    address.index = NO_REG
    address.scale = 0
    address.disp = disp
    emit_rmem(e.code, op, 0, cython.address(address), imm)


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def emit_scaled(
    e: Emitting, op: uint32_t, reg: uint32_t, base: uint32_t, index: uint32_t, scale: uint32_t, disp: int32_t
) -> cython.void:
    address = cython.declare(Address)
    address.base = base
    address.index = index
    address.scale = scale
    address.disp = disp
    emit_rmem(e.code, op, reg, cython.address(address), 0)


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def operand_reg(e: Emitting, inst: Made, k: uint32_t) -> uint32_t:
    return e.m.operands[inst.operands + k].preg & 15


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def emit_with_rm(
    e: Emitting, op: uint32_t, reg: uint32_t, inst: Made, k: uint32_t, imm: int64_t
) -> cython.void:
    location: uint32_t = location_of(e, inst, k)
    address = cython.declare(Address)
    if location < SLOT:
        emit_rr(e.code, op, reg, location & 15, imm)
        return
    address.base = RSP
    address.index = NO_REG
    address.scale = 0
    address.disp = slot_disp(e, location)
    emit_rmem(e.code, op, reg, cython.address(address), imm)


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def emit_plain(e: Emitting, inst: Made) -> cython.void:
    """An instruction of the machine: its operands have the roles that its form wants."""
    op: uint32_t = inst.op
    reg: uint32_t = 0
    rm: uint32_t = NO_REG
    second: uint32_t = 0
    imm: int64_t = inst.imm
    k: uint32_t
    address = cython.declare(Address)
    operand: cython.pointer[Operand]
    address.base = address.index = NO_REG
    address.scale = inst.scale
    address.disp = inst.disp
    if inst.area != AREA_NONE:
        address.base = RSP
        if inst.area == AREA_INCOMING:
            address.disp += cython.cast(int32_t, e.frame + 8)
    for k in range(inst.n_operands):
        operand = e.m.operands + inst.operands + k
        if operand.role == ROLE_REG:
            reg = operand.preg & 15
        elif operand.role == ROLE_BASE:
            address.base = operand.preg
        elif operand.role == ROLE_INDEX:
            address.index = operand.preg
        elif operand.role == ROLE_SECOND:
            second = operand.preg & 15
        elif operand.role == ROLE_MASK:
            imm = (operand.preg & 15) << 4
        elif operand.role == ROLE_RM and operand.preg == IN_SLOT:
            address.base = RSP
            address.disp = slot_disp(e, location_of(e, inst, k))
        elif operand.role == ROLE_RM:
            rm = operand.preg & 15
    if op == x.X_CMOV32 or op == x.X_CMOV64:
        if inst.cond == CC_NE_F:
            emit_either(e, op + CC_P, reg, rm, cython.address(address))
        op += CC_NE if inst.cond == CC_NE_F else inst.cond
    if op & x.VEX and rm != NO_REG:
        emit_vex_rr(e.code, op, reg, second, rm, imm)
    elif op & x.VEX:
        emit_vex_rmem(e.code, op, reg, second, cython.address(address), imm)
    elif rm != NO_REG:
        put_rr(e, op, reg, rm, imm)
    else:
        put_rmem(e, op, reg, cython.address(address), imm)


@cython.cfunc
@cython.inline
@cython.nogil
@cython.exceptval(check=False)
def is_put_in_vex(e: Emitting, op: uint32_t) -> cython.bint:
    """Legacy instructions keep, and wait for, what is above in the register."""
    return e.links.features & CPU_AVX and op >> 25 & 3 != 0 and op & x.VEX == 0


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def put_rr(e: Emitting, op: uint32_t, reg: uint32_t, rm: uint32_t, imm: int64_t) -> cython.void:
    """Where VEX names one register more, that is the one whose value the legacy instruction changes."""
    second: uint32_t = 0
    if not is_put_in_vex(e, op):
        emit_rr(e.code, op, reg, rm, imm)
        return
    if op >> 25 & 3 == 2:
        second = rm if op >> 16 & 15 == x.FORM_MI8 else reg
    emit_vex_rr(e.code, op | x.VEX, reg, second, rm, imm)


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def put_rmem(
    e: Emitting, op: uint32_t, reg: uint32_t, address: cython.pointer[Address], imm: int64_t
) -> cython.void:
    """The same with an operand in memory; a scalar that is loaded changes no register, but sets it."""
    second: uint32_t = 0
    if not is_put_in_vex(e, op):
        emit_rmem(e.code, op, reg, address, imm)
        return
    if op >> 25 & 3 == 2 and op != x.X_MOVSS and op != x.X_MOVSD:
        second = reg
    emit_vex_rmem(e.code, op | x.VEX, reg, second, address, imm)


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def emit_either(
    e: Emitting, op: uint32_t, reg: uint32_t, rm: uint32_t, address: cython.pointer[Address]
) -> cython.void:
    if rm != NO_REG:
        emit_rr(e.code, op, reg, rm, 0)
    else:
        emit_rmem(e.code, op, reg, address, 0)


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
        if type == VT_I32:
            emit_rr(e.code, x.X_MOV32, dst, src, 0)
        elif type < VT_F32:
            emit_rr(e.code, x.X_MOV64, dst, src, 0)
        else:
            put_rr(e, x.X_MOVAPS, dst - FLOAT_REGS, src - FLOAT_REGS, 0)
    elif src < SLOT:
        emit_mem(e, ACCESSES.store[access_of_value(type)], src & 15, RSP, slot_disp(e, dst))
    elif dst < SLOT:
        emit_mem(e, ACCESSES.load[access_of_value(type)], dst & 15, RSP, slot_disp(e, src))
    elif type == VT_V128 or no_scratch:
        copy_on_stack(e, slot_disp(e, src), slot_disp(e, dst))
        if type == VT_V128:
            copy_on_stack(e, slot_disp(e, src) + 8, slot_disp(e, dst) + 8)
    else:
        emit_mem(e, x.X_MOV64, SCRATCH, RSP, slot_disp(e, src))
        emit_mem(e, x.X_STORE64, SCRATCH, RSP, slot_disp(e, dst))


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def copy_on_stack(e: Emitting, src: int32_t, dst: int32_t) -> cython.void:
    """Without a register. pop counts from the stack pointer that it leaves."""
    emit_mem(e, x.X_PUSH, 0, RSP, src)
    emit_mem(e, x.X_POP, 0, RSP, dst)
