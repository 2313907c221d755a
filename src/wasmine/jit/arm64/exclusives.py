"""Loops of an exclusive load and an exclusive store; see exclusives.pxd.

Between the two, nothing else may access memory: the values are in registers, and the scratch registers hold
what is new and whether it was stored.
"""

import cython
from cython.cimports.libc.stdint import int32_t, uint32_t
from cython.cimports.wasmine.jit.arm64 import ops as a
from cython.cimports.wasmine.jit.arm64.assembler import COND_NE, ZERO, emit_branch, land
from cython.cimports.wasmine.jit.arm64.atomics import of_size
from cython.cimports.wasmine.jit.arm64.convention import SCRATCH, SCRATCH2
from cython.cimports.wasmine.jit.arm64.encode import (
    EXTEND_UXTB,
    EXTEND_UXTH,
    emit_dn,
    emit_dni,
    emit_dnm,
    emit_op,
    extend,
)
from cython.cimports.wasmine.jit.backend.emit import Emit, location_of
from cython.cimports.wasmine.jit.backend.machine import (
    ROLE_MASK,
    ROLE_REG,
    ROLE_RM,
    ROLE_SECOND,
    MachInst,
)

Emitting = cython.typedef(cython.pointer[Emit])
Made = cython.typedef(cython.pointer[cython.const[MachInst]])


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def emit_exclusive(e: Emitting, inst: Made) -> cython.bint:
    if inst.op == a.P_ATOMIC_LOOP:
        change(e, inst)
    elif inst.op == a.P_ATOMIC_COMPARE:
        compare_exchange(e, inst)
    else:
        return False
    return True


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def register(e: Emitting, inst: Made, role: uint32_t) -> uint32_t:
    k: uint32_t = 0
    while e.m.operands[inst.operands + k].role != role:
        k += 1
    return location_of(e, inst, k)


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def change(e: Emitting, inst: Made) -> cython.void:
    """d = what is there; there is then op(d, m). An op of 0: m."""
    found: uint32_t = register(e, inst, ROLE_REG)
    address: uint32_t = register(e, inst, ROLE_SECOND)
    new: uint32_t = register(e, inst, ROLE_RM)
    start: uint32_t = e.code.size
    emit_dn(e.code, of_size(a.A_LDAXR32, inst.aux), found, address)
    if inst.imm != 0:
        emit_dnm(e.code, cython.cast(uint32_t, inst.imm), SCRATCH, found, new)
        new = SCRATCH
    emit_dnm(e.code, of_size(a.A_STLXR32, inst.aux), new, address, SCRATCH2)
    emit_dni(e.code, a.A_CBNZ32, SCRATCH2, 0, cython.cast(int32_t, start - e.code.size))


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def compare_exchange(e: Emitting, inst: Made) -> cython.void:
    """d = what is there; if that is the expected value, in as many bits as are accessed, m is there then."""
    found: uint32_t = register(e, inst, ROLE_REG)
    address: uint32_t = register(e, inst, ROLE_SECOND)
    new: uint32_t = register(e, inst, ROLE_RM)
    expected: uint32_t = register(e, inst, ROLE_MASK)
    start: uint32_t = e.code.size
    other: uint32_t
    emit_dn(e.code, of_size(a.A_LDAXR32, inst.aux), found, address)
    if inst.aux == 0:
        emit_op(e.code, a.A_CMP_EXT32, ZERO, found, expected, 0, extend(EXTEND_UXTB, 0))
    elif inst.aux == 1:
        emit_op(e.code, a.A_CMP_EXT32, ZERO, found, expected, 0, extend(EXTEND_UXTH, 0))
    else:
        emit_dnm(e.code, a.A_CMP64 if inst.aux == 3 else a.A_CMP32, ZERO, found, expected)
    other = emit_branch(e.code, a.A_B_IF, COND_NE)
    emit_dnm(e.code, of_size(a.A_STLXR32, inst.aux), new, address, SCRATCH2)
    emit_dni(e.code, a.A_CBNZ32, SCRATCH2, 0, cython.cast(int32_t, start - e.code.size))
    land(e.code, other)
