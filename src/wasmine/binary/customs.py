"""The contents of custom sections: a reader for them, and the two small ones, producers and branch hints.

A custom section cannot make a module malformed (core specification, section 5.5.3). What is damaged reads as
far as it makes sense, and the rest is ignored.
"""

from collections.abc import Iterable

from wasmine.spec.errors import MalformedError

CustomSection = tuple[str, int, int, int]
"""Name, offsets of the first byte of the contents and of the one after the last, id of the section before."""


class Cursor:
    """A position in the contents of a custom section, `data[position:end]`.

    Every method raises MalformedError at the end and where the bytes are not what it reads.
    """

    __slots__ = ("data", "end", "position")

    def __init__(self, data: bytes, position: int, end: int) -> None:
        self.data = data
        self.position = position
        self.end = end

    def byte(self) -> int:
        """One byte."""
        if self.position >= self.end:
            raise MalformedError(
                "unexpected end", self.end, expected="a byte", found="the end of a custom section"
            )
        self.position += 1
        return self.data[self.position - 1]

    def u32(self) -> int:
        """An unsigned LEB128 integer of 32 bits."""
        at = self.position
        byte = self.byte()
        value = byte & 0x7F
        shift = 7
        while byte & 0x80:
            if shift > 28:
                raise MalformedError("integer representation too long", at)
            byte = self.byte()
            value |= (byte & 0x7F) << shift
            shift += 7
        if value >> 32:
            raise MalformedError("integer too large", at)
        return value

    def part(self) -> "Cursor":
        """The bytes whose length comes first, to be read on their own; the cursor itself passes them."""
        at = self.position
        size = self.u32()
        start = self.position
        if size > self.end - start:
            raise MalformedError(
                "length out of bounds", at, expected=f"at most {self.end - start}", found=str(size)
            )
        self.position += size
        return Cursor(self.data, start, self.position)

    def name(self) -> str:
        """A name. Bytes that are not UTF-8 read as U+FFFD: the name is for people."""
        part = self.part()
        return self.data[part.position : part.end].decode(errors="replace")


def producers(data: bytes, customs: Iterable[CustomSection]) -> dict[str, list[tuple[str, str]]]:
    """What the module was made with: by field ("language", "processed-by", "sdk"), pairs of name and version.

    The section is described by the tool conventions of WebAssembly, "Producers Section".
    """
    fields: dict[str, list[tuple[str, str]]] = {}
    for name, start, end, _ in customs:
        if name == "producers":
            cursor = Cursor(data, start, end)
            try:
                for _ in range(cursor.u32()):
                    values = fields.setdefault(cursor.name(), [])
                    for _ in range(cursor.u32()):
                        values.append((cursor.name(), cursor.name()))
            except MalformedError:
                break
    return fields


def branch_hints(data: bytes, customs: Iterable[CustomSection]) -> dict[int, dict[int, bool]]:
    """For each function index that has hints: whether the branch at a byte offset is likely taken.

    Offsets of the `if` or `br_if` count from the first byte of the function body, its local declarations. See
    the branch hinting proposal, "metadata.code.branch_hint".
    """
    hints: dict[int, dict[int, bool]] = {}
    for name, start, end, _ in customs:
        if name == "metadata.code.branch_hint":
            cursor = Cursor(data, start, end)
            try:
                for _ in range(cursor.u32()):
                    of_function = hints.setdefault(cursor.u32(), {})
                    for _ in range(cursor.u32()):
                        offset = cursor.u32()
                        of_function[offset] = cursor.part().byte() == 1
            except MalformedError:
                break
    return hints
