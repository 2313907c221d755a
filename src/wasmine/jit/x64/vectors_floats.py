"""Instruction selection for vectors of floats: what is more than one instruction."""

import cython
from cython.cimports.libc.stdint import uint32_t, uint64_t
from cython.cimports.wasmine.jit.backend.lower import Lower, fresh, result_of, value_of
from cython.cimports.wasmine.jit.backend.machine import VT_V128
from cython.cimports.wasmine.jit.ssa import ops as o
from cython.cimports.wasmine.jit.x64 import ops as x
from cython.cimports.wasmine.jit.x64.lower import CPU_AVX512
from cython.cimports.wasmine.jit.x64.packed import (
    arg,
    blend_to,
    constant,
    constant_to,
    each32,
    pack,
    pack_to,
    shifted,
    unary,
    unary_to,
    vex,
    with_constant,
)

Lowering = cython.typedef(cython.pointer[Lower])

# In every lane
SIGN32 = cython.declare(cython.const[uint64_t], 0x8000000080000000)
SIGN64 = cython.declare(cython.const[uint64_t], 0x8000000000000000)
TWO_31_F32 = cython.declare(cython.const[uint64_t], 0x4F0000004F000000)
I32_MAX_F64 = cython.declare(cython.const[uint64_t], 0x41DFFFFFFFC00000)
U32_MAX_F64 = cython.declare(cython.const[uint64_t], 0x41EFFFFFFFE00000)
TWO_52_F64 = cython.declare(cython.const[uint64_t], 0x4330000000000000)

# opspd = opsps + this: the prefix 66 of a packed op (ops.py)
DOUBLE = cython.declare(cython.const[uint32_t], 0x400)

