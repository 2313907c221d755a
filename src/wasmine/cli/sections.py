"""The sections of a valid module, as `wasmine inspect` shows them (core specification, section 5.5.2)."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

ALL_NAMES = "custom type import function table memory global export start element code data data-count tag"
NAMES = ALL_NAMES.split()
EXPORT = 7
START = 8


class Section:
    """One section: its number, its name, and where its contents lie."""

    __slots__ = ("name", "number", "offset", "size")

    def __init__(self, number: int, name: str, offset: int, size: int) -> None:
        self.number = number
        self.name = name
        self.offset = offset
        self.size = size


def sections(data: bytes) -> Iterator[Section]:
    """Yield the sections of a module in their order; a custom one has the name that it gives itself."""
    position = 8
    while position < len(data):
        number = data[position]
        size, start = read_u32(data, position + 1)
        name = NAMES[number]
        if number == 0:
            length, text = read_u32(data, start)
            name = data[text : text + length].decode()
        yield Section(number, name, start, size)
        position = start + size


def exported_functions(data: bytes) -> dict[str, int]:
    """Return the indices of the functions that a module exports, by name."""
    found: dict[str, int] = {}
    for section in sections(data):
        if section.number != EXPORT:
            continue
        count, position = read_u32(data, section.offset)
        for _ in range(count):
            length, position = read_u32(data, position)
            name = data[position : position + length].decode()
            kind = data[position + length]
            index, position = read_u32(data, position + length + 1)
            if kind == 0:
                found[name] = index
    return found


def read_u32(data: bytes, position: int) -> tuple[int, int]:
    """Return a LEB128 number and the position after it."""
    value = shift = 0
    while True:
        byte = data[position]
        position += 1
        value |= (byte & 0x7F) << shift
        shift += 7
        if byte < 0x80:
            return value, position
