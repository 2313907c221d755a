import math
import struct
from fractions import Fraction

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from wasmine.text.numbers import (
    NumberRangeError,
    NumberSyntaxError,
    is_number,
    parse_float,
    parse_integer,
    parse_natural,
)


def bits64(value: float) -> int:
    (pattern,) = struct.unpack("<Q", struct.pack("<d", value))
    return int(pattern)


def bits32(value: float) -> int:
    (pattern,) = struct.unpack("<I", struct.pack("<f", value))
    return int(pattern)


def nearest_single(value: Fraction) -> int:
    """Round to f32 by definition: compare with both neighbours, found by bisection over bit patterns."""
    low, high = 0, 0x7F7F_FFFF
    while low < high:
        middle = (low + high + 1) // 2
        (single,) = struct.unpack("<f", struct.pack("<I", middle))
        if Fraction(single) <= value:
            low = middle
        else:
            high = middle - 1
    (below,) = struct.unpack("<f", struct.pack("<I", low))
    above = (
        Fraction(2) ** 128
        if low == 0x7F7F_FFFF
        else Fraction(struct.unpack("<f", struct.pack("<I", low + 1))[0])
    )
    down, up = value - Fraction(below), above - value
    return low if down < up or (down == up and low % 2 == 0) else low + 1


def separated(digits: str, places: list[int]) -> str:
    """Put underscores between digits."""
    for place in sorted({p % len(digits) for p in places}, reverse=True):
        if place:
            digits = f"{digits[:place]}_{digits[place:]}"
    return digits


@given(st.integers(-(2**63), 2**64 - 1), st.sampled_from("dxX+"), st.lists(st.integers(0, 30)))
def test_integers_of_64_bits(value: int, style: str, places: list[int]) -> None:
    digits = f"{abs(value):x}" if style == "x" else f"{abs(value):X}" if style == "X" else f"{abs(value)}"
    prefix = "0x" if style in "xX" else ""
    sign = "-" if value < 0 else "+" if style == "+" else ""
    assert parse_integer(sign + prefix + separated(digits, places), 64) == value % 2**64


@pytest.mark.parametrize("bits", [8, 16, 32, 64])
def test_integer_range(bits: int) -> None:
    assert parse_integer(str(2**bits - 1), bits) == 2**bits - 1
    assert parse_integer(str(-(2 ** (bits - 1))), bits) == 2 ** (bits - 1)
    for literal in (str(2**bits), hex(2**bits), str(-(2 ** (bits - 1)) - 1), "9" * 100, "-" + "9" * 100):
        with pytest.raises(NumberRangeError, match="constant out of range"):
            parse_integer(literal, bits)


def test_leading_zeros_cost_nothing() -> None:
    assert parse_integer("0" * 100_000 + "12", 32) == 12
    assert parse_integer("0x" + "0" * 100_000 + "1f", 32) == 31


def test_naturals_have_no_sign() -> None:
    assert parse_natural("0x_1".replace("_", ""), 32) == 1
    with pytest.raises(NumberRangeError, match=r"^i32 constant out of range$"):
        parse_natural("4294967296", 32)
    for literal in ("+1", "-1", "1.0", "", "0x"):
        with pytest.raises(NumberSyntaxError):
            parse_natural(literal, 32)


@pytest.mark.parametrize(
    "literal", ["", "_1", "1_", "1__0", "0x", "0x_1", "0x1_", "0X1", "1a", "--1", "+", "0xg", "٣"]
)
def test_malformed_integers(literal: str) -> None:
    with pytest.raises(NumberSyntaxError):
        parse_integer(literal, 64)
    assert not is_number(literal)


@pytest.mark.parametrize(
    "literal",
    [
        "",
        ".5",
        "1._5",
        "1_.5",
        "1e",
        "1e+",
        "e5",
        "1e_5",
        "0x.8",
        "0x1p",
        "0x1.p",
        "0x1p0x1",
        "infinity",
        "NaN",
        "nan:",
        "nan:1",
        "nan:0x",
        "nan:0x_1",
        "nan:canonical",
        "1.5.5",
        "0x1e+5",
        "1p5",
        "++1",
        "INF",
        "1 ",
    ],
)
def test_malformed_floats(literal: str) -> None:
    with pytest.raises(NumberSyntaxError):
        parse_float(literal, 64)
    assert not is_number(literal)


@given(st.floats(allow_nan=False))
def test_decimal_round_trip(value: float) -> None:
    assert parse_float(repr(value), 64) == bits64(value)


@given(st.floats(allow_nan=False, allow_infinity=False))
def test_hexadecimal_round_trip(value: float) -> None:
    assert parse_float(value.hex(), 64) == bits64(value)


