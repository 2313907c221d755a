"""Characters to tokens (Core 6.3).

One regular expression cuts the source; `re.findall` runs it, so no Python code is executed per character
and little per token. A token is its own text. Positions are not kept: an error finds its place by cutting
the source once more.

Block comments nest, which no regular expression can follow. The expression skips those without a comment
inside; any other is overwritten with spaces before the text is cut again, which moves nothing.
"""

import re
from bisect import bisect_right
from typing import Final, NamedTuple

from wasmine.text.errors import TextError
from wasmine.text.keywords import KEYWORDS
from wasmine.text.numbers import is_natural, is_number
from wasmine.text.patterns import possessive

END: Final = "end of input"
"""Follows the last token. It has a space in it, so it equals no token."""

_LOOKAHEAD = 8  # so many tokens may be looked at without asking whether they are there

IDCHAR: Final = r"0-9A-Za-z!#$%&'*+\-./:<=>?@\\^_`|~"
_ESCAPE = r"\\(?:[0-9a-fA-F]{2}|[tnr\"'\\]|u\{[0-9a-fA-F]" + possessive("(?:_?[0-9a-fA-F])", "*") + r"\})"
_STRING = '"' + possessive(rf'(?:[^"\\\x00-\x1f\x7f]++|{_ESCAPE})', "*") + '"'
_BLOCK = r"\(;" + possessive(r"(?:[^;(]++|;(?!\))|\((?!;))", "*") + r";\)"
_SPACE = possessive(rf"(?:[ \t\n\r]++|;;[^\n\r]*+|{_BLOCK})", "*")
_ATOM = possessive(rf"(?:[{IDCHAR},\[\]{{}}]++|;(?!;)|{_STRING})", "+")

# The last four alternatives are errors, or comments that nest; whoever meets them says so.
_TOKEN = re.compile(
    rf"{_SPACE}({_ATOM}|\((?![;@])|\)|\(@(?:[{IDCHAR}]++|{_STRING})?|\Z"
    r'|\(;|"' + possessive(r'(?:[^"\\\n\r]|\\.)', "*") + '"?|.)'
)
_COMMENT_OR_STRING = re.compile(rf"{_STRING}|;;[^\n\r]*|\(;")
_COMMENT_EDGE = re.compile(r"\(;|;\)")
_NEWLINE = re.compile(r"\r\n?|\n")
_WHOLE_ATOM = re.compile(_ATOM)
_WHOLE_STRING = re.compile(_STRING)
_IDENTIFIER = re.compile(rf"\$[{IDCHAR}]++")
_ESCAPES = re.compile(rb"(?:\\[0-9a-fA-F]{2})+|\\u\{([0-9a-fA-F_]+)\}|\\(.)")
_SIMPLE_ESCAPES = {b"t": b"\t", b"n": b"\n", b"r": b"\r", b'"': b'"', b"'": b"'", b"\\": b"\\"}

_RECORDED_ANNOTATIONS = {"custom", "name", "metadata.code.branch_hint", "datacount"}


class Annotation(NamedTuple):
    """An annotation that has a meaning here, to be claimed by the construct that it precedes."""

    name: str
    place: int
    """Index of its first token among all tokens of the source, for errors."""
    tokens: tuple[str, ...]
    """What follows the name, without the closing parenthesis."""


