"""Instruction selection for what stands in objects and tables; see places.pxd."""

import cython
from cython.cimports.libc.stdint import int32_t, uint32_t
from cython.cimports.wasmine.jit.arm64 import ops as a
from cython.cimports.wasmine.jit.arm64.assembler import COND_EQ, COND_HS, COND_NE
from cython.cimports.wasmine.jit.arm64.encode import EXTEND_LSL, SHIFT_LSL, fits_offset, shift
from cython.cimports.wasmine.jit.arm64.operands import INDEX_SCALED
from cython.cimports.wasmine.jit.backend.lower import (
    REF_ANY,
    REF_NULL,
    Lower,
    Place,
    def_reg,
    emit,
    emit_load,
    emit_load_const,
    fresh,
    use_reg,
    value_of,
)
from cython.cimports.wasmine.jit.backend.machine import (
    ROLE_BASE,
    ROLE_INDEX,
    ROLE_REG,
    ROLE_RM,
    ROLE_SECOND,
    VT_I64,
    MachInst,
)
from cython.cimports.wasmine.jit.backend.pseudo import P_TRAP_IF
from cython.cimports.wasmine.jit.ssa import ops as o
from cython.cimports.wasmine.jit.ssa.function import TYPE_F32, TYPE_F64

Lowering = cython.typedef(cython.pointer[Lower])
Made = cython.typedef(cython.pointer[MachInst])
At = cython.typedef(cython.pointer[cython.const[Place]])

# What the operands of one access are.
Access = cython.struct(base=uint32_t, index=uint32_t, scale=uint32_t, disp=int32_t)


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def load_op(op: uint32_t, type: uint32_t) -> uint32_t:
    if op == o.OBJECT_LOAD8_S:
        return a.A_LDRSB32
    elif op == o.OBJECT_LOAD8_U:
        return a.A_LDRB
    elif op == o.OBJECT_LOAD16_S:
        return a.A_LDRSH32
    elif op == o.OBJECT_LOAD16_U:
        return a.A_LDRH
    elif op == o.OBJECT_LOAD32:
        return a.A_LDR_S if type == TYPE_F32 else a.A_LDR32
    elif op == o.OBJECT_LOAD64:
        return a.A_LDR_D if type == TYPE_F64 else a.A_LDR64
    return a.A_LDR_Q


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def store_op(width: uint32_t, type: uint32_t) -> uint32_t:
    """The store of 2^width bytes of a value."""
    if width == 0:
        return a.A_STRB
    elif width == 1:
        return a.A_STRH
    elif width == 2:
        return a.A_STR_S if type == TYPE_F32 else a.A_STR32
    elif width == 3:
        return a.A_STR_D if type == TYPE_F64 else a.A_STR64
    return a.A_STR_Q


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def find_access(s: Lowering, op: uint32_t, place: At, access: cython.pointer[Access]) -> cython.void:
    """An access has an index or a distance: with both, the index is added before."""
    made: Made
    access.base = place.base
    access.index = place.index
    access.scale = EXTEND_LSL | INDEX_SCALED
    access.disp = place.disp
    if place.index != 0 and place.disp != 0:
        access.base = fresh(s, VT_I64)
        access.index = 0
        made = emit(s, a.A_ADD64)
        made.imm = shift(SHIFT_LSL, place.width)
        def_reg(s, made, access.base, ROLE_REG)
        use_reg(s, made, place.base, ROLE_SECOND)
        use_reg(s, made, place.index, ROLE_RM)
    if not fits_offset(op, access.disp):
        access.index = fresh(s, VT_I64)
        access.scale = EXTEND_LSL
        emit_load_const(s, access.index, VT_I64, access.disp)
        access.disp = 0


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def add_access(s: Lowering, made: Made, access: cython.pointer[Access]) -> cython.void:
    made.disp = access.disp
    use_reg(s, made, access.base, ROLE_BASE)
    if access.index != 0:
        made.scale = access.scale
        use_reg(s, made, access.index, ROLE_INDEX)


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def load_place(s: Lowering, op: uint32_t, type: uint32_t, dst: uint32_t, place: At) -> cython.void:
    access = cython.declare(Access)
    made: Made
    op = load_op(op, type)
    find_access(s, op, place, cython.address(access))
    made = emit(s, op)
    def_reg(s, made, dst, ROLE_REG)
    add_access(s, made, cython.address(access))


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def store_place(s: Lowering, value: uint32_t, place: At) -> cython.void:
    access = cython.declare(Access)
    op: uint32_t = store_op(place.width, s.f.insts[value].type)
    made: Made
    value = value_of(s, value)
    find_access(s, op, place, cython.address(access))
    made = emit(s, op)
    use_reg(s, made, value, ROLE_REG)
    add_access(s, made, cython.address(access))


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def compare_ref(s: Lowering, ref: uint32_t, meant: uint32_t) -> uint32_t:
    """With null, or with itself."""
    made: Made = emit(s, a.A_CMP64 if meant >= REF_ANY else a.A_CMP_IMM64)
    use_reg(s, made, ref, ROLE_SECOND)
    if meant >= REF_ANY:
        use_reg(s, made, ref, ROLE_RM)
    return COND_EQ if meant == REF_NULL or meant == REF_ANY else COND_NE


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def set_condition(s: Lowering, dst: uint32_t, condition: uint32_t) -> cython.void:
    made: Made = emit(s, a.A_CSET32)
    made.imm = condition
    def_reg(s, made, dst, ROLE_REG)


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def check_index(s: Lowering, index: uint32_t, base: uint32_t, disp: int32_t, trap: uint32_t) -> cython.void:
    size: uint32_t = fresh(s, VT_I64)
    made: Made
    emit_load(s, a.A_LDR64, size, base, disp)
    made = emit(s, a.A_CMP64)
    use_reg(s, made, index, ROLE_SECOND)
    use_reg(s, made, size, ROLE_RM)
    made = emit(s, P_TRAP_IF)
    made.cond = COND_HS
    made.imm = trap
