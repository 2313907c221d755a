"""Where the parts of a module are: its sections, and the items of each index space (Core 5.5)."""

from typing import Final, NamedTuple

from wasmine.binary.cursor import Cursor
from wasmine.binary.customs import CustomSection
from wasmine.spec.errors import MalformedError
from wasmine.text.annotations import BRANCH_HINT, SECTIONS
from wasmine.text.sections import EXTERN_KINDS, SECTION_IDS

_HEADER: Final = b"\0asm\1\0\0\0"
_KEYWORDS: Final = {number: keyword for keyword, number in SECTION_IDS.items()}
_ORDER: Final = {keyword: place for place, keyword in enumerate(SECTIONS)}
_NO_VECTORS: Final = frozenset(("start", "datacount"))
KINDS: Final = {encoded[0]: keyword for keyword, encoded in EXTERN_KINDS.items()}
"""The byte of an external kind to its keyword."""


class Custom(NamedTuple):
    """A custom section."""

    name: str
    start: int
    end: int
    after: str
    """The section before, by its keyword; `first` for none."""
    next: str
    """What follows: the keyword of a section, `custom`, or `last` for the end."""


class Contents:
    """The sections of a module, but for those of no items; knows nothing of what is in them."""

    def __init__(self, data: bytes) -> None:
        self.data = data
        self.sections: dict[str, Cursor] = {}
        self.customs: list[Custom] = []
        if data[:4] != _HEADER[:4]:
            raise MalformedError(
                "magic header not detected", 0, expected="00 61 73 6d", found=data[:4].hex(" ")
            )
        if data[4:8] != _HEADER[4:]:
            found = data[4:8].hex(" ")
            raise MalformedError("unknown binary version", 4, expected="01 00 00 00", found=found)
        self._find(Cursor(data, len(_HEADER), len(data)))

    def _find(self, cursor: Cursor) -> None:
        last = before = "first"
        while cursor.position < cursor.end:
            at = cursor.position
            number = cursor.byte()
            section = cursor.part()
            keyword = "custom" if number == 0 else _KEYWORDS.get(number)
            if keyword is None:
                raise MalformedError("malformed section id", at, found=str(number))
            if keyword != "custom":
                if _ORDER[keyword] <= _ORDER[last]:
                    raise MalformedError("unexpected content after last section", at)
                last = keyword
                if section.data[section.position : section.end] == b"\0" and keyword not in _NO_VECTORS:
                    continue  # which the parser would not write
                self.sections[keyword] = section
                before = keyword
            self._follow(keyword)
            if keyword == "custom":
                self.customs.append(_custom(section, before))

    def _follow(self, keyword: str) -> None:
        if self.customs and self.customs[-1].next == "last":
            self.customs[-1] = self.customs[-1]._replace(next=keyword)

    def section(self, keyword: str) -> Cursor:
        """Return a section at its beginning; one that is not there is like one of no items."""
        section = self.sections.get(keyword)
        if section is None:
            return Cursor(b"\0", 0, 1)
        return Cursor(section.data, section.position, section.end)

    def count(self, keyword: str) -> int:
        """Return the number of items in a section."""
        return self.section(keyword).count()

    def names(self) -> Custom | None:
        """Return the section of names if it is where the parser puts it: behind all others, customs aside."""
        found = [custom for custom in self.customs if custom.name == "name"]
        if len(found) != 1:
            return None
        position = self.customs.index(found[0])
        return found[0] if all(one.next in ("custom", "last") for one in self.customs[position:]) else None

    def hints(self) -> Custom | None:
        """Return the section of branch hints if it is where the parser puts it: right before the code."""
        found = [custom for custom in self.customs if custom.name == BRANCH_HINT]
        return found[0] if len(found) == 1 and found[0].next == "code" else None

    def plain_customs(self) -> list[CustomSection]:
        """Return the custom sections as `wasmine.binary` knows them."""
        return [(custom.name, custom.start, custom.end, 0) for custom in self.customs]


def _custom(section: Cursor, after: str) -> Custom:
    at = section.position
    part = section.part()
    try:
        name = part.data[part.position : part.end].decode()
    except UnicodeDecodeError:
        raise MalformedError("malformed UTF-8 encoding", at) from None
    return Custom(name, section.position, section.end, after, "last")


def end_of(section: Cursor) -> None:
    """Check that a section has been read to its end."""
    if section.position != section.end:
        raise MalformedError(
            "section size mismatch", section.position, expected=f"{section.end:#x} as its end"
        )