class TokenStream:
    """The tokens of one text.

    Annotations are taken out of `tokens`; those that mean something are in `annotations`, under the index of
    the token that they precede.
    """

    def __init__(self, source: str | bytes, filename: str | None = None) -> None:
        self.filename = filename
        self._taken: list[tuple[int, int]] = []  # index of a token, and how many were taken out before it
        self._offsets: list[int] = []  # of the tokens; found when the first place is asked for
        self._line_starts: list[int] = []
        self.source = self._decode(source)
        self.tokens = self._cut()
        self.annotations: dict[int, list[Annotation]] = {}
        if "(@" in self.source:
            self._take_out_annotations()
        self.annotated = list(self.annotations)
        """The keys of `annotations`, which grow."""
        if '$"' in self.source:
            self._normalise_identifiers()

    # Cutting

    def _decode(self, source: str | bytes) -> str:
        self.source = ""
        if isinstance(source, bytes):
            try:
                return source.decode()
            except UnicodeDecodeError as error:
                self.source = source.decode(errors="replace")
                place = len(source[: error.start].decode(errors="replace"))
                raise self._error_at(place, "malformed UTF-8 encoding") from None
        if not source.isascii():
            try:
                source.encode()
            except UnicodeEncodeError as error:
                self.source = source
                raise self._error_at(error.start, "malformed UTF-8 encoding") from None
        return source

    def _cut(self) -> list[str]:
        tokens: list[str] = _TOKEN.findall(self.source)
        if "(;" in tokens:
            self._blank_comments()
            tokens = _TOKEN.findall(self.source)
        while tokens and not tokens[-1]:
            tokens.pop()
        tokens += [END] * _LOOKAHEAD
        return tokens

    def _blank_comments(self) -> None:
        """Overwrite every block comment with spaces; line ends stay."""
        source = self.source
        kept = []
        position = 0
        while match := _COMMENT_OR_STRING.search(source, position):
            start, end = match.span()
            if match[0] == "(;":
                end = self._comment_end(start)
                kept.append(source[position:start])
                kept.append(re.sub(r"[^\n\r]", " ", source[start:end]))
            else:
                kept.append(source[position:end])
            position = end
        kept.append(source[position:])
        self.source = "".join(kept)

    def _comment_end(self, start: int) -> int:
        depth = 0
        for edge in _COMMENT_EDGE.finditer(self.source, start):
            depth += 1 if edge[0] == "(;" else -1
            if depth == 0:
                return edge.end()
        raise self._error_at(start, "unclosed comment")

    # Annotations and identifiers

    def _take_out_annotations(self) -> None:
        tokens = self.tokens
        kept: list[str] = []
        position = 0
        for start in [index for index, token in enumerate(tokens) if token[:2] == "(@"]:
            if start < position:
                continue  # inside of the last one
            kept += tokens[position:start]
            position = self._annotation(start, len(kept))
            self._taken.append((len(kept), position - len(kept)))
        self.tokens = kept + tokens[position:] if position else tokens

    def _annotation(self, start: int, following: int) -> int:
        """Read the annotation that begins at `start`; return the index after it."""
        tokens = self.tokens
        name = self._annotation_name(start)
        body: list[str] = []
        depth = 1
        ignored_from = 0  # depth of the outermost annotation inside this one
        for index in range(start + 1, len(tokens)):
            token = tokens[index]
            if token == "(":
                depth += 1
            elif token == ")":
                depth -= 1
                if depth == 0:
                    if name in _RECORDED_ANNOTATIONS:
                        annotation = Annotation(name, start, tuple(body))
                        self.annotations.setdefault(following, []).append(annotation)
                    return index + 1
                if depth < ignored_from:
                    ignored_from = 0
                    continue
            elif token.startswith("(@"):
                depth += 1
                ignored_from = ignored_from or depth
            elif token is END:
                raise self.error_at_place(start, "unclosed annotation")
            elif not _WHOLE_ATOM.fullmatch(token):
                raise self.error_at_place(index, describe(token))
            if not ignored_from:
                body.append(token)
        raise AssertionError("the stream has no end")

    def _annotation_name(self, index: int) -> str:
        name = self.tokens[index][2:]
        if name.startswith('"'):
            try:
                name = unescape(name).decode()
            except ValueError:
                raise self.error_at_place(index, "malformed UTF-8 encoding") from None
        if not name:
            raise self.error_at_place(index, "empty annotation id")
        return name

    def _normalise_identifiers(self) -> None:
        r"""Give `$"x"` and `$x` one spelling; what needs quotes keeps one as its second character."""
        tokens = self.tokens
        for index, token in enumerate(tokens):
            if token.startswith('$"'):
                if not _WHOLE_STRING.fullmatch(token, 1):
                    raise self.error(index, f"unknown operator {token}")
                try:
                    name = unescape(token[1:]).decode()
                except ValueError:
                    raise self.error(index, "malformed UTF-8 encoding") from None
                if not name:
                    raise self.error(index, "empty identifier")
                plain = "$" + name
                tokens[index] = plain if _IDENTIFIER.fullmatch(plain) else f'$"{name}'

    # Errors and places

    def unexpected(self, index: int) -> TextError:
        """The error of a token that is wrong where it stands, or anywhere."""
        return self.error(index, describe(self.tokens[index]))

    def unclosed(self, start: int) -> TextError:
        """The error of a `(` without its `)`; a token that swallowed it is blamed first."""
        for index in range(start, len(self.tokens)):
            message = describe(self.tokens[index])
            if not message.startswith(("unexpected token", "unknown operator")):
                return self.error(index, message)
        return self.unexpected(len(self.tokens) - 1)

    def error(self, index: int, message: str) -> TextError:
        """An error at a token."""
        return self.error_at_place(self._place(index), message)

    def error_at_place(self, place: int, message: str) -> TextError:
        """An error at a token, counted with those of annotations."""
        return self._error_at(self._offset(place), message)

    def line(self, index: int) -> int:
        """Line number of a token, from 1."""
        return self._line_at(self._offset(self._place(index)))

    def _place(self, index: int) -> int:
        """Return where a token stood before annotations were taken out."""
        taken = bisect_right(self._taken, index, key=lambda pair: pair[0])
        return index + self._taken[taken - 1][1] if taken else index

    def _offset(self, place: int) -> int:
        if not self._offsets:
            self._offsets = [match.start(1) for match in _TOKEN.finditer(self.source)]
        return self._offsets[place] if place < len(self._offsets) else len(self.source)

    def _line_at(self, offset: int) -> int:
        if not self._line_starts:
            self._line_starts = [0, *(match.end() for match in _NEWLINE.finditer(self.source))]
        return bisect_right(self._line_starts, offset)

    def _error_at(self, offset: int, message: str) -> TextError:
        self._line_starts = []
        line = self._line_at(offset)
        start = self._line_starts[line - 1]
        end = _NEWLINE.search(self.source, start)
        source_line = self.source[start : end.start() if end else len(self.source)]
        return TextError(message, line, offset - start + 1, source_line, self.filename)


