"""Instruction selection for what stands in objects and tables; see places.pxd."""

import cython
from cython.cimports.libc.stdint import int32_t, uint32_t
from cython.cimports.wasmine.jit.backend.lower import (
    REF_ANY,
    REF_NULL,
    Lower,
    Place,
    def_reg,
    emit,
    emit_move,
    fresh,
    imm_of,
    is_imm32,
    mod_reg,
    use_reg,
    value_of,
)
from cython.cimports.wasmine.jit.backend.machine import (
    ROLE_BASE,
    ROLE_INDEX,
    ROLE_REG,
    ROLE_RM,
    VT_I64,
    MachInst,
)
from cython.cimports.wasmine.jit.ssa import ops as o
from cython.cimports.wasmine.jit.ssa.function import TYPE_F32, TYPE_F64
from cython.cimports.wasmine.jit.x64 import ops as x
from cython.cimports.wasmine.jit.x64.lower import CC_AE, CC_E, CC_NE

Lowering = cython.typedef(cython.pointer[Lower])
Made = cython.typedef(cython.pointer[MachInst])
At = cython.typedef(cython.pointer[cython.const[Place]])


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def load_op(op: uint32_t, type: uint32_t) -> uint32_t:
    if op == o.OBJECT_LOAD8_S:
        return x.X_MOVSX832
    elif op == o.OBJECT_LOAD8_U:
        return x.X_MOVZX8
    elif op == o.OBJECT_LOAD16_S:
        return x.X_MOVSX1632
    elif op == o.OBJECT_LOAD16_U:
        return x.X_MOVZX16
    elif op == o.OBJECT_LOAD32:
        return x.X_MOVSS if type == TYPE_F32 else x.X_MOV32
    elif op == o.OBJECT_LOAD64:
        return x.X_MOVSD if type == TYPE_F64 else x.X_MOV64
    return x.X_MOVUPS


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def store_op(width: uint32_t, type: uint32_t) -> uint32_t:
    """The store of 2^width bytes of a value."""
    if width == 0:
        return x.X_STORE8
    elif width == 1:
        return x.X_STORE16
    elif width == 2:
        return x.X_STORESS if type == TYPE_F32 else x.X_STORE32
    elif width == 3:
        return x.X_STORESD if type == TYPE_F64 else x.X_STORE64
    return x.X_STOREUPS


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def scaled_index(s: Lowering, place: At) -> uint32_t:
    """No addressing mode multiplies by 16."""
    scaled: uint32_t
    made: Made
    if place.index == 0 or place.width < 4:
        return place.index
    scaled = fresh(s, VT_I64)
    emit_move(s, scaled, place.index)
    made = emit(s, x.X_SHL64_IMM)
    made.imm = 4
    mod_reg(s, made, scaled, ROLE_RM)
    return scaled


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def add_place(s: Lowering, made: Made, index: uint32_t, place: At) -> cython.void:
    made.disp = place.disp
    use_reg(s, made, place.base, ROLE_BASE)
    if index != 0:
        made.scale = place.width & 3
        use_reg(s, made, index, ROLE_INDEX)


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def load_place(s: Lowering, op: uint32_t, type: uint32_t, dst: uint32_t, place: At) -> cython.void:
    index: uint32_t = scaled_index(s, place)
    made: Made = emit(s, load_op(op, type))
    def_reg(s, made, dst, ROLE_REG)
    add_place(s, made, index, place)


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def store_place(s: Lowering, value: uint32_t, place: At) -> cython.void:
    """Constants where an immediate will do."""
    type: uint32_t = s.f.insts[value].type
    index: uint32_t = scaled_index(s, place)
    imm_op: uint32_t = 0
    made: Made
    if is_imm32(s, value) and type != TYPE_F64:
        if place.width == 3:
            imm_op = x.X_MOV64_IMM
        elif place.width == 2:
            imm_op = x.X_MOV32_IMM
        elif place.width == 0:
            imm_op = x.X_STORE8_IMM
    if imm_op != 0:
        made = emit(s, imm_op)
        made.imm = imm_of(s, value)
    else:
        value = value_of(s, value)
        made = emit(s, store_op(place.width, type))
        use_reg(s, made, value, ROLE_REG)
    add_place(s, made, index, place)


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def compare_ref(s: Lowering, ref: uint32_t, meant: uint32_t) -> uint32_t:
    """With itself: `test` finds null, `cmp` finds it equal."""
    made: Made = emit(s, x.X_CMP64 if meant >= REF_ANY else x.X_TEST64)
    use_reg(s, made, ref, ROLE_REG)
    use_reg(s, made, ref, ROLE_RM)
    return CC_E if meant == REF_NULL or meant == REF_ANY else CC_NE


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def set_condition(s: Lowering, dst: uint32_t, condition: uint32_t) -> cython.void:
    made: Made = emit(s, x.P_SET)
    made.cond = condition
    def_reg(s, made, dst, ROLE_REG)


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def check_index(s: Lowering, index: uint32_t, base: uint32_t, disp: int32_t, trap: uint32_t) -> cython.void:
    made: Made = emit(s, x.X_CMP64)
    made.disp = disp
    use_reg(s, made, index, ROLE_REG)
    use_reg(s, made, base, ROLE_BASE)
    made = emit(s, x.P_TRAP_IF)
    made.cond = CC_AE
    made.imm = trap