# Predicates of cmpps
EQUAL = cython.declare(cython.const[uint32_t], 0)
LESS_OR_EQUAL = cython.declare(cython.const[uint32_t], 2)
UNORDERED = cython.declare(cython.const[uint32_t], 3)
NOT_LESS = cython.declare(cython.const[uint32_t], 5)
TO_ZERO = cython.declare(cython.const[uint32_t], 11)


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def lower_vector_float(s: Lowering, id: uint32_t) -> cython.bint:
    op: uint32_t = s.f.insts[id].op
    if op == o.F32X4_ABS:
        with_mask(s, id, x.X_ANDPS, ~SIGN32)
    elif op == o.F64X2_ABS:
        with_mask(s, id, x.X_ANDPS, ~SIGN64)
    elif op == o.F32X4_NEG:
        with_mask(s, id, x.X_XORPS, SIGN32)
    elif op == o.F64X2_NEG:
        with_mask(s, id, x.X_XORPS, SIGN64)
    elif op == o.F32X4_MIN:
        extremum(s, id, x.X_MINPS, x.X_ORPS, 0)
    elif op == o.F32X4_MAX:
        extremum(s, id, x.X_MAXPS, x.X_ANDPS, 0)
    elif op == o.F64X2_MIN:
        extremum(s, id, x.X_MINPD, x.X_ORPS, DOUBLE)
    elif op == o.F64X2_MAX:
        extremum(s, id, x.X_MAXPD, x.X_ANDPS, DOUBLE)
    elif op == o.F32X4_RELAXED_MADD:
        multiply_add(s, id, x.X_MULPS, x.X_ADDPS, False)
    elif op == o.F32X4_RELAXED_NMADD:
        multiply_add(s, id, x.X_MULPS, x.X_SUBPS, True)
    elif op == o.F64X2_RELAXED_MADD:
        multiply_add(s, id, x.X_MULPD, x.X_ADDPD, False)
    elif op == o.F64X2_RELAXED_NMADD:
        multiply_add(s, id, x.X_MULPD, x.X_SUBPD, True)
    elif op == o.F32X4_CONVERT_I32X4_U:
        convert_u32(s, id)
    elif op == o.F64X2_CONVERT_LOW_I32X4_U:
        convert_low_u32(s, id)
    elif op == o.I32X4_TRUNC_SAT_F32X4_S:
        truncate_s(s, id)
    elif op == o.I32X4_TRUNC_SAT_F32X4_U:
        truncate_u(s, id)
    elif op == o.I32X4_TRUNC_SAT_F64X2_S_ZERO:
        truncate_f64_s(s, id)
    elif op == o.I32X4_TRUNC_SAT_F64X2_U_ZERO:
        truncate_f64_u(s, id)
    else:
        return False
    return True


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def with_mask(s: Lowering, id: uint32_t, op: uint32_t, mask: uint64_t) -> cython.void:
    dst: uint32_t = result_of(s, id)
    a: uint32_t = value_of(s, arg(s, id, 0))
    constant_to(s, dst, op, a, mask, mask, 0)


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def compared(s: Lowering, op: uint32_t, a: uint32_t, b: uint32_t, predicate: uint32_t) -> uint32_t:
    dst: uint32_t = fresh(s, VT_V128)
    pack_to(s, dst, op, a, b, predicate)
    return dst


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def extremum(s: Lowering, id: uint32_t, op: uint32_t, join: uint32_t, double: uint32_t) -> cython.void:
    """The machine's min and max take the second operand when both are zero, or one is NaN.

    So both orders are taken: they differ only then, and together give the right sign of zero. Lanes with a
    NaN become the sum; without AVX, a quiet NaN: all ones, less the lower bits of the fraction.
    """
    dst: uint32_t = result_of(s, id)
    a: uint32_t = value_of(s, arg(s, id, 0))
    b: uint32_t = value_of(s, arg(s, id, 1))
    one: uint32_t = pack(s, op, a, b)
    other: uint32_t = pack(s, op, b, a)
    both: uint32_t = pack(s, join, one, other)
    unordered: uint32_t = compared(s, x.X_CMPPS + double, a, b, UNORDERED)
    if vex(s):
        sum: uint32_t = pack(s, x.X_ADDPS + double, a, b)
        blend_to(s, dst, x.X_VBLENDVPD if double else x.X_VBLENDVPS, both, sum, unordered)
        return
    both = pack(s, x.X_ORPS, both, unordered)
    if double:
        unordered = shifted(s, x.X_PSRLQ_IMM, unordered, 13)
    else:
        unordered = shifted(s, x.X_PSRLD_IMM, unordered, 10)
    pack_to(s, dst, x.X_ANDNPS, unordered, both, 0)


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def multiply_add(
    s: Lowering, id: uint32_t, multiply: uint32_t, op: uint32_t, negated: cython.bint
) -> cython.void:
    """c + a * b, c - a * b; rounded twice (ir/simd_ops.py)."""
    dst: uint32_t = result_of(s, id)
    a: uint32_t = value_of(s, arg(s, id, 0))
    b: uint32_t = value_of(s, arg(s, id, 1))
    c: uint32_t = value_of(s, arg(s, id, 2))
    product: uint32_t = pack(s, multiply, a, b)
    if negated:
        pack_to(s, dst, op, c, product, 0)
    else:
        pack_to(s, dst, op, product, c, 0)


