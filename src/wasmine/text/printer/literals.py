"""Numbers and strings as the text format writes them (Core 6.3)."""

import struct
from functools import lru_cache
from typing import Final

from wasmine.text.numbers import parse_float

_LINE: Final = 64  # bytes of a string on one line

_ESCAPES: Final = {byte: f"\\{byte:02x}" for byte in range(256) if not 0x20 <= byte < 0x7F}
_ESCAPES.update({ord('"'): '\\"', ord("\\"): "\\\\"})


def bytes_text(content: bytes) -> str:
    """Return bytes as a string literal."""
    return f'"{content.decode("latin-1").translate(_ESCAPES)}"'


def bytes_lines(content: bytes, separator: str) -> str:
    """Return bytes as string literals of one line each, an empty text for none."""
    return separator.join(
        bytes_text(content[start : start + _LINE]) for start in range(0, len(content), _LINE)
    )


def name_text(name: str) -> str:
    """Return a name as a string literal, in which every character can be seen."""
    if name.isprintable() and '"' not in name and "\\" not in name:
        return f'"{name}"'
    return '"' + "".join(map(_character, name)) + '"'


def _character(character: str) -> str:
    if character in '"\\':
        return "\\" + character
    return character if character.isprintable() else f"\\u{{{ord(character):x}}}"


@lru_cache(maxsize=4096)
def f32_text(bits: int) -> str:
    """Return an f32 by its bits: the shortest decimal that is read as this number."""
    if bits & 0x7F800000 == 0x7F800000:
        return _special(bits >> 31, bits & 0x7FFFFF, 0x400000)
    (value,) = struct.unpack("<f", bits.to_bytes(4, "little"))
    for digits in range(6, 9):
        text = f"{value:.{digits}g}"
        if parse_float(text, 32) == bits:
            return text
    return f"{value:.9g}"


@lru_cache(maxsize=4096)
def f64_text(bits: int) -> str:
    """Return an f64 by its bits: the shortest decimal that is read as this number."""
    if bits & 0x7FF << 52 == 0x7FF << 52:
        return _special(bits >> 63, bits & (1 << 52) - 1, 1 << 51)
    (value,) = struct.unpack("<d", bits.to_bytes(8, "little"))
    return repr(value).removesuffix(".0")


def _special(negative: int, payload: int, canonical: int) -> str:
    sign = "-" if negative else ""
    if not payload:
        return f"{sign}inf"
    return f"{sign}nan" if payload == canonical else f"{sign}nan:{payload:#x}"
