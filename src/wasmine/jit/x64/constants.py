"""Constants: made in a register, or kept behind the code."""

import cython
from cython.cimports.libc.stdint import int64_t, uint32_t, uint64_t
from cython.cimports.wasmine.jit.backend.codebuffer import emit_align, emit_u32
from cython.cimports.wasmine.jit.backend.emit import (
    Emit,
    add_load,
    constant_bits,
    constant_of,
    emit_constants,
    goes_to,
    high_half,
    low_half,
)
from cython.cimports.wasmine.jit.backend.machine import VT_F32, VT_V128, MachInst
from cython.cimports.wasmine.jit.x64 import ops as x
from cython.cimports.wasmine.jit.x64.assembler import INT3
from cython.cimports.wasmine.jit.x64.encode import NO_REG, RIP, Address, emit_const, emit_rr, emit_vex_rmem
from cython.cimports.wasmine.jit.x64.flags import flags_live
from cython.cimports.wasmine.jit.x64.jumps import patch
from cython.cimports.wasmine.jit.x64.operands import operand_reg, put_rmem, put_rr

Emitting = cython.typedef(cython.pointer[Emit])
Made = cython.typedef(cython.pointer[cython.const[MachInst]])
Words = cython.typedef(cython.pointer[uint32_t])


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def emit_constant(e: Emitting, inst: Made) -> cython.void:
    reg: uint32_t = operand_reg(e, inst, 0)
    if constant_bits(inst) == 0 and not flags_live(e, cython.cast(uint32_t, inst - e.m.insts)):
        emit_rr(e.code, x.X_XOR32, reg, reg, 0)
    else:
        emit_const(e.code, reg, constant_bits(inst))


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def emit_const_float(e: Emitting, inst: Made) -> cython.void:
    reg: uint32_t = operand_reg(e, inst, 0)
    low: uint64_t
    high: uint64_t
    if inst.scale == VT_V128:
        low = low_half(e, inst)
        high = high_half(e, inst)
        if low == 0 and high == 0:
            put_rr(e, x.X_XORPS, reg, reg, 0)
        elif ~low == 0 and ~high == 0:
            put_rr(e, x.X_PCMPEQD, reg, reg, 0)
        else:
            emit_with_pool(e, x.X_MOVAPS, reg, low, high)
    elif inst.imm == 0:
        put_rr(e, x.X_XORPS, reg, reg, 0)
    else:
        emit_with_pool(e, x.X_MOVSS if inst.scale == VT_F32 else x.X_MOVSD, reg, inst.imm, 0)


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def emit_with_pool(e: Emitting, op: uint32_t, reg: uint32_t, low: uint64_t, high: uint64_t) -> cython.void:
    emit_with_vector(e, op, reg, 0, low, high, 0)


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def emit_with_vector(
    e: Emitting, op: uint32_t, reg: uint32_t, second: uint32_t, low: uint64_t, high: uint64_t, imm: int64_t
) -> cython.void:
    """An instruction whose r/m is a constant of 16 bytes."""
    constant: uint32_t = constant_of(e, low, high)
    tail: uint32_t = op >> 16 & 15 == x.FORM_RMI8
    address = cython.declare(Address)
    if e.failed:
        return
    address.base = RIP
    address.index = NO_REG
    address.scale = 0
    address.disp = 0
    if op & x.VEX:
        emit_vex_rmem(e.code, op, reg, second, cython.address(address), imm)
    else:
        put_rmem(e, op, reg, cython.address(address), imm)
    add_load(e, e.code.size - 4 - tail, constant, tail)


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def emit_data(e: Emitting) -> cython.void:
    i: uint32_t
    k: uint32_t
    start: uint32_t
    inst: cython.pointer[MachInst]
    emit_align(e.code, 16, INT3)
    start = emit_constants(e)
    for i in range(e.n_loads):
        patch(e, e.loads[i].at, start + 16 * e.loads[i].target - e.loads[i].tail)
    for i in range(e.n_tables):
        inst = e.m.insts + e.tables[i].target
        start = e.code.size
        patch(e, e.tables[i].at, start)
        for k in range(cython.cast(uint32_t, inst.imm) - 1):
            emit_u32(e.code, e.offsets[goes_to(e, e.m.pool[inst.aux + k])] - start)
