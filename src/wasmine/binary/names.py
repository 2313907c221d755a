"""The name section (core specification, appendix "Custom Sections and Annotations", Name Section).

Nothing is read until a name is asked for, and then the map of that kind is indexed, its names left in the
bytes. So a module with a hundred thousand function names costs nothing to load, and a backtrace pays once.
"""

from collections.abc import Iterable, Iterator
from contextlib import suppress
from typing import Final

from wasmine.binary.cursor import Cursor
from wasmine.binary.customs import CustomSection
from wasmine.spec.errors import MalformedError

SUBSECTIONS: Final = {
    "module": 0,
    "func": 1,
    "local": 2,
    "label": 3,
    "type": 4,
    "table": 5,
    "memory": 6,
    "global": 7,
    "elem": 8,
    "data": 9,
    "field": 10,
    "tag": 11,
}
"""Kinds of names and their subsection ids; those after `local` are of the extended name section proposal."""


class Names:
    """The names that a module gives to its parts, all of them optional.

    Kinds are the keys of SUBSECTIONS. Locals, labels and fields have two indices: that of the function or
    type first.
    """

    def __init__(self, data: bytes, customs: Iterable[CustomSection]) -> None:
        self._data = data
        self._sections = [(start, end) for name, start, end, _ in customs if name == "name"]
        self._parts: dict[int, Cursor] | None = None
        # A name is kept as the offset of its length.
        self._maps: dict[str, dict[int, int]] = {}
        self._inner_maps: dict[str, dict[int, dict[int, int]]] = {}

    @property
    def module(self) -> str | None:
        """The name of the module itself."""
        part = self._subsection("module")
        try:
            return None if part is None else part.name()
        except MalformedError:
            return None

    def function(self, index: int) -> str | None:
        """The name of a function, for backtraces."""
        return self.get("func", index)

    def get(self, kind: str, index: int, inner: int | None = None) -> str | None:
        """The name of part `index` of a kind, or of part `inner` of it; None when it has none."""
        if inner is None:
            at = self._map(kind).get(index)
        else:
            at = self._inner_map(kind).get(index, {}).get(inner)
        return None if at is None else self._name(at)

    def items(self, kind: str) -> Iterator[tuple[int, str]]:
        """Indices and names of a kind with one index, in the order of the section."""
        return ((index, self._name(at)) for index, at in self._map(kind).items())

    def inner_items(self, kind: str, index: int) -> Iterator[tuple[int, str]]:
        """Indices and names of the locals or labels of a function, or the fields of a type."""
        return ((inner, self._name(at)) for inner, at in self._inner_map(kind).get(index, {}).items())

    def outer_indices(self, kind: str) -> Iterable[int]:
        """The functions that have names of locals or labels, or the types that have names of fields."""
        return self._inner_map(kind)

    def _name(self, at: int) -> str:
        return Cursor(self._data, at, len(self._data)).name()

    def _subsection(self, kind: str) -> Cursor | None:
        """The contents of a subsection, at their beginning."""
        if self._parts is None:
            self._parts = {}
            for start, end in self._sections:
                cursor = Cursor(self._data, start, end)
                with suppress(MalformedError):
                    while cursor.position < cursor.end:
                        self._parts.setdefault(cursor.byte(), cursor.part())
        part = self._parts.get(SUBSECTIONS[kind])
        return None if part is None else Cursor(part.data, part.position, part.end)

    def _map(self, kind: str) -> dict[int, int]:
        if kind not in self._maps:
            names: dict[int, int] = {}
            part = self._subsection(kind)
            if part is not None:
                with suppress(MalformedError):
                    read_name_map(part, names)
            self._maps[kind] = names
        return self._maps[kind]

    def _inner_map(self, kind: str) -> dict[int, dict[int, int]]:
        if kind not in self._inner_maps:
            maps: dict[int, dict[int, int]] = {}
            part = self._subsection(kind)
            if part is not None:
                with suppress(MalformedError):
                    for _ in range(part.u32()):
                        read_name_map(part, maps.setdefault(part.u32(), {}))
            self._inner_maps[kind] = maps
        return self._inner_maps[kind]


def read_name_map(cursor: Cursor, names: dict[int, int]) -> None:
    """Adds a vector of index and name to `names`; the first name of an index counts.

    Raises MalformedError where the vector is damaged, with the names before that added.
    """
    for _ in range(cursor.u32()):
        index = cursor.u32()
        at = cursor.position
        cursor.part()
        names.setdefault(index, at)
