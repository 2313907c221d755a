"""Instruction selection for what stands in objects and tables; see places.pxd."""

import cython
from cython.cimports.libc.stdint import int32_t, uint32_t
from cython.cimports.wasmine.jit.backend.accesses import access_of_width
from cython.cimports.wasmine.jit.backend.lower import (
    REF_ANY,
    REF_NULL,
    Lower,
    Place,
    Target,
    def_reg,
    emit,
    emit_move,
    emit_trap_if,
    fresh,
    imm_of,
    is_imm32,
    mod_reg,
    use_reg,
    value_of,
)
from cython.cimports.wasmine.jit.backend.machine import (
    ROLE_BASE,
    ROLE_REG,
    ROLE_RM,
    VT_I64,
    MachInst,
)
from cython.cimports.wasmine.jit.backend.memory import add_target
from cython.cimports.wasmine.jit.ssa.function import TYPE_F32, TYPE_F64
from cython.cimports.wasmine.jit.x64 import ops as x
from cython.cimports.wasmine.jit.x64.accesses import ACCESSES
from cython.cimports.wasmine.jit.x64.lower import CC_AE, CC_E, CC_NE

Lowering = cython.typedef(cython.pointer[Lower])
Made = cython.typedef(cython.pointer[MachInst])
At = cython.typedef(cython.pointer[cython.const[Place]])


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def find_in_object(s: Lowering, op: uint32_t, place: At, target: cython.pointer[Target]) -> cython.void:
    """No addressing mode multiplies by 16."""
    made: Made
    target.base = place.base
    target.index = place.index
    target.scale = place.width & 3
    target.disp = place.disp
    target.faults = False
    if place.index != 0 and place.width == 4:
        target.index = fresh(s, VT_I64)
        emit_move(s, target.index, place.index)
        made = emit(s, x.X_SHL64_IMM)
        made.imm = 4
        mod_reg(s, made, target.index, ROLE_RM)


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def store_place(s: Lowering, value: uint32_t, place: At) -> cython.void:
    """Constants where an immediate will do."""
    type: uint32_t = s.f.insts[value].type
    op: uint32_t = ACCESSES.store[access_of_width(place.width, type == TYPE_F32 or type == TYPE_F64)]
    imm_op: uint32_t = 0
    target = cython.declare(Target)
    made: Made
    find_in_object(s, op, place, cython.address(target))
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
        made = emit(s, op)
        use_reg(s, made, value, ROLE_REG)
    add_target(s, made, cython.address(target))


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
    emit_trap_if(s, CC_AE, trap)
