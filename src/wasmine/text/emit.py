"""The bytes of LEB128 numbers, vectors and sections (Core 5.1 and 5.2)."""

from collections.abc import Iterable
from typing import Final

SMALL: Final = tuple(bytes((value,)) for value in range(0x80))
"""The LEB128 encodings of one byte, by value."""


def unsigned(value: int) -> bytes:
    """Return the shortest unsigned LEB128 encoding."""
    if value < 0x80:
        return SMALL[value]
    encoded = bytearray()
    while value >= 0x80:
        encoded.append(value & 0x7F | 0x80)
        value >>= 7
    encoded.append(value)
    return bytes(encoded)


def signed(value: int) -> bytes:
    """Return the shortest signed LEB128 encoding."""
    if -0x40 <= value < 0x40:
        return SMALL[value & 0x7F]
    encoded = bytearray()
    while not -0x40 <= value < 0x40:
        encoded.append(value & 0x7F | 0x80)
        value >>= 7
    encoded.append(value & 0x7F)
    return bytes(encoded)


def sized(content: bytes | bytearray) -> bytes:
    """Return the content after its size in bytes."""
    return unsigned(len(content)) + content


def vector(items: Iterable[bytes]) -> bytes:
    """Return the items after their number."""
    items = list(items)
    return unsigned(len(items)) + b"".join(items)