@given(st.floats(allow_nan=False, width=32))
def test_single_round_trip(value: float) -> None:
    assert parse_float(repr(value), 32) == bits32(value)
    if math.isfinite(value):
        assert parse_float(value.hex(), 32) == bits32(value)


@given(
    st.integers(0, 2**80),
    st.integers(0, 20),
    st.integers(-1200, 1100),
    st.sampled_from(["p", "P"]),
    st.booleans(),
)
@example(0x1FFFFFFFFFFFFF8, 0, 968, "p", False)
@example(1, 0, -1075, "p", False)
@example(3, 0, -1075, "p", True)
def test_hexadecimal_floats_against_python(
    mantissa: int, point: int, power: int, letter: str, negative: bool
) -> None:
    digits = f"{mantissa:x}"
    point = min(point, len(digits) - 1)
    whole, fraction = digits[: len(digits) - point], digits[len(digits) - point :]
    literal = f"{'-' if negative else ''}0x{whole}.{fraction}{letter}{power}"
    try:
        expected = bits64(float.fromhex(literal))
    except OverflowError:
        with pytest.raises(NumberRangeError):
            parse_float(literal, 64)
    else:
        assert parse_float(literal, 64) == expected


@given(st.integers(0, 2**60), st.integers(-60, 30))
@example(2**24 + 1, 0)
@example(340282356779733661637539395458142568448, 0)  # the tie between the largest f32 and infinity
@example(340282356779733661637539395458142568447, 0)
@example(2**53 + 2**29 + 1, 0)  # an f64 tie that is just above an f32 tie
@example(70064923216240853546186479164495806564013097093825788587853, -103)  # 2**-150, nearly
@example(70064923216240853546186479164495806564013097093825788587854, -103)
def test_decimal_singles_are_rounded_once(mantissa: int, power: int) -> None:
    literal = f"{mantissa}e{power}"
    expected = nearest_single(Fraction(mantissa) * Fraction(10) ** power)
    if expected > 0x7F7F_FFFF:
        with pytest.raises(NumberRangeError):
            parse_float(literal, 32)
    else:
        assert parse_float(literal, 32) == expected


@given(st.integers(0, 0x7F7F_FFFE), st.sampled_from(["", "0" * 60 + "1", None]))
def test_decimal_singles_near_ties(pattern: int, nudge: str | None) -> None:
    (low,) = struct.unpack("<f", struct.pack("<I", pattern))
    (high,) = struct.unpack("<f", struct.pack("<I", pattern + 1))
    tie = (Fraction(low) + Fraction(high)) / 2
    # A tie's decimal expansion ends, so it can be written exactly, and a little above or below.
    scale = tie.denominator.bit_length() - 1
    digits = str(tie.numerator * 5**scale).zfill(scale + 1)
    whole, fraction = digits[: len(digits) - scale], digits[len(digits) - scale :]
    if nudge is None:
        below = tie - Fraction(1, 10 ** (scale + 5))
        scaled = below * 10 ** (scale + 5)
        literal = f"{scaled.numerator}e-{scale + 5}"
        expected = pattern
    else:
        literal = f"{whole}.{fraction}{nudge}"
        expected = pattern + 1 if nudge or pattern % 2 else pattern
    assert parse_float(literal, 32) == expected


@pytest.mark.parametrize(
    ("bits", "infinity", "quiet"), [(32, 0x7F80_0000, 1 << 22), (64, 0x7FF << 52, 1 << 51)]
)
def test_nan_and_infinity(bits: int, infinity: int, quiet: int) -> None:
    sign = 1 << (bits - 1)
    assert parse_float("inf", bits) == infinity
    assert parse_float("-inf", bits) == sign | infinity
    assert parse_float("+nan", bits) == infinity | quiet
    assert parse_float("-nan", bits) == sign | infinity | quiet
    assert parse_float("nan:0x1", bits) == infinity | 1
    assert parse_float("-nan:0x1_2", bits) == sign | infinity | 0x12
    for payload in (0, 2 * quiet, 16**30):
        with pytest.raises(NumberRangeError, match="constant out of range"):
            parse_float(f"nan:{payload:#x}", bits)


@pytest.mark.parametrize(
    "literal", ["1e400", "-1e400", "0x1p1024", "0x1.fffffffffffff8p1023", "0x1p" + "9" * 5000]
)
def test_too_large(literal: str) -> None:
    with pytest.raises(NumberRangeError):
        parse_float(literal, 64)


def test_huge_literals_are_quick() -> None:
    assert parse_float("0." + "0" * 1_000_000 + "1", 64) == 0
    assert parse_float("0x" + "f" * 1_000_000 + "p-4000000", 64) == bits64(1.0)
    assert parse_float("0x1p-" + "9" * 5000, 32) == 0
    assert parse_float("0x0p" + "9" * 5000, 32) == 0
    assert parse_float("1" + "0" * 500_000 + "e-500000", 32) == bits32(1.0)
