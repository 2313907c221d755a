"""Identifiers for the parts of a module, from the names in its name section (Core 6.3.5 and 7.4.1).

Names need not be unique, may be empty, and may be of any length, which identifiers may not. So an identifier
can differ from the name; then an annotation `(@name "...")` says the name, where the text format has a place
for one: that is not so for labels and fields.
"""

import re
from collections.abc import Iterable, Iterator
from typing import Final

from wasmine.binary.customs import CustomSection
from wasmine.binary.names import SUBSECTIONS, Names
from wasmine.text.lexer import IDCHAR
from wasmine.text.names import encode_names
from wasmine.text.printer.literals import name_text

MAX_LENGTH: Final = 128
"""Identifiers are cut to so many characters: one is written at every use, so a long one blows up a text."""

_PLAIN = re.compile(rf"[{IDCHAR}]+")
NESTED: Final = ("local", "label", "field")
FLAT: Final = tuple(kind for kind in SUBSECTIONS if kind not in (*NESTED, "module"))


class Space:
    """The identifiers of one index space."""

    def __init__(self, annotates: bool = False) -> None:
        self.annotates = annotates
        """Whether a definition says the name where the identifier differs."""
        self.identifiers: dict[int, str] = {}
        self._names: dict[int, str] = {}
        self._taken: set[str] = set()
        self._copies: dict[str, int] = {}

    def name(self, index: int, name: str) -> None:
        """Give an item an identifier that no other item has."""
        base = candidate = name[:MAX_LENGTH] or "_"
        while candidate in self._taken:
            copies = self._copies[base] = self._copies.get(base, 0) + 1
            candidate = f"{base}.{copies}"
        self._taken.add(candidate)
        self.identifiers[index] = spell(candidate)
        if self.annotates and candidate != name:
            self._names[index] = name

    def use(self, index: int) -> str:
        """Return the identifier of an item, or its index."""
        return self.identifiers.get(index) or str(index)

    def is_exact(self, index: int) -> bool:
        """Tell whether an item has an identifier, and needs no annotation."""
        return index in self.identifiers and index not in self._names

    def definition(self, index: int) -> str:
        """Return what stands after the keyword where an item is defined: with a space before, or empty."""
        identifier = self.identifiers.get(index)
        if identifier is None:
            return ""
        name = self._names.get(index)
        return f" {identifier}" if name is None else f" {identifier} (@name {name_text(name)})"


def spell(name: str) -> str:
    """Return the identifier of a name that is not empty."""
    return f"${name}" if _PLAIN.fullmatch(name) else f"${name_text(name)}"


class Identifiers:
    """The names of a module, and whether the parser would make the same section from them again."""

    def __init__(self, data: bytes, customs: Iterable[CustomSection]) -> None:
        customs = [custom for custom in customs if custom[0] == "name"]
        self._names = Names(data, customs)
        self.module = self._names.module
        self.annotates = False
        """Whether the text is to say all names, so that the section can be made of them again."""
        self.total = 0
        """How many names there are."""
        encoded = self._encode()
        self.is_canonical = len(customs) == 1 and encoded == data[customs[0][1] : customs[0][2]] != b""
        """The section is one, and the text parser would write the same names in the same way."""

    def _encode(self) -> bytes:
        flat = {kind: dict(self._names.items(kind)) for kind in FLAT}
        nested = {
            kind: {index: dict(self.inner(kind, index)) for index in self._names.outer_indices(kind)}
            for kind in NESTED
        }
        self.total = (self.module is not None) + sum(map(len, flat.values()))
        self.total += sum(len(names) for maps in nested.values() for names in maps.values())
        return encode_names(self.module, flat, nested)

    def space(self, kind: str, count: int) -> Space:
        """Return the identifiers of a kind, for the items that exist."""
        space = Space(self.annotates)
        for index, name in self._names.items(kind):
            if index < count:
                space.name(index, name)
        return space

    def inner(self, kind: str, index: int) -> Iterator[tuple[int, str]]:
        """Return the names of locals or labels of a function, or fields of a type."""
        return self._names.inner_items(kind, index)
