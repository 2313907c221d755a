"""WebAssembly values as text: arguments for `--invoke`, and results."""

from __future__ import annotations

from wasmine.cli.errors import UsageError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable
    from typing import Any

    from wasmine.api.types import FuncType, ValType

BITS = {"i32": 32, "i64": 64, "v128": 128}


def parse_arguments(texts: list[str], name: str, func_type: FuncType) -> list[Any]:
    """Return the arguments for a function.

    Raises:
        UsageError: there are too many or too few, or one is no value of its type.
    """
    params = func_type.params
    if len(texts) != len(params):
        plural = "" if len(params) == 1 else "s"
        raise UsageError(
            f"{name} takes {len(params)} argument{plural}, not {len(texts)}; its type is {func_type}"
        )
    values = []
    for position, (text, param) in enumerate(zip(texts, params, strict=True)):
        try:
            values.append(parse_value(text, param))
        except ValueError as error:
            message = f"argument {position + 1} of {name}: {error}; its type is {func_type}"
            raise UsageError(message) from None
    return values


def parse_value(text: str, kind: ValType) -> Any:
    """Return a value of a type.

    Integers are decimal or `0x`, signed or unsigned; floats are decimal or hexadecimal, `inf` or `nan`; a
    v128 is an integer of 128 bits; `null` is a null reference, and any other text an externref.

    Raises:
        ValueError: the text is no such value.
    """
    name = str(kind)
    if name in BITS:
        return parse_integer(text, name)
    if name in ("f32", "f64"):
        try:
            return float.fromhex(text) if "x" in text.lower() else float(text)
        except (ValueError, OverflowError):
            raise ValueError(f"{text!r} is no {name}") from None
    if text == "null":
        return None
    if name == "externref":
        return text
    raise ValueError(f"{text!r} is no {name}: only null can be given")


def parse_integer(text: str, name: str) -> int | bytes:
    """Return an integer of a type; a v128 as its bytes."""
    bits = BITS[name]
    digits = text.lstrip("+-")
    try:
        value = int(text, 16 if digits[:2].lower() == "0x" else 10)
    except ValueError:
        raise ValueError(f"{text!r} is no {name}") from None
    if not -(1 << bits - 1) <= value < 1 << bits:
        raise ValueError(f"{text} is out of range for {name}")
    if name == "v128":
        return (value & (1 << 128) - 1).to_bytes(16, "little")
    return value


def format_results(value: Any, func_type: FuncType) -> Iterable[str]:
    """Return a line for each result of a call."""
    kinds = func_type.results
    if not kinds:
        return []
    values = (value,) if len(kinds) == 1 else value
    return [format_value(one, str(kind)) for one, kind in zip(values, kinds, strict=True)]


def format_value(value: Any, kind: str) -> str:
    """Return a value as text: integers signed, floats such that they can be read back, a v128 in hex."""
    if kind == "f32":
        return shortest_f32(value)
    if kind == "v128":
        return f"{int.from_bytes(value, 'little'):#034x}"
    return "null" if value is None else str(value)


def shortest_f32(value: float) -> str:
    """Return the shortest decimal that is read back as the same f32, written as Python writes a float."""
    import struct

    if value != value or value in (float("inf"), float("-inf")):
        return str(value)
    exact = struct.pack("<f", value)
    for digits in range(1, 10):
        text = f"{value:.{digits}g}"
        try:
            if struct.pack("<f", float(text)) == exact:
                return str(float(text))
        except OverflowError:  # rounded up past the largest
            continue
    return str(value)
