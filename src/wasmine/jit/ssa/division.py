"""Division and remainder by constants, without dividing (Hacker's Delight, chapter 10; Granlund and
Montgomery, 1994).

By a power of two, by shifts. By another d, a multiplication by m = ceil(2^(width + s) / d) for a suitable s,
of which the upper half is kept: of 32 bits that is a product of 64. Unsigned, m may need one bit more than
the width: then the product is corrected by an average of it and x, or, when d is even, x and d are halved
first. A remainder is x - x / d * d.
"""

import cython
from cython.cimports.libc.stdint import int64_t, uint32_t, uint64_t
from cython.cimports.wasmine.ir.scalar import clz64, ctz64
from cython.cimports.wasmine.jit.ssa import ops as o
from cython.cimports.wasmine.jit.ssa.function import TYPE_I32, TYPE_I64, const_of
from cython.cimports.wasmine.jit.ssa.simplify import Cursor, emit1, emit2

At = cython.typedef(cython.pointer[Cursor])


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def divide_wide(high: uint64_t, divisor: uint64_t, remainder: cython.pointer[uint64_t]) -> uint64_t:
    """(high << 64) / divisor, where high < divisor: long division, bit by bit."""
    quotient: uint64_t = 0
    carry: cython.bint
    i: uint32_t
    for i in range(64):
        carry = (high >> 63) != 0
        high <<= 1
        quotient <<= 1
        if carry or high >= divisor:
            high -= divisor
            quotient |= 1
    remainder[0] = high
    return quotient


