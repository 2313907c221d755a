"""Instructions on vectors, with AVX or without; see packed.pxd."""

import cython
from cython.cimports.libc.stdint import int64_t, uint32_t, uint64_t
from cython.cimports.wasmine.jit.backend import pseudo as p
from cython.cimports.wasmine.jit.backend.lower import (
    Lower,
    def_reg,
    emit,
    emit_move,
    fresh,
    mod_reg,
    use_any,
    use_reg,
    value_of,
)
from cython.cimports.wasmine.jit.backend.machine import (
    ROLE_MASK,
    ROLE_REG,
    ROLE_RM,
    ROLE_SECOND,
    VT_I32,
    VT_V128,
    MachInst,
    take_vector,
)
from cython.cimports.wasmine.jit.x64 import ops as x
from cython.cimports.wasmine.jit.x64.packed import vex

Lowering = cython.typedef(cython.pointer[Lower])
Made = cython.typedef(cython.pointer[MachInst])


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def use_source(s: Lowering, inst: Made, a: uint32_t) -> cython.void:
    """A vector may be in its slot, which is aligned; of what is no vector, the slot is too short."""
    if s.m.vregs[a].type == VT_V128 and inst.op >> 24 & 1 == 0:
        use_any(s, inst, a)
    else:
        use_reg(s, inst, a, ROLE_RM)


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def pack_to(s: Lowering, dst: uint32_t, op: uint32_t, a: uint32_t, b: uint32_t, imm: int64_t) -> cython.void:
    inst: Made
    if vex(s):
        inst = emit(s, op | x.VEX)
        def_reg(s, inst, dst, ROLE_REG)
        use_reg(s, inst, a, ROLE_SECOND)
    else:
        emit_move(s, dst, a)
        inst = emit(s, op)
        mod_reg(s, inst, dst, ROLE_REG)
    use_source(s, inst, b)
    inst.imm = imm


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def unary_to(s: Lowering, dst: uint32_t, op: uint32_t, a: uint32_t, imm: int64_t) -> cython.void:
    inst: Made = emit(s, op | vex(s))
    def_reg(s, inst, dst, ROLE_REG)
    use_source(s, inst, a)
    inst.imm = imm


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def constant_to(
    s: Lowering, dst: uint32_t, op: uint32_t, a: uint32_t, low: uint64_t, high: uint64_t, imm: int64_t
) -> cython.void:
    place: uint32_t = take_vector(s.m, low, high)
    inst: Made
    if vex(s):
        inst = emit(s, x.P_WITH_VECTOR)
        def_reg(s, inst, dst, ROLE_REG)
        use_reg(s, inst, a, ROLE_SECOND)
    else:
        emit_move(s, dst, a)
        inst = emit(s, x.P_WITH_VECTOR)
        mod_reg(s, inst, dst, ROLE_REG)
    inst.imm = op | vex(s)
    inst.disp = cython.cast(uint32_t, imm)
    inst.aux = place


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def shift_to(s: Lowering, dst: uint32_t, op: uint32_t, a: uint32_t, count: uint32_t) -> cython.void:
    inst: Made
    if vex(s):
        inst = emit(s, op | x.VEX)
        def_reg(s, inst, dst, ROLE_SECOND)
        use_reg(s, inst, a, ROLE_RM)
    else:
        emit_move(s, dst, a)
        inst = emit(s, op)
        mod_reg(s, inst, dst, ROLE_RM)
    inst.imm = count


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def constant(s: Lowering, low: uint64_t, high: uint64_t) -> uint32_t:
    dst: uint32_t = fresh(s, VT_V128)
    place: uint32_t = take_vector(s.m, low, high)
    inst: Made = emit(s, p.P_CONST_FLOAT)
    inst.scale = VT_V128
    inst.aux = place
    def_reg(s, inst, dst, ROLE_REG)
    return dst


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
def with_constant(s: Lowering, op: uint32_t, a: uint32_t, low: uint64_t, high: uint64_t) -> uint32_t:
    dst: uint32_t = fresh(s, VT_V128)
    constant_to(s, dst, op, a, low, high, 0)
    return dst


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def shifted(s: Lowering, op: uint32_t, a: uint32_t, count: uint32_t) -> uint32_t:
    dst: uint32_t = fresh(s, VT_V128)
    shift_to(s, dst, op, a, count)
    return dst


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def from_integer(s: Lowering, op: uint32_t, a: uint32_t) -> uint32_t:
    dst: uint32_t = fresh(s, VT_V128)
    inst: Made = emit(s, op | vex(s))
    def_reg(s, inst, dst, ROLE_REG)
    use_any(s, inst, a)
    return dst


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def count_in_vector(s: Lowering, count: uint32_t, mask: uint32_t) -> uint32_t:
    cut: uint32_t = fresh(s, VT_I32)
    inst: Made
    count = value_of(s, count)
    emit_move(s, cut, count)
    inst = emit(s, x.X_AND32_IMM)
    inst.imm = mask
    mod_reg(s, inst, cut, ROLE_RM)
    return from_integer(s, x.X_MOVD, cut)


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def ternary_to(
    s: Lowering, dst: uint32_t, op: uint32_t, a: uint32_t, b: uint32_t, c: uint32_t, imm: uint32_t
) -> cython.void:
    inst: Made
    emit_move(s, dst, a)
    inst = emit(s, op)
    mod_reg(s, inst, dst, ROLE_REG)
    use_reg(s, inst, b, ROLE_SECOND)
    use_reg(s, inst, c, ROLE_RM)
    inst.imm = imm


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def blend_to(
    s: Lowering, dst: uint32_t, op: uint32_t, a: uint32_t, b: uint32_t, mask: uint32_t
) -> cython.void:
    inst: Made = emit(s, op)
    def_reg(s, inst, dst, ROLE_REG)
    use_reg(s, inst, a, ROLE_SECOND)
    use_any(s, inst, b)
    use_reg(s, inst, mask, ROLE_MASK)
