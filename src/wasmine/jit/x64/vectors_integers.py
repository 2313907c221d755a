"""Instruction selection for vectors of integers: what is more than one instruction."""

import cython
from cython.cimports.libc.stdint import uint32_t, uint64_t
from cython.cimports.wasmine.jit.backend.lower import (
    Lower,
    emit_move,
    fresh,
    imm_of,
    is_const,
    result_of,
    value_of,
)
from cython.cimports.wasmine.jit.backend.machine import VT_V128
from cython.cimports.wasmine.jit.ssa import ops as o
from cython.cimports.wasmine.jit.x64 import ops as x
from cython.cimports.wasmine.jit.x64.lower import CPU_AVX512, CPU_BITALG, CPU_SSE42
from cython.cimports.wasmine.jit.x64.packed import (
    arg,
    blend_to,
    constant,
    constant_to,
    count_in_vector,
    each8,
    each16,
    each32,
    pack,
    pack_to,
    shift_to,
    shifted,
    unary,
    unary_to,
    vex,
    with_constant,
)

Lowering = cython.typedef(cython.pointer[Lower])

ONES = cython.declare(cython.const[uint64_t], 0xFFFFFFFFFFFFFFFF)
SIGN64 = cython.declare(cython.const[uint64_t], 0x8000000000000000)


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def lower_vector_integer(s: Lowering, id: uint32_t) -> cython.bint:
    op: uint32_t = s.f.insts[id].op
    return order(s, id, op) or arithmetic(s, id, op) or widening(s, id, op)


