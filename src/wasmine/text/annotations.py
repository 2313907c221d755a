"""The annotations that mean something: custom sections, names, branch hints (Core 7.4 to 7.6).

`(@datacount)` is wasmine's own: the module has a data count section although no instruction needs one. To
others it is a comment.

Each is claimed by the construct that it precedes. One that nobody claims stands in a wrong place, which is an
error; annotations of other names are comments.
"""

from bisect import bisect_left, bisect_right
from typing import Final, NamedTuple

from wasmine.text.errors import TextError
from wasmine.text.lexer import Annotation, TokenStream, is_string, unescape

CUSTOM: Final = "custom"
NAME: Final = "name"
BRANCH_HINT: Final = "metadata.code.branch_hint"
DATA_COUNT: Final = "datacount"

SECTIONS: Final = (
    "first",
    "type",
    "import",
    "func",
    "table",
    "memory",
    "tag",
    "global",
    "export",
    "start",
    "elem",
    "datacount",
    "code",
    "data",
    "last",
)
"""Where a custom section can be put: before or after one of these, in the order of the binary."""


class CustomSection(NamedTuple):
    """A custom section and its place."""

    name: str
    place: tuple[str, str]
    """`before` or `after`, and one of `SECTIONS`."""
    content: bytes


class Annotations:
    """The annotations of one module, and which of them are taken."""

    def __init__(self, stream: TokenStream, start: int, end: int) -> None:
        self._stream = stream
        first, last = bisect_left(stream.annotated, start), bisect_right(stream.annotated, end)
        self._pending = {index: list(stream.annotations[index]) for index in stream.annotated[first:last]}

    def __bool__(self) -> bool:
        return bool(self._pending)

    def take(self, index: int, name: str) -> list[Annotation]:
        """Claim all annotations of a name that precede the token at an index."""
        pending = self._pending.get(index)
        if not pending:
            return []
        taken = [annotation for annotation in pending if annotation.name == name]
        pending[:] = [annotation for annotation in pending if annotation.name != name]
        return taken

    def take_name(self, index: int, term: str) -> str | None:
        """Claim the `@name` annotation before the token at an index."""
        annotations = self.take(index, NAME)
        if not annotations:
            return None
        if len(annotations) > 1:
            raise self.error(annotations[1], f"multiple {term}")
        annotation = annotations[0]
        if len(annotation.tokens) != 1 or not is_string(annotation.tokens[0]):
            raise self.error(annotation, "string expected")
        return self._utf8(annotation, annotation.tokens[0])

    def take_custom_sections(self, index: int) -> list[CustomSection]:
        """Claim the `@custom` annotations before the token at an index."""
        return [self._custom_section(annotation) for annotation in self.take(index, CUSTOM)]

    def take_data_count(self, index: int) -> bool:
        """Claim the `@datacount` annotations before the token at an index; tell whether there were any."""
        annotations = self.take(index, DATA_COUNT)
        for annotation in annotations:
            if annotation.tokens:
                raise self.error(annotation, "unexpected token")
        return bool(annotations)

    def take_branch_hint(self, *indices: int) -> bytes | None:
        """Claim the branch hint before one of the tokens at these indices."""
        annotations = [annotation for index in indices for annotation in self.take(index, BRANCH_HINT)]
        if not annotations:
            return None
        if len(annotations) > 1:
            raise self.error(annotations[1], "duplicate annotation")
        annotation = annotations[0]
        if len(annotation.tokens) != 1 or not is_string(annotation.tokens[0]):
            raise self.error(annotation, "unexpected token")
        hint = unescape(annotation.tokens[0])
        if hint not in (b"\x00", b"\x01"):
            raise self.error(annotation, "invalid hint")
        return hint

    def check_all_taken(self, functions: list[tuple[int, int]]) -> None:
        """Raise the error of the first annotation that nobody claimed. Functions are ranges of tokens."""
        for index in sorted(self._pending):
            for annotation in self._pending[index]:
                if annotation.name != BRANCH_HINT:
                    message = f"misplaced @{annotation.name} annotation"
                    raise self._stream.error_at_place(annotation.place, message)
                inside = any(start <= index <= end for start, end in functions)
                raise self.error(annotation, "invalid target" if inside else "not in a function")

    def error(self, annotation: Annotation, message: str) -> TextError:
        """The error of an annotation that is not well-formed."""
        text = f"@{annotation.name} annotation: {message}"
        return self._stream.error_at_place(annotation.place, text)

    def _custom_section(self, annotation: Annotation) -> CustomSection:
        tokens = annotation.tokens
        if not tokens or not is_string(tokens[0]):
            raise self.error(annotation, "missing section name")
        name = self._utf8(annotation, tokens[0])
        place = ("after", "last")
        rest = tokens[1:]
        if rest[:1] == ("(",):
            place = self._place(annotation, rest)
            rest = rest[4:]
        if not all(map(is_string, rest)):
            raise self.error(annotation, "unexpected token")
        return CustomSection(name, place, b"".join(self._bytes(annotation, token) for token in rest))

    def _place(self, annotation: Annotation, tokens: tuple[str, ...]) -> tuple[str, str]:
        relation, section = (*tokens[1:3], "", "")[:2]
        if relation not in ("before", "after"):
            raise self.error(annotation, "malformed placement")
        edge = {"before": "first", "after": "last"}[relation]
        if section not in SECTIONS or (section in ("first", "last") and section != edge):
            raise self.error(annotation, "malformed section kind")
        if tokens[3:4] != (")",):
            raise self.error(annotation, "unexpected token")
        return relation, section

    def _utf8(self, annotation: Annotation, token: str) -> str:
        try:
            return self._bytes(annotation, token).decode()
        except UnicodeDecodeError:
            raise self.error(annotation, "malformed UTF-8 encoding") from None

    def _bytes(self, annotation: Annotation, token: str) -> bytes:
        try:
            return unescape(token)
        except ValueError:
            raise self.error(annotation, "malformed UTF-8 encoding") from None
