"""Instructions on vectors; see packed.pxd."""

import cython
from cython.cimports.libc.stdint import int64_t, uint32_t, uint64_t
from cython.cimports.wasmine.jit.backend.lower import (
    Lower,
    def_reg,
    emit,
    emit_move,
    fresh,
    mod_reg,
    use_reg,
)
from cython.cimports.wasmine.jit.backend.machine import (
    ROLE_REG,
    ROLE_RM,
    ROLE_SECOND,
    VT_V128,
    MachInst,
    take_vector,
)
from cython.cimports.wasmine.jit.backend.pseudo import P_CONST_FLOAT

Lowering = cython.typedef(cython.pointer[Lower])
Made = cython.typedef(cython.pointer[MachInst])


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def pack_to(s: Lowering, dst: uint32_t, op: uint32_t, a: uint32_t, b: uint32_t, imm: int64_t) -> cython.void:
    inst: Made = emit(s, op)
    def_reg(s, inst, dst, ROLE_REG)
    use_reg(s, inst, a, ROLE_SECOND)
    use_reg(s, inst, b, ROLE_RM)
    inst.imm = imm


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def unary_to(s: Lowering, dst: uint32_t, op: uint32_t, a: uint32_t, imm: int64_t) -> cython.void:
    inst: Made = emit(s, op)
    def_reg(s, inst, dst, ROLE_REG)
    use_reg(s, inst, a, ROLE_SECOND)
    inst.imm = imm


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def onto_to(
    s: Lowering, dst: uint32_t, op: uint32_t, start: uint32_t, a: uint32_t, b: uint32_t
) -> cython.void:
    inst: Made
    emit_move(s, dst, start)
    inst = emit(s, op)
    mod_reg(s, inst, dst, ROLE_REG)
    use_reg(s, inst, a, ROLE_SECOND)
    use_reg(s, inst, b, ROLE_RM)


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def into_to(
    s: Lowering, dst: uint32_t, op: uint32_t, start: uint32_t, a: uint32_t, imm: int64_t
) -> cython.void:
    inst: Made
    emit_move(s, dst, start)
    inst = emit(s, op)
    mod_reg(s, inst, dst, ROLE_REG)
    use_reg(s, inst, dst if a == start else a, ROLE_SECOND)
    inst.imm = imm


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def pack(s: Lowering, op: uint32_t, a: uint32_t, b: uint32_t) -> uint32_t:
    dst: uint32_t = fresh(s, VT_V128)
    pack_to(s, dst, op, a, b, 0)
    return dst


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def unary(s: Lowering, op: uint32_t, a: uint32_t, imm: int64_t) -> uint32_t:
    dst: uint32_t = fresh(s, VT_V128)
    unary_to(s, dst, op, a, imm)
    return dst


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def integer(s: Lowering, type: uint32_t, op: uint32_t, a: uint32_t, imm: int64_t) -> uint32_t:
    dst: uint32_t = fresh(s, type)
    unary_to(s, dst, op, a, imm)
    return dst


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def constant(s: Lowering, low: uint64_t, high: uint64_t) -> uint32_t:
    dst: uint32_t = fresh(s, VT_V128)
    constant_to(s, dst, low, high)
    return dst


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def constant_to(s: Lowering, dst: uint32_t, low: uint64_t, high: uint64_t) -> cython.void:
    place: uint32_t = take_vector(s.m, low, high)
    inst: Made = emit(s, P_CONST_FLOAT)
    inst.scale = VT_V128
    inst.aux = place
    def_reg(s, inst, dst, ROLE_REG)