# --- orders


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def order(s: Lowering, id: uint32_t, op: uint32_t) -> cython.bint:
    """There is "equal" and signed "greater"; the rest is said with an extremum of both, or negated."""
    if op == o.I8X16_NE:
        inverse(s, id, x.X_PCMPEQB, 0)
    elif op == o.I16X8_NE:
        inverse(s, id, x.X_PCMPEQW, 0)
    elif op == o.I32X4_NE:
        inverse(s, id, x.X_PCMPEQD, 0)
    elif op == o.I64X2_NE:
        inverse(s, id, x.X_PCMPEQQ, 0)
    elif op == o.I8X16_LE_S:
        is_extremum(s, id, x.X_PMINSB, x.X_PCMPEQB)
    elif op == o.I8X16_LE_U:
        is_extremum(s, id, x.X_PMINUB, x.X_PCMPEQB)
    elif op == o.I8X16_GE_S:
        is_extremum(s, id, x.X_PMAXSB, x.X_PCMPEQB)
    elif op == o.I8X16_GE_U:
        is_extremum(s, id, x.X_PMAXUB, x.X_PCMPEQB)
    elif op == o.I16X8_LE_S:
        is_extremum(s, id, x.X_PMINSW, x.X_PCMPEQW)
    elif op == o.I16X8_LE_U:
        is_extremum(s, id, x.X_PMINUW, x.X_PCMPEQW)
    elif op == o.I16X8_GE_S:
        is_extremum(s, id, x.X_PMAXSW, x.X_PCMPEQW)
    elif op == o.I16X8_GE_U:
        is_extremum(s, id, x.X_PMAXUW, x.X_PCMPEQW)
    elif op == o.I32X4_LE_S:
        is_extremum(s, id, x.X_PMINSD, x.X_PCMPEQD)
    elif op == o.I32X4_LE_U:
        is_extremum(s, id, x.X_PMINUD, x.X_PCMPEQD)
    elif op == o.I32X4_GE_S:
        is_extremum(s, id, x.X_PMAXSD, x.X_PCMPEQD)
    elif op == o.I32X4_GE_U:
        is_extremum(s, id, x.X_PMAXUD, x.X_PCMPEQD)
    elif op == o.I8X16_LT_U:
        inverse(s, id, x.X_PCMPEQB, x.X_PMAXUB)
    elif op == o.I8X16_GT_U:
        inverse(s, id, x.X_PCMPEQB, x.X_PMINUB)
    elif op == o.I16X8_LT_U:
        inverse(s, id, x.X_PCMPEQW, x.X_PMAXUW)
    elif op == o.I16X8_GT_U:
        inverse(s, id, x.X_PCMPEQW, x.X_PMINUW)
    elif op == o.I32X4_LT_U:
        inverse(s, id, x.X_PCMPEQD, x.X_PMAXUD)
    elif op == o.I32X4_GT_U:
        inverse(s, id, x.X_PCMPEQD, x.X_PMINUD)
    elif op == o.I64X2_GT_S:
        greater(s, id, 0, 1, False)
    elif op == o.I64X2_LT_S:
        greater(s, id, 1, 0, False)
    elif op == o.I64X2_LE_S:
        greater(s, id, 0, 1, True)
    elif op == o.I64X2_GE_S:
        greater(s, id, 1, 0, True)
    else:
        return False
    return True


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def is_extremum(s: Lowering, id: uint32_t, op: uint32_t, equal: uint32_t) -> cython.void:
    dst: uint32_t = result_of(s, id)
    a: uint32_t = value_of(s, arg(s, id, 0))
    b: uint32_t = value_of(s, arg(s, id, 1))
    pack_to(s, dst, equal, pack(s, op, a, b), a, 0)


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def inverse(s: Lowering, id: uint32_t, equal: uint32_t, op: uint32_t) -> cython.void:
    """Not equal; or with an extremum, not the lesser, not the greater."""
    dst: uint32_t = result_of(s, id)
    a: uint32_t = value_of(s, arg(s, id, 0))
    b: uint32_t = value_of(s, arg(s, id, 1))
    if op != 0:
        b = pack(s, op, a, b)
    constant_to(s, dst, x.X_PXOR, pack(s, equal, b, a), ONES, ONES, 0)


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def greater(s: Lowering, id: uint32_t, left: uint32_t, right: uint32_t, negated: cython.bint) -> cython.void:
    dst: uint32_t = result_of(s, id)
    a: uint32_t = value_of(s, arg(s, id, left))
    b: uint32_t = value_of(s, arg(s, id, right))
    found: uint32_t = fresh(s, VT_V128) if negated else dst
    greater_to(s, found, a, b)
    if negated:
        constant_to(s, dst, x.X_PXOR, found, ONES, ONES, 0)


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def greater_to(s: Lowering, dst: uint32_t, a: uint32_t, b: uint32_t) -> cython.void:
    """Signed a > b in lanes of 64 bits.

    Without SSE4.2: by the upper halves, or where they are equal, by the borrow of b - a.
    """
    borrow: uint32_t
    above: uint32_t
    equal: uint32_t
    if s.features & CPU_SSE42:
        pack_to(s, dst, x.X_PCMPGTQ, a, b, 0)
        return
    above = pack(s, x.X_PCMPGTD, a, b)
    equal = pack(s, x.X_PCMPEQD, a, b)
    borrow = pack(s, x.X_PSUBQ, b, a)
    borrow = pack(s, x.X_PAND, borrow, equal)
    above = pack(s, x.X_POR, above, borrow)
    unary_to(s, dst, x.X_PSHUFD, above, 0xF5)