def describe(token: str) -> str:
    """Say what is wrong with a token that cannot stand where it does."""
    if token == "$":
        return "empty identifier"
    if token is END or token in ("(", ")") or token in KEYWORDS:
        return f"unexpected token {token}"
    if token.startswith('"') and not _WHOLE_ATOM.fullmatch(token):
        return _describe_string(token)
    if not _WHOLE_ATOM.fullmatch(token):
        return f"illegal character {ascii(token)[1:-1]}"
    if _WHOLE_STRING.fullmatch(token) or is_identifier(token) or is_number(token):
        return f"unexpected token {token}"
    keyword, separator, value = token.partition("=")
    if separator and keyword in ("offset", "align") and is_natural(value):
        return f"unexpected token {token}"
    return f"unknown operator {token}"


def _describe_string(token: str) -> str:
    if len(token) < 2 or not token.endswith('"'):
        return "unclosed string"
    if re.search(r"[\x00-\x1f\x7f]", token):
        return "illegal character in string"
    return "illegal escape in string"


def is_identifier(token: str) -> bool:
    """Tell whether a token of a stream is an identifier, as `$x` or in its quoted form."""
    return token.startswith('$"') or _IDENTIFIER.fullmatch(token) is not None


def is_string(token: str) -> bool:
    """Tell whether a token is one string literal."""
    return token[0] == '"' and _WHOLE_STRING.fullmatch(token) is not None


def unescape(token: str) -> bytes:
    """Return the bytes of a string literal (Core 6.3.3).

    Raises ValueError where an escape is no Unicode scalar value.
    """
    data = token[1:-1].encode()
    return _ESCAPES.sub(_unescape_run, data) if b"\\" in data else data


def _unescape_run(match: re.Match[bytes]) -> bytes:
    code, simple = match.groups()
    if code is not None:
        # Leading zeros are many only in a hostile text; int() is linear in hexadecimal.
        value = int(code.replace(b"_", b""), 16)
        if value >= 0x110000:
            raise ValueError("not a Unicode scalar value")
        return chr(value).encode()
    if simple is not None:
        return _SIMPLE_ESCAPES[simple]
    return bytes.fromhex(match[0].replace(b"\\", b"").decode())
