"""What tests the type of a reference, as is_instance in runtime/heap.pxd does.

The flags hold the answer in the end; a test jumps there as soon as they do.
"""

import cython
from cython.cimports.libc.stdint import int32_t, uint32_t
from cython.cimports.wasmine.jit.backend.emit import Emit
from cython.cimports.wasmine.jit.backend.machine import MachInst
from cython.cimports.wasmine.jit.backend.objects import IS_NOT_NULL, IS_NULLABLE, IS_POINTER
from cython.cimports.wasmine.jit.backend.offsets import offset
from cython.cimports.wasmine.jit.x64 import ops as x
from cython.cimports.wasmine.jit.x64.convention import INSTANCE, SCRATCH
from cython.cimports.wasmine.jit.x64.encode import emit_rr
from cython.cimports.wasmine.jit.x64.jumps import jump_short, land
from cython.cimports.wasmine.jit.x64.lower import CC_B, CC_E, CC_NE
from cython.cimports.wasmine.jit.x64.operands import emit_mem, emit_mem_imm, emit_scaled, operand_reg
from cython.cimports.wasmine.runtime.heap import (
    OBJ_ARRAY,
    OBJ_STRUCT,
    REF_HOST_BIT,
    REF_I31_BIT,
    REF_KIND_MASK,
    GcObject,
)
from cython.cimports.wasmine.runtime.vm import Instance, VMContext
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
def leave_if(e: Emitting, exits: cython.pointer[Exits], cc: uint32_t) -> cython.void:
    exits.jumps[exits.n] = jump_short(e, cc)
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
        test_i31(e, temp, ref)
    elif heap == H_EQ:
        test_eq(e, temp, ref)
    else:
        if inst.aux & IS_POINTER == 0:
            emit_rr(e.code, x.X_TEST32_IMM, 0, ref, REF_KIND_MASK)
            leave_if(e, cython.address(exits), CC_NE)
        if heap == H_STRUCT or heap == H_ARRAY:
            test_kind(e, temp, ref, OBJ_STRUCT if heap == H_STRUCT else OBJ_ARRAY)
        else:
            test_type(e, cython.address(exits), temp, ref, inst)
    for i in range(exits.n):
        land(e, exits.jumps[i])


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def test_null(e: Emitting, exits: cython.pointer[Exits], ref: uint32_t, known: uint32_t) -> cython.void:
    """Null is found by a comparison that leaves "equal" where it is an instance, and by one that does not."""
    if known & IS_NULLABLE:
        emit_rr(e.code, x.X_TEST64, ref, ref, 0)
        leave_if(e, exits, CC_E)
    elif known & IS_NOT_NULL == 0:
        emit_rr(e.code, x.X_CMP64_IMM, 0, ref, 1)
        leave_if(e, exits, CC_B)


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def test_i31(e: Emitting, temp: uint32_t, ref: uint32_t) -> cython.void:
    emit_rr(e.code, x.X_MOV32, temp, ref, 0)
    emit_rr(e.code, x.X_AND32_IMM, 0, temp, REF_I31_BIT)
    emit_rr(e.code, x.X_CMP32_IMM, 0, temp, REF_I31_BIT)


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def test_eq(e: Emitting, temp: uint32_t, ref: uint32_t) -> cython.void:
    """Everything but a Python object."""
    emit_rr(e.code, x.X_MOV32, temp, ref, 0)
    emit_rr(e.code, x.X_AND32_IMM, 0, temp, REF_KIND_MASK)
    emit_rr(e.code, x.X_CMP32_IMM, 0, temp, REF_HOST_BIT)
    emit_rr(e.code, x.X_SETCC + CC_E, 0, temp, 0)
    emit_rr(e.code, x.X_MOVZX8, temp, temp, 0)
    emit_rr(e.code, x.X_TEST32, temp, temp, 0)


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def test_kind(e: Emitting, temp: uint32_t, ref: uint32_t, kind: uint32_t) -> cython.void:
    object: cython.pointer[GcObject] = cython.NULL
    emit_mem(e, x.X_MOVZX8, temp, ref, offset(cython.address(object.kind)))
    emit_rr(e.code, x.X_CMP32_IMM, 0, temp, kind)


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def test_type(
    e: Emitting, exits: cython.pointer[Exits], temp: uint32_t, ref: uint32_t, inst: Made
) -> cython.void:
    """A defined type: the object's own, or one of those above it, which are in order."""
    type: cython.pointer[TypeDef] = cython.NULL
    context: cython.pointer[VMContext] = cython.NULL
    instance: cython.pointer[Instance] = cython.NULL
    depth: int32_t = inst.disp
    emit_mem_imm(e, x.X_CMP32_IMM, ref, 0, inst.imm)
    if inst.scale:
        return  # final: it has no subtypes
    leave_if(e, exits, CC_E)
    emit_mem(e, x.X_MOV64, SCRATCH, INSTANCE, offset(cython.address(instance.ctx)))
    emit_mem(e, x.X_MOV32, temp, ref, 0)
    emit_mem(e, x.X_MOV64, SCRATCH, SCRATCH, offset(cython.address(context.defs)))
    emit_scaled(e, x.X_MOV64, SCRATCH, SCRATCH, temp, 3, 0)
    if depth >= DISPLAY:
        emit_mem(e, x.X_MOVZX8, temp, SCRATCH, offset(cython.address(type.depth)))
        emit_rr(e.code, x.X_CMP32_IMM, 0, temp, depth + 1)
        leave_if(e, exits, CC_B)
    emit_mem(e, x.X_MOV64, SCRATCH, SCRATCH, offset(cython.address(type.supers)))
    emit_mem_imm(e, x.X_CMP32_IMM, SCRATCH, 4 * depth, inst.imm)