# --- arithmetic


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def arithmetic(s: Lowering, id: uint32_t, op: uint32_t) -> cython.bint:
    if op == o.I8X16_NEG:
        negate(s, id, x.X_PSUBB)
    elif op == o.I16X8_NEG:
        negate(s, id, x.X_PSUBW)
    elif op == o.I32X4_NEG:
        negate(s, id, x.X_PSUBD)
    elif op == o.I64X2_NEG:
        negate(s, id, x.X_PSUBQ)
    elif op == o.I64X2_ABS:
        abs64(s, id)
    elif op == o.I64X2_MUL:
        mul64(s, id)
    elif op == o.I64X2_SHR_S:
        shift_signed64(s, id)
    elif op == o.I8X16_SHL:
        shift_bytes(s, id, x.X_PSLLW)
    elif op == o.I8X16_SHR_U:
        shift_bytes(s, id, x.X_PSRLW)
    elif op == o.I8X16_SHR_S:
        shift_signed_bytes(s, id)
    elif op == o.I8X16_POPCNT:
        popcnt(s, id)
    elif op == o.I16X8_Q15MULR_SAT_S:
        q15mulr(s, id)
    else:
        return False
    return True


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def negate(s: Lowering, id: uint32_t, op: uint32_t) -> cython.void:
    dst: uint32_t = result_of(s, id)
    a: uint32_t = value_of(s, arg(s, id, 0))
    pack_to(s, dst, op, constant(s, 0, 0), a, 0)


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def abs64(s: Lowering, id: uint32_t) -> cython.void:
    """(a ^ m) - m, where m is the sign in all bits of the lane."""
    dst: uint32_t = result_of(s, id)
    a: uint32_t = value_of(s, arg(s, id, 0))
    if s.features & CPU_AVX512:
        unary_to(s, dst, x.X_VPABSQ, a, 0)
        return
    if vex(s):
        blend_to(s, dst, x.X_VBLENDVPD, a, pack(s, x.X_PSUBQ, constant(s, 0, 0), a), a)
        return
    sign: uint32_t = unary(s, x.X_PSHUFD, shifted(s, x.X_PSRAD_IMM, a, 31), 0xF5)
    pack_to(s, dst, x.X_PSUBQ, pack(s, x.X_PXOR, a, sign), sign, 0)


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def mul64(s: Lowering, id: uint32_t) -> cython.void:
    """The product of the lower halves, and above it what the upper halves give."""
    dst: uint32_t = result_of(s, id)
    a: uint32_t = value_of(s, arg(s, id, 0))
    b: uint32_t = value_of(s, arg(s, id, 1))
    if s.features & CPU_AVX512:
        pack_to(s, dst, x.X_VPMULLQ, a, b, 0)
        return
    above: uint32_t = pack(s, x.X_PMULUDQ, shifted(s, x.X_PSRLQ_IMM, a, 32), b)
    other: uint32_t = pack(s, x.X_PMULUDQ, shifted(s, x.X_PSRLQ_IMM, b, 32), a)
    above = shifted(s, x.X_PSLLQ_IMM, pack(s, x.X_PADDQ, above, other), 32)
    pack_to(s, dst, x.X_PADDQ, pack(s, x.X_PMULUDQ, a, b), above, 0)


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def shift_signed64(s: Lowering, id: uint32_t) -> cython.void:
    """A logical shift, then the sign from where it has come to: (y ^ m) - m, where m is that bit."""
    dst: uint32_t = result_of(s, id)
    count: uint32_t = arg(s, id, 1)
    a: uint32_t = value_of(s, arg(s, id, 0))
    n: uint32_t
    sign: uint32_t
    if is_const(s, count):
        n = cython.cast(uint32_t, imm_of(s, count)) & 63
        if n == 0:
            emit_move(s, dst, a)
        elif s.features & CPU_AVX512:
            shift_to(s, dst, x.X_VPSRAQ_IMM, a, n)
        elif n == 63:
            unary_to(s, dst, x.X_PSHUFD, shifted(s, x.X_PSRAD_IMM, a, 31), 0xF5)
        else:
            a = with_constant(s, x.X_PXOR, shifted(s, x.X_PSRLQ_IMM, a, n), SIGN64 >> n, SIGN64 >> n)
            constant_to(s, dst, x.X_PSUBQ, a, SIGN64 >> n, SIGN64 >> n, 0)
        return
    count = count_in_vector(s, count, 63)
    if s.features & CPU_AVX512:
        pack_to(s, dst, x.X_VPSRAQ, a, count, 0)
        return
    sign = pack(s, x.X_PSRLQ, constant(s, SIGN64, SIGN64), count)
    pack_to(s, dst, x.X_PSUBQ, pack(s, x.X_PXOR, pack(s, x.X_PSRLQ, a, count), sign), sign, 0)


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def shift_bytes(s: Lowering, id: uint32_t, op: uint32_t) -> cython.void:
    """As lanes of 16 bits, without the bits that come from the neighbour: those above 0xFF >> n."""
    dst: uint32_t = result_of(s, id)
    count: uint32_t = arg(s, id, 1)
    a: uint32_t = value_of(s, arg(s, id, 0))
    left: cython.bint = op == x.X_PSLLW
    n: uint32_t
    bits: uint64_t
    kept: uint32_t
    if is_const(s, count):
        n = cython.cast(uint32_t, imm_of(s, count)) & 7
        bits = each8(0xFF << n & 0xFF if left else 0xFF >> n)
        if n == 0:
            emit_move(s, dst, a)
        else:
            a = shifted(s, x.X_PSLLW_IMM if left else x.X_PSRLW_IMM, a, n)
            constant_to(s, dst, x.X_PAND, a, bits, bits, 0)
        return
    count = count_in_vector(s, count, 7)
    kept = pack(s, x.X_PSRLW, constant(s, each16(0xFF), each16(0xFF)), count)
    kept = pack(s, x.X_PACKUSWB, kept, kept)
    if left:
        pack_to(s, dst, op, pack(s, x.X_PAND, a, kept), count, 0)
    else:
        pack_to(s, dst, x.X_PAND, pack(s, op, a, count), kept, 0)


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def shift_signed_bytes(s: Lowering, id: uint32_t) -> cython.void:
    """With a constant count: a logical shift, then the sign. Else in the upper halves of lanes of 16 bits."""
    dst: uint32_t = result_of(s, id)
    count: uint32_t = arg(s, id, 1)
    a: uint32_t = value_of(s, arg(s, id, 0))
    n: uint32_t
    sign: uint64_t
    low: uint32_t
    high: uint32_t
    if is_const(s, count):
        n = cython.cast(uint32_t, imm_of(s, count)) & 7
        sign = each8(0x80 >> n)
        if n == 0:
            emit_move(s, dst, a)
        else:
            a = with_constant(
                s, x.X_PAND, shifted(s, x.X_PSRLW_IMM, a, n), each8(0xFF >> n), each8(0xFF >> n)
            )
            a = with_constant(s, x.X_PXOR, a, sign, sign)
            constant_to(s, dst, x.X_PSUBB, a, sign, sign, 0)
        return
    count = count_in_vector(s, count, 7)
    low = shifted(s, x.X_PSRAW_IMM, pack(s, x.X_PUNPCKLBW, a, a), 8)
    high = shifted(s, x.X_PSRAW_IMM, pack(s, x.X_PUNPCKHBW, a, a), 8)
    low = pack(s, x.X_PSRAW, low, count)
    high = pack(s, x.X_PSRAW, high, count)
    pack_to(s, dst, x.X_PACKSSWB, low, high, 0)


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def popcnt(s: Lowering, id: uint32_t) -> cython.void:
    """By a table of the sixteen values of four bits."""
    dst: uint32_t = result_of(s, id)
    a: uint32_t = value_of(s, arg(s, id, 0))
    if s.features & CPU_BITALG:
        unary_to(s, dst, x.X_VPOPCNTB, a, 0)
        return
    table: uint32_t = constant(s, 0x0302020102010100, 0x0403030203020201)
    low: uint32_t = with_constant(s, x.X_PAND, a, each8(0x0F), each8(0x0F))
    high: uint32_t = with_constant(s, x.X_PAND, shifted(s, x.X_PSRLW_IMM, a, 4), each8(0x0F), each8(0x0F))
    low = pack(s, x.X_PSHUFB, table, low)
    high = pack(s, x.X_PSHUFB, table, high)
    pack_to(s, dst, x.X_PADDB, low, high, 0)


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def q15mulr(s: Lowering, id: uint32_t) -> cython.void:
    """The product of -1 and -1 is 0x8000 by the machine, and nothing else is: it becomes 0x7FFF."""
    dst: uint32_t = result_of(s, id)
    a: uint32_t = value_of(s, arg(s, id, 0))
    b: uint32_t = value_of(s, arg(s, id, 1))
    product: uint32_t = pack(s, x.X_PMULHRSW, a, b)
    lowest: uint32_t = with_constant(s, x.X_PCMPEQW, product, each16(0x8000), each16(0x8000))
    pack_to(s, dst, x.X_PXOR, product, lowest, 0)


