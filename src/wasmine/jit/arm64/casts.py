"""What tests the type of a reference, as is_instance in runtime/heap.pxd does.

The flags hold the answer in the end; a test jumps there as soon as they do.
"""

import cython
from cython.cimports.libc.stdint import int32_t, uint32_t
from cython.cimports.wasmine.jit.arm64 import ops as a
from cython.cimports.wasmine.jit.arm64.assembler import (
    COND_EQ,
    COND_LO,
    COND_NE,
    emit_access,
    emit_branch,
    emit_load64,
    land,
)
from cython.cimports.wasmine.jit.arm64.convention import CONTEXT, SCRATCH, SCRATCH2
from cython.cimports.wasmine.jit.arm64.encode import (
    EXTEND_LSL,
    emit_const,
    emit_dni,
    emit_dnm,
    emit_indexed,
    fits_imm,
)
from cython.cimports.wasmine.jit.arm64.operands import operand_reg
from cython.cimports.wasmine.jit.backend.emit import Emit
from cython.cimports.wasmine.jit.backend.machine import MachInst
from cython.cimports.wasmine.jit.backend.objects import IS_NOT_NULL, IS_NULLABLE, IS_POINTER
from cython.cimports.wasmine.jit.backend.offsets import offset
from cython.cimports.wasmine.runtime.heap import (
    OBJ_ARRAY,
    OBJ_STRUCT,
    REF_HOST_BIT,
    REF_I31_BIT,
    REF_KIND_MASK,
    GcObject,
)
from cython.cimports.wasmine.runtime.vm import VMContext
from cython.cimports.wasmine.spec.types import H_ARRAY, H_EQ, H_I31, H_STRUCT, TypeDef

Emitting = cython.typedef(cython.pointer[Emit])
Made = cython.typedef(cython.pointer[cython.const[MachInst]])

DISPLAY = cython.declare(
    cython.const[int32_t], 8
)  # spec/types.py: TypeDef.supers has so many entries at least

# Jumps to the end.
Exits = cython.struct(n=uint32_t, jumps=uint32_t[8])


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def leave_if(e: Emitting, exits: cython.pointer[Exits], condition: uint32_t) -> cython.void:
    exits.jumps[exits.n] = emit_branch(e.code, a.A_B_IF, condition)
    exits.n += 1


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def emit_is_instance(e: Emitting, inst: Made) -> cython.void:
    exits = cython.declare(Exits)
    temp: uint32_t = operand_reg(e, inst, 0)
    ref: uint32_t = operand_reg(e, inst, 1)
    heap: uint32_t = cython.cast(uint32_t, inst.imm)
    i: uint32_t
    exits.n = 0
    test_null(e, cython.address(exits), ref, inst.aux)
    if heap == H_I31:
        emit_dni(e.code, a.A_AND_IMM32, temp, ref, REF_I31_BIT)
        emit_dni(e.code, a.A_CMP_IMM32, 0, temp, REF_I31_BIT)
    elif heap == H_EQ:
        test_eq(e, temp, ref)
    else:
        if inst.aux & IS_POINTER == 0:
            emit_dni(e.code, a.A_TST_IMM32, 0, ref, REF_KIND_MASK)
            leave_if(e, cython.address(exits), COND_NE)
        if heap == H_STRUCT or heap == H_ARRAY:
            test_kind(e, temp, ref, OBJ_STRUCT if heap == H_STRUCT else OBJ_ARRAY)
        else:
            test_type(e, cython.address(exits), temp, ref, inst)
    for i in range(exits.n):
        land(e.code, exits.jumps[i])


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def test_null(e: Emitting, exits: cython.pointer[Exits], ref: uint32_t, known: uint32_t) -> cython.void:
    """Null is found by a comparison that leaves "equal" where it is an instance, and by one that does not."""
    if known & IS_NULLABLE:
        emit_dni(e.code, a.A_CMP_IMM64, 0, ref, 0)
        leave_if(e, exits, COND_EQ)
    elif known & IS_NOT_NULL == 0:
        emit_dni(e.code, a.A_CMP_IMM64, 0, ref, 1)
        leave_if(e, exits, COND_LO)


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def test_eq(e: Emitting, temp: uint32_t, ref: uint32_t) -> cython.void:
    """Everything but a Python object."""
    emit_dni(e.code, a.A_AND_IMM32, temp, ref, REF_KIND_MASK)
    emit_dni(e.code, a.A_CMP_IMM32, 0, temp, REF_HOST_BIT)
    emit_dni(e.code, a.A_CSET32, temp, 0, COND_EQ)
    emit_dni(e.code, a.A_CMP_IMM32, 0, temp, 0)


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def test_kind(e: Emitting, temp: uint32_t, ref: uint32_t, kind: uint32_t) -> cython.void:
    object: cython.pointer[GcObject] = cython.NULL
    emit_access(e.code, a.A_LDRB, temp, ref, offset(cython.address(object.kind)))
    emit_dni(e.code, a.A_CMP_IMM32, 0, temp, kind)


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def compare_id(e: Emitting, reg: uint32_t, id: uint32_t) -> cython.void:
    if fits_imm(id):
        emit_dni(e.code, a.A_CMP_IMM32, 0, reg, id)
    else:
        emit_const(e.code, SCRATCH, id)
        emit_dnm(e.code, a.A_CMP32, 0, reg, SCRATCH)


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def test_type(
    e: Emitting, exits: cython.pointer[Exits], temp: uint32_t, ref: uint32_t, inst: Made
) -> cython.void:
    """A defined type: the object's own, or one of those above it, which are in order."""
    type: cython.pointer[TypeDef] = cython.NULL
    context: cython.pointer[VMContext] = cython.NULL
    depth: int32_t = inst.disp
    id: uint32_t = cython.cast(uint32_t, inst.imm)
    emit_access(e.code, a.A_LDR32, temp, ref, 0)
    compare_id(e, temp, id)
    if inst.scale:
        return  # final: it has no subtypes
    leave_if(e, exits, COND_EQ)
    emit_load64(e.code, SCRATCH2, CONTEXT, offset(cython.address(context.defs)))
    emit_indexed(e.code, a.A_LDR64, SCRATCH2, SCRATCH2, temp, EXTEND_LSL, True)
    if depth >= DISPLAY:
        emit_access(e.code, a.A_LDRB, temp, SCRATCH2, offset(cython.address(type.depth)))
        emit_dni(e.code, a.A_CMP_IMM32, 0, temp, depth + 1)
        leave_if(e, exits, COND_LO)
    emit_load64(e.code, SCRATCH2, SCRATCH2, offset(cython.address(type.supers)))
    emit_access(e.code, a.A_LDR32, temp, SCRATCH2, 4 * depth)
    compare_id(e, temp, id)