# --- conversions


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def convert_u32(s: Lowering, id: uint32_t) -> cython.void:
    """Halves of 16 bits become floats in the fractions of 2^23 and 2^39: only the sum rounds."""
    dst: uint32_t = result_of(s, id)
    a: uint32_t = value_of(s, arg(s, id, 0))
    if s.features & CPU_AVX512:
        unary_to(s, dst, x.X_VCVTUDQ2PS, a, 0)
        return
    low: uint32_t = with_constant(s, x.X_PAND, a, each32(0xFFFF), each32(0xFFFF))
    low = with_constant(s, x.X_POR, low, each32(0x4B000000), each32(0x4B000000))
    high: uint32_t = shifted(s, x.X_PSRLD_IMM, a, 16)
    high = with_constant(s, x.X_POR, high, each32(0x53000000), each32(0x53000000))
    # Less 2^39 + 2^23
    high = with_constant(s, x.X_SUBPS, high, each32(0x53000080), each32(0x53000080))
    pack_to(s, dst, x.X_ADDPS, high, low, 0)


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def convert_low_u32(s: Lowering, id: uint32_t) -> cython.void:
    """As the lower half of the fraction of 2^52."""
    dst: uint32_t = result_of(s, id)
    a: uint32_t = value_of(s, arg(s, id, 0))
    if s.features & CPU_AVX512:
        unary_to(s, dst, x.X_VCVTUDQ2PD, a, 0)
        return
    a = with_constant(s, x.X_UNPCKLPS, a, each32(0x43300000), each32(0x43300000))
    constant_to(s, dst, x.X_SUBPD, a, TWO_52_F64, TWO_52_F64, 0)


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def truncate_s(s: Lowering, id: uint32_t) -> cython.void:
    """What does not fit becomes the lowest number; where it is above, that is inverted. NaN becomes 0."""
    dst: uint32_t = result_of(s, id)
    a: uint32_t = value_of(s, arg(s, id, 0))
    above: uint32_t = fresh(s, VT_V128)
    a = pack(s, x.X_ANDPS, a, compared(s, x.X_CMPPS, a, a, EQUAL))
    constant_to(s, above, x.X_CMPPS, a, TWO_31_F32, TWO_31_F32, NOT_LESS)
    pack_to(s, dst, x.X_PXOR, unary(s, x.X_CVTTPS2DQ, a, 0), above, 0)


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def truncate_u(s: Lowering, id: uint32_t) -> cython.void:
    """The sum of two conversions: of the value, 2^31 at most, and of what it is above 2^31.

    maxps returns its second operand when the first is NaN.
    """
    dst: uint32_t = result_of(s, id)
    a: uint32_t = value_of(s, arg(s, id, 0))
    zero: uint32_t = constant(s, 0, 0)
    a = pack(s, x.X_MAXPS, a, zero)
    if s.features & CPU_AVX512:
        unary_to(s, dst, x.X_VCVTTPS2UDQ, a, 0)  # what is too large becomes the highest number
        return
    limit: uint32_t = constant(s, TWO_31_F32, TWO_31_F32)
    rest: uint32_t = pack(s, x.X_SUBPS, a, limit)
    beyond: uint32_t = compared(s, x.X_CMPPS, limit, rest, LESS_OR_EQUAL)
    rest = pack(s, x.X_PXOR, unary(s, x.X_CVTTPS2DQ, rest, 0), beyond)
    rest = pack(s, x.X_PMAXSD, rest, zero)
    pack_to(s, dst, x.X_PADDD, unary(s, x.X_CVTTPS2DQ, a, 0), rest, 0)


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def truncate_f64_s(s: Lowering, id: uint32_t) -> cython.void:
    """What is too low becomes the lowest number by itself.

    minpd returns its second operand, here 0, when the first is NaN.
    """
    dst: uint32_t = result_of(s, id)
    a: uint32_t = value_of(s, arg(s, id, 0))
    limit: uint32_t = with_constant(
        s, x.X_ANDPS, compared(s, x.X_CMPPD, a, a, EQUAL), I32_MAX_F64, I32_MAX_F64
    )
    unary_to(s, dst, x.X_CVTTPD2DQ, pack(s, x.X_MINPD, a, limit), 0)


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def truncate_f64_u(s: Lowering, id: uint32_t) -> cython.void:
    """Between 0 and the highest, the whole part added to 2^52 is the lower half of its bits."""
    dst: uint32_t = result_of(s, id)
    a: uint32_t = value_of(s, arg(s, id, 0))
    zero: uint32_t = constant(s, 0, 0)
    if s.features & CPU_AVX512:
        unary_to(s, dst, x.X_VCVTTPD2UDQ, pack(s, x.X_MAXPD, a, zero), 0)
        return
    a = with_constant(s, x.X_MINPD, pack(s, x.X_MAXPD, a, zero), U32_MAX_F64, U32_MAX_F64)
    a = with_constant(s, x.X_ADDPD, unary(s, x.X_ROUNDPD, a, TO_ZERO), TWO_52_F64, TWO_52_F64)
    pack_to(s, dst, x.X_SHUFPS, a, zero, 0x88)
