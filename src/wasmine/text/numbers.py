"""Number literals to bit patterns (Core 6.3.1 and 6.3.2).

A float literal names a real number, which is rounded once, to nearest, ties to even. Python rounds decimal
literals to f64 exactly as the standard asks. An f32 must not be rounded twice, so the few literals whose
f64 lies in the middle of two f32 values are compared exactly; hexadecimal literals are rounded as integers.
"""

import re
import struct
from decimal import Decimal
from typing import Final, NamedTuple

from wasmine.text.patterns import possessive

_DECIMAL = "[0-9]" + possessive("(?:_?[0-9])", "*")
_HEXADECIMAL = "[0-9a-fA-F]" + possessive("(?:_?[0-9a-fA-F])", "*")

_NATURAL = re.compile(rf"0x({_HEXADECIMAL})|({_DECIMAL})")
_INTEGER = re.compile(rf"([+-]?)(?:0x({_HEXADECIMAL})|({_DECIMAL}))")
_FLOAT = re.compile(
    rf"([+-]?)(?:(?P<decimal>{_DECIMAL}(?:\.(?:{_DECIMAL})?)?(?:[eE][+-]?{_DECIMAL})?)"
    rf"|0x(?P<whole>{_HEXADECIMAL})(?:\.(?P<fraction>{_HEXADECIMAL})?)?(?:[pP](?P<exponent>[+-]?{_DECIMAL}))?"
    rf"|(?P<inf>inf)|nan(?P<nan>:0x(?P<payload>{_HEXADECIMAL}))?)"
)

# No integer of 64 bits has more digits; longer ones are not converted, which would take quadratic time.
_MAX_DIGITS = 20
# Exponents beyond this make any literal of less than a gigabyte zero or infinite.
_MAX_EXPONENT = 10**11


class NumberSyntaxError(ValueError):
    """The token is no number of the wanted kind."""


class NumberRangeError(ValueError):
    """The number does not fit."""


class _Format(NamedTuple):
    mantissa_bits: int
    """Without the hidden one."""
    max_exponent: int
    pack: struct.Struct
    unsigned: struct.Struct

    @property
    def infinity(self) -> int:
        return (2 * self.max_exponent + 1) << self.mantissa_bits


_FORMATS: Final = {
    32: _Format(23, 127, struct.Struct("<f"), struct.Struct("<I")),
    64: _Format(52, 1023, struct.Struct("<d"), struct.Struct("<Q")),
}


def is_number(token: str) -> bool:
    """Tell whether a token is an integer or float literal, whatever its size."""
    return _INTEGER.fullmatch(token) is not None or _FLOAT.fullmatch(token) is not None


def is_natural(token: str) -> bool:
    """Tell whether a token is an integer literal without a sign."""
    return _NATURAL.fullmatch(token) is not None


def parse_natural(token: str, bits: int) -> int:
    """Return the value of an unsigned literal below 2**bits."""
    match = _NATURAL.fullmatch(token)
    if match is None:
        raise NumberSyntaxError(token)
    value = _magnitude(*match.groups())
    if value >> bits:
        raise NumberRangeError(f"i{bits} constant out of range")
    return value


def parse_integer(token: str, bits: int) -> int:
    """Return the bit pattern of a literal from -2**(bits-1) to 2**bits-1, as an unsigned integer."""
    match = _INTEGER.fullmatch(token)
    if match is None:
        raise NumberSyntaxError(token)
    sign, hexadecimal, decimal = match.groups()
    value = _magnitude(hexadecimal, decimal)
    if sign == "-":
        if value > 1 << (bits - 1):
            raise NumberRangeError("constant out of range")
        return -value & ((1 << bits) - 1)
    if value >> bits:
        raise NumberRangeError("constant out of range")
    return value


def _magnitude(hexadecimal: str | None, decimal: str | None) -> int:
    if hexadecimal is not None:
        return int(hexadecimal, 16)
    assert decimal is not None
    if len(decimal) > _MAX_DIGITS:
        decimal = decimal.replace("_", "").lstrip("0") or "0"
        if len(decimal) > _MAX_DIGITS:
            return 1 << 64
    return int(decimal)


