"""Instruction selection for vectors: bits, selections, and what is asked of all lanes."""

import cython
from cython.cimports.libc.stdint import uint32_t, uint64_t
from cython.cimports.wasmine.jit.arm64 import ops as a
from cython.cimports.wasmine.jit.arm64.assembler import COND_EQ, COND_NE
from cython.cimports.wasmine.jit.arm64.packed import (
    arg,
    constant,
    integer,
    onto_to,
    pack,
    pack_to,
    unary,
    unary_to,
)
from cython.cimports.wasmine.jit.backend.lower import (
    Lower,
    def_reg,
    emit,
    fresh,
    is_foldable,
    result_of,
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
from cython.cimports.wasmine.jit.ssa import ops as o

Lowering = cython.typedef(cython.pointer[Lower])
Made = cython.typedef(cython.pointer[MachInst])

# A bit of its own for each lane of 8, 16 or 32 bits: those of 8 bits in each half.
BYTE_BITS = cython.declare(cython.const[uint64_t], 0x8040201008040201)
LOW_HALF_BITS = cython.declare(cython.const[uint64_t], 0x0008000400020001)
HIGH_HALF_BITS = cython.declare(cython.const[uint64_t], 0x0080004000200010)
LOW_WORD_BITS = cython.declare(cython.const[uint64_t], 0x0000000200000001)
HIGH_WORD_BITS = cython.declare(cython.const[uint64_t], 0x0000000800000004)


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def lower_bits(s: Lowering, id: uint32_t) -> cython.bint:
    op: uint32_t = s.f.insts[id].op
    if op == o.V128_BITSELECT:
        bitselect(s, id)
    elif is_lane_test(op):
        set_by_lanes(s, id)
    elif op == o.I8X16_BITMASK:
        bitmask_of_bytes(s, id)
    elif op == o.I16X8_BITMASK:
        sum_of_bits(s, id, a.A_CMLT_ZERO_8H, LOW_HALF_BITS, HIGH_HALF_BITS, a.A_ADDV_8H)
    elif op == o.I32X4_BITMASK:
        sum_of_bits(s, id, a.A_CMLT_ZERO_4S, LOW_WORD_BITS, HIGH_WORD_BITS, a.A_ADDV_4S)
    elif op == o.I64X2_BITMASK:
        bitmask_of_doublewords(s, id)
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
def bitselect(s: Lowering, id: uint32_t) -> cython.void:
    """(a & c) | (b & ~c): an instruction for each operand that may become the result, best one that dies."""
    dst: uint32_t = result_of(s, id)
    mask_dies: cython.bint = is_foldable(s, arg(s, id, 2))
    left_dies: cython.bint = is_foldable(s, arg(s, id, 0))
    right_dies: cython.bint = is_foldable(s, arg(s, id, 1))
    left: uint32_t = value_of(s, arg(s, id, 0))
    right: uint32_t = value_of(s, arg(s, id, 1))
    mask: uint32_t = value_of(s, arg(s, id, 2))
    if right_dies and not mask_dies:
        onto_to(s, dst, a.A_BIT_16B, right, left, mask)
    elif left_dies and not mask_dies:
        onto_to(s, dst, a.A_BIF_16B, left, right, mask)
    else:
        onto_to(s, dst, a.A_BSL_16B, mask, left, right)


# --- questions


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def test_lanes(s: Lowering, id: uint32_t, zero: cython.pointer[cython.bint]) -> uint32_t:
    """The largest of some pairs of lanes, which is not zero if any bit is set; or the smallest lane."""
    op: uint32_t = s.f.insts[id].op
    lanes: uint32_t = value_of(s, arg(s, id, 0))
    smallest: uint32_t = a.A_UMINV_16B
    zero[0] = op == o.I64X2_ALL_TRUE
    if op == o.V128_ANY_TRUE or op == o.I64X2_ALL_TRUE:
        if op == o.I64X2_ALL_TRUE:
            lanes = unary(s, a.A_CMEQ_ZERO_2D, lanes, 0)
        return integer(s, VT_I64, a.A_FMOV_X_D, pack(s, a.A_UMAXP_4S, lanes, lanes), 0)
    if op == o.I16X8_ALL_TRUE:
        smallest = a.A_UMINV_8H
    elif op == o.I32X4_ALL_TRUE:
        smallest = a.A_UMINV_4S
    return integer(s, VT_I64, a.A_FMOV_X_D, unary(s, smallest, lanes, 0), 0)


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def set_by_lanes(s: Lowering, id: uint32_t) -> cython.void:
    dst: uint32_t = result_of(s, id)
    zero = cython.declare(cython.bint, False)
    word: uint32_t = test_lanes(s, id, cython.address(zero))
    inst: Made = emit(s, a.A_CMP_IMM64)
    use_reg(s, inst, word, ROLE_SECOND)
    inst = emit(s, a.A_CSET32)
    inst.imm = COND_EQ if zero else COND_NE
    def_reg(s, inst, dst, ROLE_REG)


# --- bit masks


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def sum_of_bits(
    s: Lowering, id: uint32_t, sign: uint32_t, low: uint64_t, high: uint64_t, sum: uint32_t
) -> cython.void:
    """Each negative lane gives a bit."""
    dst: uint32_t = result_of(s, id)
    lanes: uint32_t = unary(s, sign, value_of(s, arg(s, id, 0)), 0)
    lanes = pack(s, a.A_AND_16B, lanes, constant(s, low, high))
    unary_to(s, dst, a.A_FMOV_W_S, unary(s, sum, lanes, 0), 0)


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def bitmask_of_bytes(s: Lowering, id: uint32_t) -> cython.void:
    """Eight bits of each half; a lane of the upper half comes beside its fellow of the lower one."""
    dst: uint32_t = result_of(s, id)
    lanes: uint32_t = unary(s, a.A_CMLT_ZERO_16B, value_of(s, arg(s, id, 0)), 0)
    lanes = pack(s, a.A_AND_16B, lanes, constant(s, BYTE_BITS, BYTE_BITS))
    upper: uint32_t = fresh(s, s.m.vregs[lanes].type)
    pack_to(s, upper, a.A_EXT_16B, lanes, lanes, 8)
    lanes = pack(s, a.A_ZIP1_16B, lanes, upper)
    unary_to(s, dst, a.A_FMOV_W_S, unary(s, a.A_ADDV_8H, lanes, 0), 0)


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def bitmask_of_doublewords(s: Lowering, id: uint32_t) -> cython.void:
    """The signs, in the lowest bit of each lane: the upper one is inserted above the lower one."""
    dst: uint32_t = result_of(s, id)
    lanes: uint32_t = value_of(s, arg(s, id, 0))
    low: uint32_t = integer(s, VT_I64, a.A_FMOV_X_D, lanes, 0)
    high: uint32_t = integer(s, VT_I64, a.A_UMOV_D, lanes, 1)
    inst: Made
    low = integer(s, VT_I64, a.A_LSR_IMM64, low, 63)
    high = integer(s, VT_I64, a.A_LSR_IMM64, high, 63)
    inst = emit(s, a.A_ADD32)
    inst.imm = 1  # the second one shifted
    def_reg(s, inst, dst, ROLE_REG)
    use_reg(s, inst, low, ROLE_SECOND)
    use_reg(s, inst, high, ROLE_RM)
