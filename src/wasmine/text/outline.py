"""The first pass over a module: its fields, and the index of everything that has one (Core 6.6.1)."""

from typing import Final, NamedTuple

from wasmine.text.annotations import Annotations
from wasmine.text.lexer import END, TokenStream, is_identifier
from wasmine.text.names import SPACES, Space, plain_name
from wasmine.text.sections import EXTERN_KINDS

TYPE_FIELDS: Final = frozenset(("type", "rec"))
FIELDS: Final = TYPE_FIELDS | frozenset(SPACES) | frozenset(("import", "export", "start"))
"""The keywords of module fields."""


class Field(NamedTuple):
    """A field of a module."""

    keyword: str
    at: int
    """Index of its opening parenthesis."""


class Outline:
    """The fields of a module and its index spaces, with all identifiers defined."""

    def __init__(self, stream: TokenStream, start: int) -> None:
        """Read from the index `start` on, where the module's identifier may stand."""
        self.stream = stream
        self.tokens = stream.tokens
        self.spaces = {keyword: Space(term, stream) for keyword, term in SPACES.items()}
        self.fields: list[Field] = []
        first = start + is_identifier(self.tokens[start])
        self.end = self._find_fields(first)
        """Index of the token after the last field."""
        self.annotations = Annotations(stream, start, self.end)
        self.module_name = self.annotations.take_name(first, "module")
        if self.module_name is None and first > start:
            self.module_name = plain_name(self.tokens[start])
        self._define_all()

    def _find_fields(self, at: int) -> int:
        tokens = self.tokens
        while tokens[at] == "(":
            if tokens[at + 1] not in FIELDS:
                raise self.stream.unexpected(at + 1)
            self.fields.append(Field(tokens[at + 1], at))
            at = skip_parentheses(self.stream, at)
        return at

    def _define_all(self) -> None:
        defined = None  # the kind of the first definition, which no import may follow
        for keyword, at in self.fields:
            if keyword == "rec":
                self._define_group(at + 2)
            elif keyword == "import":
                kind = self.tokens[at + 5]
                if self.tokens[at + 4] != "(" or kind not in EXTERN_KINDS:
                    continue  # the second pass says what is wrong
                self._check_import_order(defined, at)
                self._define(kind, at + 6)
            elif keyword in self.spaces:
                at = self._define(keyword, at + 2)
                if keyword in EXTERN_KINDS:
                    at = self._skip_exports(at)
                    if self.tokens[at] == "(" and self.tokens[at + 1] == "import":
                        self._check_import_order(defined, at)
                    else:
                        defined = defined or self.spaces[keyword].term
                        self._define_inline_segment(keyword, at)

    def _define_group(self, at: int) -> None:
        while self.tokens[at] == "(" and self.tokens[at + 1] == "type":
            self._define("type", at + 2)
            at = skip_parentheses(self.stream, at)

    def _define(self, keyword: str, at: int) -> int:
        """Define the next item of a space, whose identifier may stand here; return the index after it."""
        space = self.spaces[keyword]
        identified = self.tokens[at][0] == "$"
        index = space.define(at if identified else None)
        at += identified
        name = self.annotations.take_name(at, space.term)
        if name is not None:
            space.names[index] = name
        return at

    def _define_inline_segment(self, keyword: str, at: int) -> None:
        """Define the segment of `(memory (data ...))` or `(table t (elem ...))`."""
        tokens = self.tokens
        at += tokens[at] in ("i32", "i64")
        if keyword == "memory":
            if tokens[at] == "(" and tokens[at + 1] == "pagesize":
                at += 4
            if tokens[at] == "(" and tokens[at + 1] == "data":
                self.spaces["data"].define()
        elif keyword == "table" and not tokens[at][0].isdecimal():
            self.spaces["elem"].define()

    def _check_import_order(self, defined: str | None, at: int) -> None:
        if defined is not None:
            raise self.stream.error(at + 1, f"import after {defined}")

    def _skip_exports(self, at: int) -> int:
        while self.tokens[at] == "(" and self.tokens[at + 1] == "export":
            at = skip_parentheses(self.stream, at)
        return at


def skip_parentheses(stream: TokenStream, at: int) -> int:
    """Return the index after the `)` that matches the `(` at an index."""
    tokens = stream.tokens
    start = at
    depth = 0
    while True:
        token = tokens[at]
        if token == "(":
            depth += 1
        elif token == ")":
            depth -= 1
            if not depth:
                return at + 1
        elif token is END:
            raise stream.unclosed(start)
        at += 1
