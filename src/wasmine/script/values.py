"""Script values as Python values, and results held against patterns, bit by bit."""

from __future__ import annotations

import struct
from typing import Any

from wasmine.api.func import Func
from wasmine.api.objects import I31, ArrayRef, ExnRef, StructRef
from wasmine.text.commands import Either, NanPattern, Null, Number, Pattern, Reference, Value, Vector
from wasmine.text.printer.literals import f32_text, f64_text

QUIET = {"f32": 1 << 22, "f64": 1 << 51}
EXPONENT = {"f32": 0xFF << 23, "f64": 0x7FF << 52}
MAGNITUDE = {"f32": (1 << 31) - 1, "f64": (1 << 63) - 1}


class HostValue:
    """The object that `(ref.extern N)` and `(ref.host N)` stand for: one for each N of a script."""

    __slots__ = ("number",)

    def __init__(self, number: int) -> None:
        self.number = number

    def __repr__(self) -> str:
        return f"(ref.extern {self.number})"


class HostValues(dict[int, HostValue]):
    """The host values of a script, by number."""

    def __missing__(self, number: int) -> HostValue:
        value = self[number] = HostValue(number)
        return value


def float_of_bits(kind: str, bits: int) -> float:
    """The float with those bits; an f32 widened so that a NaN keeps quietness and payload."""
    if kind == "f32":
        if bits & EXPONENT["f32"] == EXPONENT["f32"]:
            bits = (bits >> 31) << 63 | EXPONENT["f64"] | (bits & 0x7FFFFF) << 29
        else:
            number: float = struct.unpack("<f", bits.to_bytes(4, "little"))[0]
            return number
    number = struct.unpack("<d", bits.to_bytes(8, "little"))[0]
    return number


def bits_of_float(kind: str, value: float) -> int:
    """The bits of a float; the inverse of `float_of_bits`."""
    bits = int.from_bytes(struct.pack("<d", value), "little")
    if kind == "f64":
        return bits
    if value != value:
        return (bits >> 63) << 31 | EXPONENT["f32"] | (bits >> 29) & 0x7FFFFF
    return int.from_bytes(struct.pack("<f", value), "little")


def to_python(value: Value, hosts: HostValues) -> Any:
    """An argument as the API takes it."""
    match value:
        case Number(type=kind, bits=bits):
            return bits if kind.startswith("i") else float_of_bits(kind, bits)
        case Vector():
            return value.bits
        case Null():
            return None
        case Reference(kind="extern" | "host", number=int(number)):
            return hosts[number]
    raise ValueError(f"{value!r} is no value")


def matches_bits(pattern: Number | NanPattern, bits: int) -> bool:
    """Whether a number with those bits is what the pattern says."""
    if isinstance(pattern, Number):
        return bits == pattern.bits
    kind = pattern.type
    quiet = EXPONENT[kind] | QUIET[kind]
    if pattern.kind == "canonical":
        return bits & MAGNITUDE[kind] == quiet
    return bits & quiet == quiet


def matches_vector(pattern: Vector, content: bytes) -> bool:
    """Whether each lane is what the pattern says."""
    size = 16 // len(pattern.lanes)
    lanes = (int.from_bytes(content[at : at + size], "little") for at in range(0, 16, size))
    return all(matches_bits(lane, bits) for lane, bits in zip(pattern.lanes, lanes, strict=True))


def matches_reference(pattern: Reference, result: Any, hosts: HostValues) -> bool:
    """Whether a result is a reference of the kind, and the very one when the pattern has a number."""
    if pattern.number is not None and pattern.kind in ("extern", "host"):
        return result is hosts[pattern.number]
    if pattern.kind == "func":
        return isinstance(result, Func)
    if result is None:
        return False
    if pattern.kind == "extern":
        return not isinstance(result, Func)
    return isinstance(result, KINDS.get(pattern.kind, ()))


# Classes of the results that a pattern such as `(ref.struct)` accepts.
KINDS: dict[str, tuple[type, ...]] = {
    "any": (object,),
    "eq": (I31, StructRef, ArrayRef),
    "i31": (I31,),
    "struct": (StructRef,),
    "array": (ArrayRef,),
    "exn": (ExnRef,),
}


def has_type(pattern: Pattern, kind: str) -> bool:
    """Whether a result of a type can be what the pattern says; references are looked at one by one."""
    match pattern:
        case Number(type=wanted) | NanPattern(type=wanted):
            return kind == wanted
        case Vector():
            return kind == "v128"
        case Either(patterns=patterns):
            return any(has_type(one, kind) for one in patterns)
    return kind not in NUMBERS


NUMBERS = frozenset(("i32", "i64", "f32", "f64", "v128"))


def matches(pattern: Pattern, result: Any, hosts: HostValues) -> bool:
    """Whether one result is what a pattern says."""
    match pattern:
        case Either(patterns=patterns):
            return any(matches(one, result, hosts) for one in patterns)
        case Number(type="i32" | "i64" as kind, bits=bits):
            width = 32 if kind == "i32" else 64
            return type(result) is int and result & ((1 << width) - 1) == bits
        case Number(type=kind) | NanPattern(type=kind):
            return isinstance(result, float) and matches_bits(pattern, bits_of_float(kind, result))
        case Vector():
            return isinstance(result, bytes) and matches_vector(pattern, result)
        case Null():
            return result is None
    return matches_reference(pattern, result, hosts)


def shown(value: Any) -> str:
    """A result, for a failure's reason."""
    if isinstance(value, float):
        return f"{value!r} ({bits_of_float('f64', value):#x})"
    return value.hex() if isinstance(value, bytes) else repr(value)


def written(pattern: Pattern) -> str:
    """A pattern as a script writes it, for a failure's reason."""
    match pattern:
        case Number(type=kind) | NanPattern(type=kind):
            return f"({kind}.const {number_text(pattern)})"
        case Vector(shape=shape, lanes=lanes):
            return f"(v128.const {' '.join((shape, *map(number_text, lanes)))})"
        case Null(heap_type=None):
            return "(ref.null)"
        case Null(heap_type=heap_type):
            return f"(ref.null {heap_type})"
        case Reference(kind=kind, number=None):
            return f"(ref.{kind})"
        case Reference(kind=kind, number=number):
            return f"(ref.{kind} {number})"
        case Either(patterns=patterns):
            return f"(either {' '.join(map(written, patterns))})"
    raise ValueError(f"{pattern!r} is no pattern")


def number_text(number: Number | NanPattern) -> str:
    """A number, or a pattern of NaNs, as its instruction takes it."""
    if isinstance(number, NanPattern):
        return f"nan:{number.kind}"
    if number.type == "f32":
        return f32_text(number.bits)
    if number.type == "f64":
        return f64_text(number.bits)
    width = int(number.type[1:])
    return str(number.bits - (1 << width) if number.bits >> (width - 1) else number.bits)
