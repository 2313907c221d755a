"""Constants: made in a register, or kept behind the code."""

import cython
from cython.cimports.libc.stdint import uint32_t, uint64_t
from cython.cimports.libc.string import memcpy
from cython.cimports.wasmine.jit.arm64 import ops as a
from cython.cimports.wasmine.jit.arm64.assembler import BRK
from cython.cimports.wasmine.jit.arm64.convention import SCRATCH
from cython.cimports.wasmine.jit.arm64.encode import (
    NO_FLOAT8,
    NO_VECTOR_IMM,
    emit_const,
    emit_dn,
    emit_dni,
    float8,
    vector_imm,
)
from cython.cimports.wasmine.jit.arm64.jumps import patch
from cython.cimports.wasmine.jit.arm64.operands import operand_reg
from cython.cimports.wasmine.jit.backend.codebuffer import emit_u32
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

Emitting = cython.typedef(cython.pointer[Emit])
Made = cython.typedef(cython.pointer[cython.const[MachInst]])


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def emit_constant(e: Emitting, inst: Made) -> cython.void:
    emit_const(e.code, operand_reg(e, inst, 0), constant_bits(inst))


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def emit_const_float(e: Emitting, inst: Made) -> cython.void:
    reg: uint32_t = operand_reg(e, inst, 0)
    bits: uint64_t = constant_bits(inst)
    small: uint32_t
    if inst.scale == VT_V128:
        emit_const_vector(e, reg, low_half(e, inst), high_half(e, inst))
        return
    if inst.scale == VT_F32:
        bits &= cython.cast(uint64_t, 0xFFFFFFFF)
    small = float8(bits, inst.scale != VT_F32)
    if bits == 0:
        emit_dni(e.code, a.A_MOVI, reg, 0, vector_imm(0, 0))
    elif small != NO_FLOAT8:
        emit_dni(e.code, a.A_FMOV_IMM_S if inst.scale == VT_F32 else a.A_FMOV_IMM_D, reg, 0, small)
    elif inst.scale == VT_F32:
        emit_const(e.code, SCRATCH, bits)
        emit_dn(e.code, a.A_FMOV_S_W, reg, SCRATCH)
    else:
        emit_near(e, a.A_LDR_NEAR_D, reg, bits, 0)


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def emit_const_vector(e: Emitting, reg: uint32_t, low: uint64_t, high: uint64_t) -> cython.void:
    imm: uint32_t = vector_imm(low, high)
    if imm != NO_VECTOR_IMM:
        emit_dni(e.code, a.A_MOVI, reg, 0, imm)
    else:
        emit_near(e, a.A_LDR_NEAR_Q, reg, low, high)


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def emit_near(e: Emitting, op: uint32_t, reg: uint32_t, low: uint64_t, high: uint64_t) -> cython.void:
    """A load from behind the code; in code that is too large for that, from behind the load."""
    if e.far >= 2:
        emit_dni(e.code, op, reg, 0, 8)
        emit_dni(e.code, a.A_B, 0, 0, 20)
        emit_u32(e.code, cython.cast(uint32_t, low))
        emit_u32(e.code, cython.cast(uint32_t, low >> 32))
        emit_u32(e.code, cython.cast(uint32_t, high))
        emit_u32(e.code, cython.cast(uint32_t, high >> 32))
        return
    add_load(e, e.code.size, constant_of(e, low, high), 0)
    emit_dni(e.code, op, reg, 0, 0)


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def emit_literal(e: Emitting, reg: uint32_t, bits: uint64_t) -> cython.void:
    if e.far >= 2:
        emit_const(e.code, reg, bits)
    else:
        emit_near(e, a.A_LDR_NEAR64, reg, bits, 0)


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def emit_literal_address(e: Emitting, reg: uint32_t, low: uint64_t, high: uint64_t) -> cython.void:
    emit_near(e, a.A_ADR, reg, low, high)


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def emit_data(e: Emitting) -> cython.void:
    i: uint32_t
    k: uint32_t
    start: uint32_t
    distance: uint32_t
    labels: cython.pointer[uint32_t]
    while e.n_constants != 0 and e.code.size & 15 != 0 and not e.code.failed:
        emit_u32(e.code, BRK)
    start = emit_constants(e)
    for i in range(e.n_loads):
        patch(e, e.loads[i].at, start + 16 * e.loads[i].target)
    for i in range(e.n_tables):
        start = e.tables[i].at
        labels = e.m.pool + e.m.insts[e.tables[i].target].aux
        for k in range(cython.cast(uint32_t, e.m.insts[e.tables[i].target].imm) - 1):
            distance = e.offsets[goes_to(e, labels[k])] - start
            if not e.code.failed:
                memcpy(e.code.bytes + start + 4 * k, cython.address(distance), 4)
