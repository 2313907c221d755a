"""Constants: made in a register, or kept behind the code."""

import cython
from cython.cimports.libc.stdint import int64_t, uint32_t, uint64_t
from cython.cimports.wasmine.jit.backend.codebuffer import emit_align, emit_u32
from cython.cimports.wasmine.jit.backend.machine import VT_F32, VT_I32, VT_V128, MachInst
from cython.cimports.wasmine.jit.x64 import ops as x
from cython.cimports.wasmine.jit.x64.assembler import INT3
from cython.cimports.wasmine.jit.x64.emit import Constant, Emit, Fixup
from cython.cimports.wasmine.jit.x64.encode import NO_REG, RIP, Address, emit_const, emit_rr, emit_vex_rmem
from cython.cimports.wasmine.jit.x64.flags import flags_live
from cython.cimports.wasmine.jit.x64.jumps import goes_to, patch, room
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
def constant_bits(inst: Made) -> uint64_t:
    bits: uint64_t = cython.cast(uint64_t, inst.imm)
    return bits & cython.cast(uint64_t, 0xFFFFFFFF) if inst.scale == VT_I32 else bits


@cython.cfunc
@cython.inline
@cython.nogil
@cython.exceptval(check=False)
def low_half(e: Emitting, inst: Made) -> uint64_t:
    """Of the 16 bytes in the pool at aux."""
    words: Words = e.m.pool + inst.aux
    return words[0] | cython.cast(uint64_t, words[1]) << 32


@cython.cfunc
@cython.inline
@cython.nogil
@cython.exceptval(check=False)
def high_half(e: Emitting, inst: Made) -> uint64_t:
    words: Words = e.m.pool + inst.aux
    return words[2] | cython.cast(uint64_t, words[3]) << 32


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
    """An instruction whose r/m is a constant of 16 bytes.

    The last few constants are looked at for an equal one.
    """
    n: uint32_t = e.n_constants
    i: uint32_t
    address = cython.declare(Address)
    for i in range(n - 16 if n > 16 else 0, n):
        if e.constants[i].low == low and e.constants[i].high == high:
            n = i
            break
    if n == e.n_constants:
        e.constants = cython.cast(
            cython.pointer[Constant],
            room(e, e.constants, n, cython.address(e.max_constants), cython.sizeof(Constant)),
        )
        if e.failed:
            return
        e.constants[n].low = low
        e.constants[n].high = high
        e.n_constants += 1
    e.loads = cython.cast(
        cython.pointer[Fixup],
        room(e, e.loads, e.n_loads, cython.address(e.max_loads), cython.sizeof(Fixup)),
    )
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
    e.loads[e.n_loads].tail = op >> 16 & 15 == x.FORM_RMI8
    e.loads[e.n_loads].at = e.code.size - 4 - e.loads[e.n_loads].tail
    e.loads[e.n_loads].target = n
    e.n_loads += 1


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def emit_data(e: Emitting) -> cython.void:
    i: uint32_t
    k: uint32_t
    start: uint32_t
    inst: cython.pointer[MachInst]
    emit_align(e.code, 16, INT3)
    start = e.code.size
    for i in range(e.n_constants):
        emit_u32(e.code, cython.cast(uint32_t, e.constants[i].low))
        emit_u32(e.code, cython.cast(uint32_t, e.constants[i].low >> 32))
        emit_u32(e.code, cython.cast(uint32_t, e.constants[i].high))
        emit_u32(e.code, cython.cast(uint32_t, e.constants[i].high >> 32))
    for i in range(e.n_loads):
        patch(e, e.loads[i].at, start + 16 * e.loads[i].target - e.loads[i].tail)
    for i in range(e.n_tables):
        inst = e.m.insts + e.tables[i].target
        start = e.code.size
        patch(e, e.tables[i].at, start)
        for k in range(cython.cast(uint32_t, inst.imm) - 1):
            emit_u32(e.code, e.offsets[goes_to(e, e.m.pool[inst.aux + k])] - start)
