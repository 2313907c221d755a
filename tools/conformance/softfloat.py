"""IEEE 754 arithmetic on bit patterns, exact by fractions and rounded once (core specification, 4.3.3).

A result is a bit pattern, or the pattern of NaNs that the standard allows: `nan:canonical` where every NaN
among the operands is canonical, else `nan:arithmetic`.
"""

from collections.abc import Callable
from fractions import Fraction
from math import isqrt
from typing import NamedTuple

CANONICAL, ARITHMETIC = "nan:canonical", "nan:arithmetic"

Result = int | str


class Format(NamedTuple):
    """A binary floating-point format."""

    name: str
    bits: int
    mantissa: int
    """Bits of the mantissa, without the hidden one."""
    bias: int

    @property
    def sign(self) -> int:
        return 1 << (self.bits - 1)

    @property
    def infinity(self) -> int:
        return ((1 << (self.bits - 1 - self.mantissa)) - 1) << self.mantissa

    @property
    def quiet(self) -> int:
        return 1 << (self.mantissa - 1)

    @property
    def nan(self) -> int:
        return self.infinity | self.quiet


F32 = Format("f32", 32, 23, 127)
F64 = Format("f64", 64, 52, 1023)


def is_nan(form: Format, bits: int) -> bool:
    return bits & ~form.sign > form.infinity


def is_infinite(form: Format, bits: int) -> bool:
    return bits & ~form.sign == form.infinity


def is_zero(form: Format, bits: int) -> bool:
    return bits & ~form.sign == 0


def is_negative(form: Format, bits: int) -> bool:
    return bits & form.sign != 0


def nan_result(form: Format, *operands: int) -> str:
    """The NaNs that an operation may give that takes NaNs or has no result."""
    canonical = all(bits & ~form.sign == form.nan for bits in operands if is_nan(form, bits))
    return CANONICAL if canonical else ARITHMETIC


def value(form: Format, bits: int) -> Fraction:
    """The number of a pattern that is finite."""
    exponent = (bits & form.infinity) >> form.mantissa
    mantissa = bits & ((1 << form.mantissa) - 1)
    if exponent:
        mantissa |= 1 << form.mantissa
    else:
        exponent = 1
    magnitude = mantissa * Fraction(2) ** (exponent - form.bias - form.mantissa)
    return -magnitude if is_negative(form, bits) else magnitude


def rounded(form: Format, number: Fraction, negative_zero: bool = False) -> int:
    """The pattern nearest to a number, ties to even; infinity where it is too large."""
    if not number:
        return form.sign if negative_zero else 0
    sign = form.sign if number < 0 else 0
    number = abs(number)
    exponent = number.numerator.bit_length() - number.denominator.bit_length()
    if number < Fraction(2) ** exponent:
        exponent -= 1
    unit = max(exponent, 1 - form.bias) - form.mantissa
    quotient = number / Fraction(2) ** unit
    whole = quotient.numerator // quotient.denominator
    rest = quotient - whole
    if rest > Fraction(1, 2) or (rest == Fraction(1, 2) and whole & 1):
        whole += 1
    pattern = ((unit + form.mantissa + form.bias - 1) << form.mantissa) + whole
    return sign | min(pattern, form.infinity)


def add(form: Format, a: int, b: int) -> Result:
    if is_nan(form, a) or is_nan(form, b):
        return nan_result(form, a, b)
    if is_infinite(form, a):
        return CANONICAL if is_infinite(form, b) and a != b else a
    if is_infinite(form, b):
        return b
    both_negative = is_negative(form, a) and is_negative(form, b)
    return rounded(form, value(form, a) + value(form, b), both_negative)


def sub(form: Format, a: int, b: int) -> Result:
    return nan_result(form, a, b) if is_nan(form, b) else add(form, a, b ^ form.sign)


def mul(form: Format, a: int, b: int) -> Result:
    if is_nan(form, a) or is_nan(form, b):
        return nan_result(form, a, b)
    sign = (a ^ b) & form.sign
    if is_infinite(form, a) or is_infinite(form, b):
        return CANONICAL if is_zero(form, a) or is_zero(form, b) else sign | form.infinity
    return rounded(form, value(form, a) * value(form, b), sign != 0)


