"""Instruction selection for vectors: bits, selections, and what is asked of all lanes."""

import cython
from cython.cimports.libc.stdint import uint32_t, uint64_t
from cython.cimports.wasmine.jit.backend.lower import (
    Lower,
    def_reg,
    emit,
    fresh,
    result_of,
    use_reg,
    value_of,
)
from cython.cimports.wasmine.jit.backend.machine import ROLE_REG, ROLE_RM, VT_I32, MachInst
from cython.cimports.wasmine.jit.ssa import ops as o
from cython.cimports.wasmine.jit.x64 import ops as x
from cython.cimports.wasmine.jit.x64.lower import CC_E, CC_NE, CPU_AVX512
from cython.cimports.wasmine.jit.x64.packed import (
    arg,
    blend_to,
    constant,
    constant_to,
    pack,
    pack_to,
    ternary_to,
    vex,
)

# The table of truth of c ? a : b
CHOOSE = cython.declare(cython.const[uint32_t], 0xCA)

Lowering = cython.typedef(cython.pointer[Lower])
Made = cython.typedef(cython.pointer[MachInst])

ONES = cython.declare(cython.const[uint64_t], 0xFFFFFFFFFFFFFFFF)


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def lower_bits(s: Lowering, id: uint32_t) -> cython.bint:
    op: uint32_t = s.f.insts[id].op
    if op == o.V128_NOT:
        a: uint32_t = value_of(s, arg(s, id, 0))
        constant_to(s, result_of(s, id), x.X_PXOR, a, ONES, ONES, 0)
    elif op == o.V128_BITSELECT:
        bitselect(s, id)
    elif is_lane_test(op):
        set_by_lanes(s, id)
    elif op == o.I8X16_BITMASK:
        bitmask(s, id, x.X_PMOVMSKB)
    elif op == o.I16X8_BITMASK:
        bitmask_of_words(s, id)
    elif op == o.I32X4_BITMASK:
        bitmask(s, id, x.X_MOVMSKPS)
    elif op == o.I64X2_BITMASK:
        bitmask(s, id, x.X_MOVMSKPD)
    else:
        return False
    return True


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def is_lane_test(op: uint32_t) -> cython.bint:
    return op in {
        o.V128_ANY_TRUE,
        o.I8X16_ALL_TRUE,
        o.I16X8_ALL_TRUE,
        o.I32X4_ALL_TRUE,
        o.I64X2_ALL_TRUE,
    }


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def is_lane_mask(op: uint32_t) -> cython.bint:
    """Whether a lane of the result is all ones or all zeros."""
    return o.I8X16_EQ <= op <= o.F64X2_GE or o.I64X2_EQ <= op <= o.I64X2_GE_S


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def bitselect(s: Lowering, id: uint32_t) -> cython.void:
    """(a & c) | (b & ~c); one instruction where the bits of c come in whole bytes."""
    dst: uint32_t = result_of(s, id)
    mask: uint32_t = arg(s, id, 2)
    a: uint32_t = value_of(s, arg(s, id, 0))
    b: uint32_t = value_of(s, arg(s, id, 1))
    c: uint32_t = value_of(s, mask)
    if vex(s) and is_lane_mask(s.f.insts[mask].op):
        blend_to(s, dst, x.X_VPBLENDVB, b, a, c)
        return
    if s.features & CPU_AVX512:
        ternary_to(s, dst, x.X_VPTERNLOGQ, c, a, b, CHOOSE)
        return
    b = pack(s, x.X_PANDN, c, b)
    a = pack(s, x.X_PAND, a, c)
    pack_to(s, dst, x.X_POR, a, b, 0)


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def test_lanes(s: Lowering, id: uint32_t) -> uint32_t:
    op: uint32_t = s.f.insts[id].op
    a: uint32_t = value_of(s, arg(s, id, 0))
    equal: uint32_t = x.X_PCMPEQB
    if op == o.V128_ANY_TRUE:
        emit_test(s, a)
        return CC_NE
    # No lane is equal to zero.
    if op == o.I16X8_ALL_TRUE:
        equal = x.X_PCMPEQW
    elif op == o.I32X4_ALL_TRUE:
        equal = x.X_PCMPEQD
    elif op == o.I64X2_ALL_TRUE:
        equal = x.X_PCMPEQQ
    emit_test(s, pack(s, equal, constant(s, 0, 0), a))
    return CC_E


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def emit_test(s: Lowering, a: uint32_t) -> cython.void:
    inst: Made = emit(s, x.X_PTEST | vex(s))
    use_reg(s, inst, a, ROLE_REG)
    use_reg(s, inst, a, ROLE_RM)


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def set_by_lanes(s: Lowering, id: uint32_t) -> cython.void:
    dst: uint32_t = result_of(s, id)
    cc: uint32_t = test_lanes(s, id)
    inst: Made = emit(s, x.P_SET)
    inst.cond = cc
    def_reg(s, inst, dst, ROLE_REG)


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def bitmask(s: Lowering, id: uint32_t, op: uint32_t) -> cython.void:
    dst: uint32_t = result_of(s, id)
    a: uint32_t = value_of(s, arg(s, id, 0))
    inst: Made = emit(s, op | vex(s))
    def_reg(s, inst, dst, ROLE_REG)
    use_reg(s, inst, a, ROLE_RM)


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def bitmask_of_words(s: Lowering, id: uint32_t) -> cython.void:
    """Saturation to bytes keeps the signs; both halves become the same."""
    dst: uint32_t = result_of(s, id)
    a: uint32_t = value_of(s, arg(s, id, 0))
    packed: uint32_t = pack(s, x.X_PACKSSWB, a, a)
    bits: uint32_t = fresh(s, VT_I32)
    inst: Made = emit(s, x.X_PMOVMSKB | vex(s))
    def_reg(s, inst, bits, ROLE_REG)
    use_reg(s, inst, packed, ROLE_RM)
    inst = emit(s, x.X_MOVZX8)
    def_reg(s, inst, dst, ROLE_REG)
    use_reg(s, inst, bits, ROLE_RM)