@cython.cfunc
@cython.inline
@cython.nogil
@cython.exceptval(check=False)
def is_32(type: uint32_t) -> cython.bint:
    """Whether it is i32."""
    return type == TYPE_I32


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def shift(c: At, op32: uint32_t, op64: uint32_t, type: uint32_t, x: uint32_t, by: uint64_t) -> uint32_t:
    """x shifted by a constant."""
    return emit2(c, op32 if is_32(type) else op64, type, x, const_of(c.f, type, by))


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def high_part(
    c: At, signed: cython.bint, type: uint32_t, x: uint32_t, multiplier: uint64_t, by: uint64_t
) -> uint32_t:
    """The upper half of the product of x and a multiplier, shifted right.

    Of i64, signed, the multiplier is a signed number too. Of i32 it never is: the product has room for it.
    """
    right32: uint32_t = o.I32_SHR_S if signed else o.I32_SHR_U
    right64: uint32_t = o.I64_SHR_S if signed else o.I64_SHR_U
    op: uint32_t = o.I64_MUL_HIGH_S if signed else o.I64_MUL_HIGH_U
    if is_32(type):
        x = emit1(c, o.I64_EXTEND_I32_S if signed else o.I64_EXTEND_I32_U, TYPE_I64, x)
        x = emit2(c, o.I64_MUL, TYPE_I64, x, const_of(c.f, TYPE_I64, multiplier))
        x = shift(c, right32, right64, TYPE_I64, x, 32 + by)
        return emit1(c, o.I32_WRAP_I64, TYPE_I32, x)
    x = emit2(c, op, type, x, const_of(c.f, type, multiplier))
    return shift(c, right32, right64, type, x, by)


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def unsigned_quotient(c: At, type: uint32_t, x: uint32_t, d: uint64_t) -> uint32_t:
    """x / d, unsigned, for a d that is no power of two."""
    bits: uint64_t = 64 - clz64(d)
    multiplier: uint64_t = 0
    remainder: uint64_t = 0
    half: uint32_t
    product: uint32_t
    even: uint64_t = ctz64(d)
    # The multiplier of width + 1 bits, without its top bit: floor(2^width * (2^bits - d) / d) + 1.
    if is_32(type):
        multiplier = (((cython.cast(uint64_t, 1) << bits) - d) << 32) // d + 1
        remainder = ((cython.cast(uint64_t, 1) << (31 + bits)) // d) + 1
        # With one bit less, it is exact enough when what rounding up adds is at most 2^(bits - 1).
        if remainder * d - (cython.cast(uint64_t, 1) << (31 + bits)) <= cython.cast(uint64_t, 1) << (
            bits - 1
        ):
            return high_part(c, False, type, x, remainder, bits - 1)
    else:
        multiplier = divide_wide((cython.cast(uint64_t, 1) << (bits - 1)), d, cython.address(remainder)) + 1
        if d - remainder <= cython.cast(uint64_t, 1) << (bits - 1):
            return high_part(c, False, type, x, multiplier, bits - 1)
        multiplier = divide_wide((cython.cast(uint64_t, 1) << bits) - d, d, cython.address(remainder)) + 1
    if even != 0:
        # x / 2^k has k bits less, and so has the multiplier.
        x = shift(c, o.I32_SHR_U, o.I64_SHR_U, type, x, even)
        return halved_quotient(c, type, x, d >> even)
    product = high_part(c, False, type, x, multiplier, 0)
    half = emit2(c, o.I32_SUB if is_32(type) else o.I64_SUB, type, x, product)
    half = shift(c, o.I32_SHR_U, o.I64_SHR_U, type, half, 1)
    half = emit2(c, o.I32_ADD if is_32(type) else o.I64_ADD, type, half, product)
    return shift(c, o.I32_SHR_U, o.I64_SHR_U, type, half, bits - 1)


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def halved_quotient(c: At, type: uint32_t, x: uint32_t, d: uint64_t) -> uint32_t:
    """x / d for an odd d and an x of fewer bits than the width: a multiplier of the width is enough,
    ceil(2^(width + bits - 1) / d).

    It errs by less than d, which x, below 2^(width - 1), cannot make an error of one in the quotient.
    """
    bits: uint64_t = 64 - clz64(d)
    remainder: uint64_t = 0
    multiplier: uint64_t
    if is_32(type):
        multiplier = (cython.cast(uint64_t, 1) << (31 + bits)) // d + 1
    else:
        multiplier = divide_wide(cython.cast(uint64_t, 1) << (bits - 1), d, cython.address(remainder)) + 1
    return high_part(c, False, type, x, multiplier, bits - 1)


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def signed_quotient(c: At, type: uint32_t, x: uint32_t, d: uint64_t, negative: cython.bint) -> uint32_t:
    """x / d, signed, where d is the absolute value of the divisor and no power of two, at least 3."""
    width: uint64_t = 32 if is_32(type) else 64
    bits: uint64_t = 64 - clz64(d)
    remainder: uint64_t = 0
    multiplier: uint64_t
    power: uint64_t
    product: uint32_t
    sign: uint32_t
    sub: uint32_t = o.I32_SUB if is_32(type) else o.I64_SUB
    # ceil(2^(width + bits - 2) / d), if what rounding up adds is at most 2^(bits - 1); else with one bit
    # more, which is always exact enough.
    if is_32(type):
        power = cython.cast(uint64_t, 1) << (30 + bits)
        multiplier = power // d + 1
        remainder = power % d
    else:
        power = cython.cast(uint64_t, 1) << (bits - 2)
        multiplier = divide_wide(power, d, cython.address(remainder)) + 1
    if d - remainder > cython.cast(uint64_t, 1) << (bits - 1):
        multiplier = (
            2 * power // d + 1 if is_32(type) else divide_wide(2 * power, d, cython.address(remainder)) + 1
        )
        bits += 1
    if not is_32(type) and multiplier >> 63:
        # As a signed number it is 2^64 too small.
        product = emit2(c, o.I64_ADD, type, high_part(c, True, type, x, multiplier, 0), x)
        product = shift(c, o.I32_SHR_S, o.I64_SHR_S, type, product, bits - 2)
    else:
        product = high_part(c, True, type, x, multiplier, bits - 2)
    sign = shift(c, o.I32_SHR_S, o.I64_SHR_S, type, x, width - 1)
    # Towards zero: one more for a negative x.
    return emit2(c, sub, type, sign, product) if negative else emit2(c, sub, type, product, sign)


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def by_power(c: At, type: uint32_t, x: uint32_t, log: uint64_t, negative: cython.bint) -> uint32_t:
    """x / 2^log, signed, log at least 1: a negative x is made larger by 2^log - 1, so that the shift
    rounds towards zero.
    """
    width: uint64_t = 32 if is_32(type) else 64
    bias: uint32_t = shift(c, o.I32_SHR_S, o.I64_SHR_S, type, x, width - 1) if log > 1 else x
    bias = shift(c, o.I32_SHR_U, o.I64_SHR_U, type, bias, width - log)
    x = emit2(c, o.I32_ADD if is_32(type) else o.I64_ADD, type, x, bias)
    x = shift(c, o.I32_SHR_S, o.I64_SHR_S, type, x, log)
    if not negative:
        return x
    return emit2(c, o.I32_SUB if is_32(type) else o.I64_SUB, type, const_of(c.f, type, 0), x)


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def less_product(c: At, type: uint32_t, x: uint32_t, quotient: uint32_t, divisor: uint64_t) -> uint32_t:
    """The remainder x - quotient * divisor."""
    product: uint32_t = emit2(
        c, o.I32_MUL if is_32(type) else o.I64_MUL, type, quotient, const_of(c.f, type, divisor)
    )
    return emit2(c, o.I32_SUB if is_32(type) else o.I64_SUB, type, x, product)


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def divide_unsigned(c: At, rest: cython.bint, type: uint32_t, x: uint32_t, d: uint64_t) -> uint32_t:
    """Unsigned quotient, or remainder."""
    quotient: uint32_t
    if d & (d - 1) == 0:
        if not rest:
            return shift(c, o.I32_SHR_U, o.I64_SHR_U, type, x, ctz64(d))
        return emit2(c, o.I32_AND if is_32(type) else o.I64_AND, type, x, const_of(c.f, type, d - 1))
    if d >> (31 if is_32(type) else 63):
        # The quotient is 0 or 1.
        if rest:
            return 0
        quotient = emit2(c, o.I32_GE_U if is_32(type) else o.I64_GE_U, TYPE_I32, x, const_of(c.f, type, d))
        return quotient if is_32(type) else emit1(c, o.I64_EXTEND_I32_U, TYPE_I64, quotient)
    quotient = unsigned_quotient(c, type, x, d)
    return less_product(c, type, x, quotient, d) if rest else quotient


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def divide_signed(c: At, rest: cython.bint, type: uint32_t, x: uint32_t, divisor: uint64_t) -> uint32_t:
    """Signed quotient, or remainder; the remainder does not depend on the divisor's sign."""
    value: int64_t = (
        cython.cast(int64_t, divisor << 32) >> 32 if is_32(type) else cython.cast(int64_t, divisor)
    )
    negative: cython.bint = value < 0
    d: uint64_t = -cython.cast(uint64_t, value) if negative else cython.cast(uint64_t, value)
    quotient: uint32_t
    if d == 1:
        if rest:
            return const_of(c.f, type, 0)
        if not negative:
            return x
        return emit2(c, o.I32_SUB if is_32(type) else o.I64_SUB, type, const_of(c.f, type, 0), x)
    negative = negative and not rest
    if d & (d - 1) == 0:
        quotient = by_power(c, type, x, ctz64(d), negative)
    else:
        quotient = signed_quotient(c, type, x, d, negative)
    return less_product(c, type, x, quotient, d) if rest else quotient


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def divide_by(c: At, op: uint32_t, type: uint32_t, x: uint32_t, divisor: uint64_t) -> uint32_t:
    """See division.pxd."""
    if op == o.I32_DIV_U or op == o.I64_DIV_U:
        return divide_unsigned(c, False, type, x, divisor)
    elif op == o.I32_REM_U or op == o.I64_REM_U:
        return divide_unsigned(c, True, type, x, divisor)
    elif op == o.I32_DIV_S or op == o.I64_DIV_S:
        return divide_signed(c, False, type, x, divisor)
    return divide_signed(c, True, type, x, divisor)