# --- lanes that become wider


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def widening(s: Lowering, id: uint32_t, op: uint32_t) -> cython.bint:
    if op == o.I16X8_EXTEND_HIGH_I8X16_S:
        extend_high(s, id, x.X_PMOVSXBW)
    elif op == o.I16X8_EXTEND_HIGH_I8X16_U:
        extend_high_zero(s, id, x.X_PUNPCKHBW)
    elif op == o.I32X4_EXTEND_HIGH_I16X8_S:
        extend_high(s, id, x.X_PMOVSXWD)
    elif op == o.I32X4_EXTEND_HIGH_I16X8_U:
        extend_high_zero(s, id, x.X_PUNPCKHWD)
    elif op == o.I64X2_EXTEND_HIGH_I32X4_S:
        extend_high(s, id, x.X_PMOVSXDQ)
    elif op == o.I64X2_EXTEND_HIGH_I32X4_U:
        extend_high_zero(s, id, x.X_PUNPCKHDQ)
    elif op == o.I32X4_EXTMUL_LOW_I16X8_S:
        multiply_words(s, id, x.X_PMULHW, x.X_PUNPCKLWD)
    elif op == o.I32X4_EXTMUL_LOW_I16X8_U:
        multiply_words(s, id, x.X_PMULHUW, x.X_PUNPCKLWD)
    elif op == o.I32X4_EXTMUL_HIGH_I16X8_S:
        multiply_words(s, id, x.X_PMULHW, x.X_PUNPCKHWD)
    elif op == o.I32X4_EXTMUL_HIGH_I16X8_U:
        multiply_words(s, id, x.X_PMULHUW, x.X_PUNPCKHWD)
    elif op == o.I64X2_EXTMUL_LOW_I32X4_S:
        multiply_doublewords(s, id, x.X_PMULDQ, 0x50)
    elif op == o.I64X2_EXTMUL_LOW_I32X4_U:
        multiply_doublewords(s, id, x.X_PMULUDQ, 0x50)
    elif op == o.I64X2_EXTMUL_HIGH_I32X4_S:
        multiply_doublewords(s, id, x.X_PMULDQ, 0xFA)
    elif op == o.I64X2_EXTMUL_HIGH_I32X4_U:
        multiply_doublewords(s, id, x.X_PMULUDQ, 0xFA)
    elif op == o.I16X8_RELAXED_DOT_I8X16_I7X16_S:
        dot_bytes_to(s, result_of(s, id), id)
    elif op == o.I32X4_RELAXED_DOT_I8X16_I7X16_ADD_S:
        dot_bytes_add(s, id)
    else:
        return add_pairs(s, id, op)
    return True


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def extend_high(s: Lowering, id: uint32_t, op: uint32_t) -> cython.void:
    dst: uint32_t = result_of(s, id)
    a: uint32_t = value_of(s, arg(s, id, 0))
    unary_to(s, dst, op, unary(s, x.X_PSHUFD, a, 0xEE), 0)


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def extend_high_zero(s: Lowering, id: uint32_t, op: uint32_t) -> cython.void:
    dst: uint32_t = result_of(s, id)
    a: uint32_t = value_of(s, arg(s, id, 0))
    pack_to(s, dst, op, a, constant(s, 0, 0), 0)


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def extended(s: Lowering, a: uint32_t, extend: uint32_t, high: cython.bint) -> uint32_t:
    """Lanes of 8 bits as lanes of 16."""
    if high and extend == x.X_PMOVZXBW:
        return pack(s, x.X_PUNPCKHBW, a, constant(s, 0, 0))
    if high:
        a = unary(s, x.X_PSHUFD, a, 0xEE)
    return unary(s, extend, a, 0)


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def multiply_words(s: Lowering, id: uint32_t, high: uint32_t, join: uint32_t) -> cython.void:
    """Lower and upper halves of the products, interleaved."""
    dst: uint32_t = result_of(s, id)
    a: uint32_t = value_of(s, arg(s, id, 0))
    b: uint32_t = value_of(s, arg(s, id, 1))
    low: uint32_t = pack(s, x.X_PMULLW, a, b)
    pack_to(s, dst, join, low, pack(s, high, a, b), 0)


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def multiply_doublewords(s: Lowering, id: uint32_t, op: uint32_t, lanes: uint32_t) -> cython.void:
    dst: uint32_t = result_of(s, id)
    a: uint32_t = value_of(s, arg(s, id, 0))
    b: uint32_t = value_of(s, arg(s, id, 1))
    a = unary(s, x.X_PSHUFD, a, lanes)
    b = unary(s, x.X_PSHUFD, b, lanes)
    pack_to(s, dst, op, a, b, 0)


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def add_pairs(s: Lowering, id: uint32_t, op: uint32_t) -> cython.bint:
    """Sums of neighbours, as products with 1; pmaddubsw multiplies unsigned by signed."""
    if not o.I16X8_EXTADD_PAIRWISE_I8X16_S <= op <= o.I32X4_EXTADD_PAIRWISE_I16X8_U:
        return False
    dst: uint32_t = result_of(s, id)
    a: uint32_t = value_of(s, arg(s, id, 0))
    if op == o.I16X8_EXTADD_PAIRWISE_I8X16_S:
        pack_to(s, dst, x.X_PMADDUBSW, constant(s, each8(1), each8(1)), a, 0)
    elif op == o.I16X8_EXTADD_PAIRWISE_I8X16_U:
        constant_to(s, dst, x.X_PMADDUBSW, a, each8(1), each8(1), 0)
    elif op == o.I32X4_EXTADD_PAIRWISE_I16X8_S:
        constant_to(s, dst, x.X_PMADDWD, a, each16(1), each16(1), 0)
    else:
        low: uint32_t = with_constant(s, x.X_PAND, a, each32(0xFFFF), each32(0xFFFF))
        pack_to(s, dst, x.X_PADDD, low, shifted(s, x.X_PSRLD_IMM, a, 16), 0)
    return True


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def dot_bytes_to(s: Lowering, dst: uint32_t, id: uint32_t) -> cython.void:
    """Sums of two products of signed bytes, saturated to 16 bits."""
    a: uint32_t = value_of(s, arg(s, id, 0))
    b: uint32_t = value_of(s, arg(s, id, 1))
    low: uint32_t = extended(s, a, x.X_PMOVSXBW, False)
    other: uint32_t = extended(s, b, x.X_PMOVSXBW, False)
    low = pack(s, x.X_PMADDWD, low, other)
    high: uint32_t = extended(s, a, x.X_PMOVSXBW, True)
    other = extended(s, b, x.X_PMOVSXBW, True)
    high = pack(s, x.X_PMADDWD, high, other)
    pack_to(s, dst, x.X_PACKSSDW, low, high, 0)


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def dot_bytes_add(s: Lowering, id: uint32_t) -> cython.void:
    dst: uint32_t = result_of(s, id)
    c: uint32_t = value_of(s, arg(s, id, 2))
    pairs: uint32_t = fresh(s, VT_V128)
    dot_bytes_to(s, pairs, id)
    pack_to(s, dst, x.X_PADDD, with_constant(s, x.X_PMADDWD, pairs, each16(1), each16(1)), c, 0)
