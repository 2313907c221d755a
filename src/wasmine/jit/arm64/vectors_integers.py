"""Instruction selection for vectors of integers: what is more than one instruction."""

import cython
from cython.cimports.libc.stdint import uint32_t
from cython.cimports.wasmine.jit.arm64 import ops as a
from cython.cimports.wasmine.jit.arm64.packed import arg, into_to, onto_to, pack, pack_to, unary
from cython.cimports.wasmine.jit.backend.lower import Lower, fresh, result_of, value_of
from cython.cimports.wasmine.jit.backend.machine import VT_V128
from cython.cimports.wasmine.jit.ssa import ops as o

Lowering = cython.typedef(cython.pointer[Lower])


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def lower_vector_integer(s: Lowering, id: uint32_t) -> cython.bint:
    op: uint32_t = s.f.insts[id].op
    if op == o.I64X2_MUL:
        multiply64(s, id)
    elif op == o.I32X4_DOT_I16X8_S:
        dot_halves(s, id)
    elif op == o.I16X8_RELAXED_DOT_I8X16_I7X16_S:
        dot_bytes_to(s, result_of(s, id), id)
    elif op == o.I32X4_RELAXED_DOT_I8X16_I7X16_ADD_S:
        dot_bytes_add(s, id)
    else:
        return False
    return True


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def multiply64(s: Lowering, id: uint32_t) -> cython.void:
    """The products of lower and upper halves, added in pairs and shifted up; those of the lower halves."""
    dst: uint32_t = result_of(s, id)
    left: uint32_t = value_of(s, arg(s, id, 0))
    right: uint32_t = value_of(s, arg(s, id, 1))
    cross: uint32_t = pack(s, a.A_MUL_4S, unary(s, a.A_REV64_4S, right, 0), left)
    cross = unary(s, a.A_SHL_2D, unary(s, a.A_UADDLP_2D, cross, 0), 32)
    left = unary(s, a.A_XTN_2S, left, 0)
    right = unary(s, a.A_XTN_2S, right, 0)
    onto_to(s, dst, a.A_UMLAL_2D, cross, left, right)


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def dot_halves(s: Lowering, id: uint32_t) -> cython.void:
    dst: uint32_t = result_of(s, id)
    left: uint32_t = value_of(s, arg(s, id, 0))
    right: uint32_t = value_of(s, arg(s, id, 1))
    low: uint32_t = pack(s, a.A_SMULL_4S, left, right)
    pack_to(s, dst, a.A_ADDP_4S, low, pack(s, a.A_SMULL2_4S, left, right), 0)


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def dot_bytes_to(s: Lowering, dst: uint32_t, id: uint32_t) -> cython.void:
    """Sums of two products of signed bytes, saturated to 16 bits."""
    left: uint32_t = value_of(s, arg(s, id, 0))
    right: uint32_t = value_of(s, arg(s, id, 1))
    low: uint32_t = pack(s, a.A_SMULL_8H, left, right)
    high: uint32_t = pack(s, a.A_SMULL2_8H, left, right)
    even: uint32_t = pack(s, a.A_UZP1_8H, low, high)
    pack_to(s, dst, a.A_SQADD_8H, even, pack(s, a.A_UZP2_8H, low, high), 0)


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def dot_bytes_add(s: Lowering, id: uint32_t) -> cython.void:
    dst: uint32_t = result_of(s, id)
    sum: uint32_t = value_of(s, arg(s, id, 2))
    pairs: uint32_t = fresh(s, VT_V128)
    dot_bytes_to(s, pairs, id)
    into_to(s, dst, a.A_SADALP_4S, sum, pairs, 0)
