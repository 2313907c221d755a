"""The sections of a binary while a module is read, and the encodings of what stands in them (Core 5.5)."""

from collections import defaultdict
from collections.abc import Iterable
from typing import Final, TypeAlias

from wasmine.text import emit
from wasmine.text.annotations import BRANCH_HINT, SECTIONS, CustomSection

_HEADER: Final = b"\x00asm\x01\x00\x00\x00"
SECTION_IDS: Final = {
    "type": 1, "import": 2, "func": 3, "table": 4, "memory": 5, "tag": 13, "global": 6, "export": 7,
    "start": 8, "elem": 9, "datacount": 12, "code": 10, "data": 11,
}  # fmt: skip
"""Keyword of a section to its id in the binary."""
EXTERN_KINDS: Final = {
    "func": b"\x00",
    "table": b"\x01",
    "memory": b"\x02",
    "global": b"\x03",
    "tag": b"\x04",
}
"""What can be imported and exported: keyword to the byte before its type or index."""

# Flags of limits (Core 5.3.8, and the proposals of threads and custom page sizes).
HAS_MAXIMUM, SHARED, ADDRESS_64, HAS_PAGE_SIZE = 1, 2, 4, 8

FUNCREF: Final = b"\x70"
_FUNCTION_INDICES: Final = b"\x00"

# Flags of element segments (Core 5.5.12); 0 is an active segment of function indices in table 0.
_NOT_ACTIVE, _EXPLICIT_TABLE, _DECLARATIVE, _EXPRESSIONS = 1, 2, 3, 4


FunctionHints: TypeAlias = tuple[int, list[tuple[int, bytes]]]
"""Index of a function; for each of its hints the instruction's offset in the body, and the hint's byte."""


class Sections:
    """The items of every section, encoded, in the order of their indices."""

    def __init__(self) -> None:
        self.items: dict[str, list[bytes]] = {keyword: [] for keyword in SECTION_IDS}
        """The items by the section's keyword; `start` has one at most, `datacount` none."""
        self.needs_data_count = False
        """An instruction names a data segment."""
        self.hints: list[FunctionHints] = []
        """Branch hints of each function that has some."""
        self._custom: defaultdict[tuple[str, str], list[CustomSection]] = defaultdict(list)

    def add(self, keyword: str, item: bytes) -> None:
        """Append an item to a section."""
        self.items[keyword].append(item)

    def add_custom(self, section: CustomSection) -> None:
        """Append a custom section at its place."""
        self._custom[section.place].append(section)

    def assemble(self, names: bytes) -> bytes:
        """Return the module, with the content of the name section if that is not empty.

        A custom section `name` that the text gives stands for the one that would be made of its identifiers.
        """
        contents = {keyword: emit.vector(items) for keyword, items in self.items.items() if items}
        if self.items["start"]:
            contents["start"] = self.items["start"][0]
        if self.needs_data_count:
            contents["datacount"] = emit.unsigned(len(self.items["data"]))
        out = bytearray(_HEADER)
        for keyword in SECTIONS:
            self._append_custom(out, ("before", keyword))
            if keyword == "code" and self.hints:
                out += _custom_section(BRANCH_HINT, encode_hints(self.hints))
            if keyword in contents:
                out += emit.SMALL[SECTION_IDS[keyword]] + emit.sized(contents[keyword])
            if keyword == "last" and names and not self._has_custom("name"):
                out += _custom_section("name", names)
            self._append_custom(out, ("after", keyword))
        return bytes(out)

    def _has_custom(self, name: str) -> bool:
        return any(section.name == name for sections in self._custom.values() for section in sections)

    def _append_custom(self, out: bytearray, place: tuple[str, str]) -> None:
        for section in self._custom[place]:
            out += _custom_section(section.name, section.content)


def _custom_section(name: str, content: bytes) -> bytes:
    return b"\x00" + emit.sized(emit.sized(name.encode()) + content)


def encode_hints(functions: Iterable[FunctionHints]) -> bytes:
    """Encode branch hints of functions (Core 7.6)."""
    return emit.vector(
        emit.unsigned(index) + emit.vector(emit.unsigned(offset) + emit.sized(hint) for offset, hint in hints)
        for index, hints in functions
    )


def encode_limits(flags: int, minimum: int, maximum: int | None, page_size: int | None = None) -> bytes:
    """Encode the limits of a table or memory; the page size is a logarithm."""
    encoded = emit.unsigned(minimum)
    if maximum is not None:
        flags |= HAS_MAXIMUM
        encoded += emit.unsigned(maximum)
    if page_size is not None:
        flags |= HAS_PAGE_SIZE
        encoded += emit.unsigned(page_size)
    return emit.SMALL[flags] + encoded


def encode_active_elements(
    table: int | None, offset: bytes, reference_type: bytes | None, items: list[bytes]
) -> bytes:
    """Encode an active segment: of expressions if it has a reference type, else of function indices."""
    flags = 0 if reference_type is None else _EXPRESSIONS
    if table is None and reference_type in (None, FUNCREF):
        return emit.SMALL[flags] + offset + emit.vector(items)
    head = emit.SMALL[flags | _EXPLICIT_TABLE] + emit.unsigned(table or 0)
    return head + offset + (reference_type or _FUNCTION_INDICES) + emit.vector(items)


def encode_other_elements(declarative: bool, reference_type: bytes | None, items: list[bytes]) -> bytes:
    """Encode a passive or declarative segment."""
    flags = _DECLARATIVE if declarative else _NOT_ACTIVE
    if reference_type is not None:
        flags |= _EXPRESSIONS
    return emit.SMALL[flags] + (reference_type or _FUNCTION_INDICES) + emit.vector(items)


def encode_active_data(memory: int, offset: bytes, content: bytes) -> bytes:
    """Encode an active data segment."""
    head = b"\x02" + emit.unsigned(memory) if memory else b"\x00"
    return head + offset + emit.sized(content)


def encode_passive_data(content: bytes) -> bytes:
    """Encode a passive data segment."""
    return b"\x01" + emit.sized(content)


def encode_zero(flags: int) -> bytes:
    """Return the offset expression 0 for limits with these flags."""
    return b"\x42\x00\x0b" if flags & ADDRESS_64 else b"\x41\x00\x0b"