def parse_float(token: str, bits: int) -> int:
    """Return the bit pattern of a float literal of 32 or 64 bits, as an unsigned integer."""
    match = _FLOAT.fullmatch(token)
    if match is None:
        raise NumberSyntaxError(token)
    form = _FORMATS[bits]
    sign = 1 << (bits - 1) if match[1] == "-" else 0
    if match["decimal"] is not None:
        return sign | _round_decimal(match["decimal"].replace("_", ""), bits)
    if match["whole"] is not None:
        return sign | _round_hexadecimal(match["whole"], match["fraction"], match["exponent"], form)
    if match["inf"] is not None:
        return sign | form.infinity
    payload = 1 << (form.mantissa_bits - 1)
    if match["nan"] is not None:
        payload = int(match["payload"], 16)
        if not 0 < payload < 1 << form.mantissa_bits:
            raise NumberRangeError("constant out of range")
    return sign | form.infinity | payload


def _round_decimal(literal: str, bits: int) -> int:
    form = _FORMATS[bits]
    value = float(literal)
    if bits == 32:
        value = _single(value, literal)
    pattern: int = form.unsigned.unpack(form.pack.pack(value))[0]
    if pattern >= form.infinity:
        raise NumberRangeError("constant out of range")
    return pattern


def _single(value: float, literal: str) -> float:
    """Return the f32 nearest to the literal, whose nearest f64 is given; inf if out of range."""
    (pattern,) = struct.unpack("<Q", struct.pack("<d", value))
    exponent = (pattern >> 52) - 1023
    if exponent > 127:
        return float("inf")
    # The bits of the f64 that an f32 has no room for: 29, more for a subnormal.
    spare = 29 + max(0, -126 - exponent)
    if spare > 53 or pattern & ((1 << min(spare, 52)) - 1) != (1 << (spare - 1)) & ((1 << 52) - 1):
        return _to_single(value)
    # A tie, if the literal is exactly this f64. If not, nudge it to the right side of the middle.
    exact, middle = Decimal(literal), Decimal(value)
    if exact != middle:
        pattern += 1 if exact > middle else -1
        (value,) = struct.unpack("<d", struct.pack("<Q", pattern))
    return _to_single(value)


def _to_single(value: float) -> float:
    try:
        (single,) = struct.unpack("<f", struct.pack("<f", value))
    except OverflowError:
        return float("inf")
    return float(single)


def _round_hexadecimal(whole: str, fraction: str | None, exponent: str | None, form: _Format) -> int:
    """Round whole.fraction * 2**exponent to a positive float's bit pattern."""
    fraction = (fraction or "").replace("_", "")
    mantissa = int(whole.replace("_", "") + fraction, 16)
    if mantissa == 0:
        return 0
    power = _clamped(exponent or "0") - 4 * len(fraction)
    # The value lies in [2**top, 2**(top+1)); its last place that a float keeps is worth 2**unit.
    top = power + mantissa.bit_length() - 1
    if top > form.max_exponent:
        raise NumberRangeError("constant out of range")
    unit = max(top, 1 - form.max_exponent) - form.mantissa_bits
    shift = unit - power
    if shift <= 0:
        kept = mantissa << -shift
    elif shift > mantissa.bit_length() + 1:
        kept = 0
    else:
        kept = mantissa >> shift
        rest = mantissa & ((1 << shift) - 1)
        half = 1 << (shift - 1)
        if rest > half or (rest == half and kept & 1):
            kept += 1
    # The hidden bit, if there, adds one to the exponent field; so does a carry out of the mantissa.
    field = unit + form.mantissa_bits + form.max_exponent - 1
    pattern = (field << form.mantissa_bits) + kept
    if pattern >= form.infinity:
        raise NumberRangeError("constant out of range")
    return pattern


def _clamped(digits: str) -> int:
    negative = digits.startswith("-")
    digits = digits.replace("_", "").lstrip("+-").lstrip("0") or "0"
    value = int(digits) if len(digits) < 12 else _MAX_EXPONENT
    return -value if negative else value
