"""Instruction selection for what stands in objects and tables; see places.pxd."""

import cython
from cython.cimports.libc.stdint import int32_t, uint32_t
from cython.cimports.wasmine.jit.arm64 import ops as a
from cython.cimports.wasmine.jit.arm64.accesses import ACCESSES
from cython.cimports.wasmine.jit.arm64.assembler import COND_EQ, COND_HS, COND_NE
from cython.cimports.wasmine.jit.arm64.encode import EXTEND_LSL, SHIFT_LSL, fits_offset, shift
from cython.cimports.wasmine.jit.arm64.operands import INDEX_SCALED
from cython.cimports.wasmine.jit.backend.accesses import ACCESS_64, access_of_width
from cython.cimports.wasmine.jit.backend.lower import (
    REF_ANY,
    REF_NULL,
    Lower,
    Place,
    Target,
    def_reg,
    emit,
    emit_load,
    emit_load_const,
    emit_trap_if,
    fresh,
    use_reg,
    value_of,
)
from cython.cimports.wasmine.jit.backend.machine import (
    ROLE_REG,
    ROLE_RM,
    ROLE_SECOND,
    VT_I64,
    MachInst,
)
from cython.cimports.wasmine.jit.backend.memory import add_target
from cython.cimports.wasmine.jit.ssa.function import TYPE_F32, TYPE_F64

Lowering = cython.typedef(cython.pointer[Lower])
Made = cython.typedef(cython.pointer[MachInst])
At = cython.typedef(cython.pointer[cython.const[Place]])


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def find_in_object(s: Lowering, op: uint32_t, place: At, target: cython.pointer[Target]) -> cython.void:
    """An access has an index or a distance: with both, the index is added before."""
    made: Made
    target.base = place.base
    target.index = place.index
    target.scale = EXTEND_LSL | INDEX_SCALED
    target.disp = place.disp
    target.faults = False
    if place.index != 0 and place.disp != 0:
        target.base = fresh(s, VT_I64)
        target.index = 0
        made = emit(s, a.A_ADD64)
        made.imm = shift(SHIFT_LSL, place.width)
        def_reg(s, made, target.base, ROLE_REG)
        use_reg(s, made, place.base, ROLE_SECOND)
        use_reg(s, made, place.index, ROLE_RM)
    if not fits_offset(op, target.disp):
        target.index = fresh(s, VT_I64)
        target.scale = EXTEND_LSL
        emit_load_const(s, target.index, VT_I64, target.disp)
        target.disp = 0


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def store_place(s: Lowering, value: uint32_t, place: At) -> cython.void:
    target = cython.declare(Target)
    type: uint32_t = s.f.insts[value].type
    op: uint32_t = ACCESSES.store[access_of_width(place.width, type == TYPE_F32 or type == TYPE_F64)]
    made: Made
    value = value_of(s, value)
    find_in_object(s, op, place, cython.address(target))
    made = emit(s, op)
    use_reg(s, made, value, ROLE_REG)
    add_target(s, made, cython.address(target))


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
    emit_load(s, ACCESS_64, size, base, disp)
    made = emit(s, a.A_CMP64)
    use_reg(s, made, index, ROLE_SECOND)
    use_reg(s, made, size, ROLE_RM)
    emit_trap_if(s, COND_HS, trap)