def div(form: Format, a: int, b: int) -> Result:
    if is_nan(form, a) or is_nan(form, b):
        return nan_result(form, a, b)
    sign = (a ^ b) & form.sign
    if is_infinite(form, a):
        return CANONICAL if is_infinite(form, b) else sign | form.infinity
    if is_infinite(form, b):
        return sign
    if is_zero(form, b):
        return CANONICAL if is_zero(form, a) else sign | form.infinity
    return rounded(form, value(form, a) / value(form, b), sign != 0)


def fused(form: Format, a: int, b: int, c: int) -> int:
    """a * b + c of finite numbers with a result that is not zero, rounded once."""
    return rounded(form, value(form, a) * value(form, b) + value(form, c))


def minimum(form: Format, a: int, b: int) -> Result:
    if is_nan(form, a) or is_nan(form, b):
        return nan_result(form, a, b)
    if is_zero(form, a) and is_zero(form, b):
        return a | b
    return a if less(form, a, b) else b


def maximum(form: Format, a: int, b: int) -> Result:
    if is_nan(form, a) or is_nan(form, b):
        return nan_result(form, a, b)
    if is_zero(form, a) and is_zero(form, b):
        return a & b
    return b if less(form, a, b) else a


def copysign(form: Format, a: int, b: int) -> int:
    return a & ~form.sign | b & form.sign


def sqrt(form: Format, a: int) -> Result:
    if is_nan(form, a):
        return nan_result(form, a)
    if is_zero(form, a) or a == form.infinity:
        return a
    if is_negative(form, a):
        return CANONICAL
    number = value(form, a)
    shift = 4 * form.bits + 2 * form.bias
    scaled = number * Fraction(2) ** (2 * shift)
    root = isqrt(scaled.numerator // scaled.denominator)
    # Half a unit more where the root is not exact, which is far below any rounding boundary.
    exact = Fraction(root) ** 2 == scaled
    return rounded(form, Fraction(2 * root + (not exact), 2) / Fraction(2) ** shift)


def to_integral(form: Format, a: int, choose: Callable[[Fraction], int]) -> Result:
    if is_nan(form, a):
        return nan_result(form, a)
    if is_infinite(form, a):
        return a
    return rounded(form, Fraction(choose(value(form, a))), is_negative(form, a))


def floor(number: Fraction) -> int:
    return number.numerator // number.denominator


def ceil(number: Fraction) -> int:
    return -(-number.numerator // number.denominator)


def trunc(number: Fraction) -> int:
    return floor(number) if number >= 0 else ceil(number)


def nearest(number: Fraction) -> int:
    return round(number)  # ties to even


# Comparisons; false for NaN


def key(form: Format, bits: int) -> Fraction:
    """What orders numbers, infinities beyond all others."""
    if is_infinite(form, bits):
        beyond = Fraction(1 << 2 * form.bias)
        return -beyond if is_negative(form, bits) else beyond
    return value(form, bits)


def ordered(form: Format, a: int, b: int) -> bool:
    return not is_nan(form, a) and not is_nan(form, b)


def less(form: Format, a: int, b: int) -> bool:
    return ordered(form, a, b) and key(form, a) < key(form, b)


def equal(form: Format, a: int, b: int) -> bool:
    return ordered(form, a, b) and key(form, a) == key(form, b)


# Conversions


def convert(source: Format, target: Format, a: int) -> Result:
    """`demote` or `promote`."""
    if is_nan(source, a):
        return nan_result(source, a)
    sign = target.sign if is_negative(source, a) else 0
    if is_infinite(source, a):
        return sign | target.infinity
    return rounded(target, value(source, a), sign != 0)


def to_integer(form: Format, a: int, low: int, high: int) -> int | None:
    """The integer of a number cut off, if it is one and not less than low or more than high."""
    if is_nan(form, a) or is_infinite(form, a):
        return None
    number = trunc(value(form, a))
    return number if low <= number <= high else None


def saturated(form: Format, a: int, low: int, high: int) -> int:
    if is_nan(form, a):
        return 0
    number = trunc(key(form, a))
    return min(max(number, low), high)
