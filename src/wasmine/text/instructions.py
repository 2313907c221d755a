"""Instructions, flat and folded, to the bytes of an expression (Core 6.5).

A folded instruction's operands come first in the binary: its own bytes wait on an explicit stack until its
closing parenthesis. The same stack holds the blocks that are open, so nesting in the text costs memory but no
recursion.
"""

from collections.abc import Mapping
from typing import Final, NamedTuple

from wasmine.spec.opcodes import BY_NAME
from wasmine.text import emit
from wasmine.text.annotations import Annotations
from wasmine.text.lexer import TokenStream, is_identifier
from wasmine.text.names import Space, plain_name, read_natural
from wasmine.text.operands import BLOCKS, PLAIN, opcode
from wasmine.text.types import Types

_END, _ELSE = opcode(BY_NAME["end"]), opcode(BY_NAME["else"])
_CATCH, _CATCH_ALL = opcode(BY_NAME["catch"]), opcode(BY_NAME["catch_all"])
_DELEGATE = opcode(BY_NAME["delegate"])
_CATCH_CLAUSES: Final = {
    # keyword: (number, has a tag)
    "catch": (b"\x00", True),
    "catch_ref": (b"\x01", True),
    "catch_all": (b"\x02", False),
    "catch_all_ref": (b"\x03", False),
}
HINTABLE: Final = frozenset(("if", "br_if"))
"""The instructions that a branch hint may stand before."""


class _Frame(NamedTuple):
    """What an open parenthesis or an open flat block waits for."""

    kind: str
    """`operands` of a plain instruction or `condition` of a folded if, which only folded instructions may
    fill; `body` of a folded block; `then`, `else`, `do`, `catch` part; or `flat`, which `end` closes."""
    code: bytes | bytearray = b""
    """Bytes to append when it closes, or at `then`."""
    label: str | None = None
    opener: str = ""
    """Of a flat block: the keyword of its current part."""
    hint: bytes | None = None


class Body:
    """Reads the expressions of one function, or of the module around it.

    Labels and locals belong to the function; a new body is made for each.
    """

    def __init__(
        self, stream: TokenStream, spaces: Mapping[str, Space], types: Types, annotations: Annotations
    ) -> None:
        self.stream = stream
        self.tokens = stream.tokens
        self.spaces = spaces
        self.types = types
        self.annotations = annotations
        self.locals = Space("local", stream)
        self.uses_data = False
        """An instruction named a data segment, so the module needs a data count section."""
        self.label_names: dict[int, str] = {}
        """Names of the blocks, which are counted in binary order."""
        self.hints: list[tuple[int, bytes]] = []
        """Branch hints: offset of the instruction in the bytes read, and the hint."""
        self._blocks = 0
        self._height = 0
        self._heights: dict[str, list[int]] = {}

    # Labels

    def label(self, at: int) -> bytes:
        """Return the LEB128 encoding of the label index that the token at an index means."""
        token = self.tokens[at]
        heights = self._heights.get(token)
        if heights:
            return emit.unsigned(self._height - heights[-1])
        if is_identifier(token):
            raise self.stream.error(at, f"unknown label {token}")
        return emit.unsigned(read_natural(self.stream, at, 32))

    def _enter(self, label: str | None) -> None:
        self._height += 1
        if label is not None:
            self._heights.setdefault(label, []).append(self._height)
            self.label_names[self._blocks] = plain_name(label)
        self._blocks += 1

    def _leave(self, label: str | None) -> None:
        self._height -= 1
        if label is not None:
            self._heights[label].pop()

    # Sequences

    def read(self, at: int, out: bytearray) -> int:
        """Append the instructions up to an unmatched `)`; return its index."""
        return self._read(at, out, single=False)

    def read_folded(self, at: int, out: bytearray) -> int:
        """Append exactly one folded instruction; return the index after it."""
        if self.tokens[at] != "(":
            raise self.stream.unexpected(at)
        return self._read(at, out, single=True)

    def _read(self, at: int, out: bytearray, *, single: bool) -> int:
        tokens = self.tokens
        plain = PLAIN
        hinted = bool(self.annotations)
        frames: list[_Frame] = []
        while True:
            token = tokens[at]
            if token == "(":
                form = plain.get(tokens[at + 1])
                if form is None:
                    at = self._open(at, out, frames)
                    continue
                hint = self._hint(at, at + 1) if hinted else None
                code, read = form
                own = bytearray(code)
                at = read(self, at + 2, own) if read is not None else at + 2
                if tokens[at] == "(":
                    frames.append(_Frame("operands", own, hint=hint))
                    continue
                if tokens[at] != ")":
                    raise self.stream.unexpected(at)
                if hint is not None:
                    self.hints.append((len(out), hint))
                out += own
                at += 1
                if single and not frames:
                    return at
            elif token == ")":
                if not frames:
                    return at
                at = self._close(at, out, frames)
                if single and not frames:
                    return at
            else:
                if frames and frames[-1].kind in _FOLDED_ONLY:
                    raise self.stream.unexpected(at)
                form = plain.get(token)
                if form is None:
                    at = self._flat(at, out, frames)
                    continue
                if hinted:
                    self._place_hint(self._hint(at), out)
                code, read = form
                out += code
                at = read(self, at + 1, out) if read is not None else at + 1

    # Folded blocks

    def _open(self, at: int, out: bytearray, frames: list[_Frame]) -> int:
        """Begin what is no plain instruction after the `(` at an index."""
        keyword = self.tokens[at + 1]
        if keyword == "then" and frames and frames[-1].kind == "condition":
            _, code, label, _, hint = frames.pop()
            self._place_hint(hint, out)
            out += code
            self._enter(label)
            frames.append(_Frame("then", label=label))
            return at + 2
        if keyword not in BLOCKS:
            raise self.stream.unexpected(at + 1)
        hint = self._hint(at, at + 1) if self.annotations else None
        code, label, at = self._header(at + 1)
        if keyword == "if":
            frames.append(_Frame("condition", code, label, hint=hint))
            return at
        out += code
        self._enter(label)
        if keyword == "try":
            at = self.types.expect(self.types.expect(at, "("), "do")
            frames.append(_Frame("do", label=label))
        else:
            frames.append(_Frame("body", label=label))
        return at

    def _close(self, at: int, out: bytearray, frames: list[_Frame]) -> int:
        """End the innermost frame at the `)` at an index; return the index after what it ends."""
        kind, code, label, _, hint = frames.pop()
        at += 1
        if kind == "operands":
            self._place_hint(hint, out)
            out += code
            return at
        if kind in ("condition", "flat"):
            raise self.stream.unexpected(at - 1)
        if kind != "body":
            if self.tokens[at] == "(":
                return self._next_part(at, kind, label, out, frames)
            at = self.types.expect(at, ")")
        out += _END
        self._leave(label)
        return at

    def _next_part(self, at: int, kind: str, label: str | None, out: bytearray, frames: list[_Frame]) -> int:
        """Begin the part that follows a `then`, `do` or `catch` part at the `(` at an index."""
        at += 1
        keyword = self.tokens[at]
        if kind == "then" and keyword == "else":
            out += _ELSE
        elif kind in ("do", "catch") and keyword == "catch":
            out += _CATCH + self.spaces["tag"].encode(at + 1)
            at += 1
        elif kind in ("do", "catch") and keyword == "catch_all":
            out += _CATCH_ALL
            keyword = "else"  # which nothing may follow
        elif kind == "do" and keyword == "delegate":
            self._leave(label)
            out += _DELEGATE + self.label(at + 1)
            return self.types.expect(self.types.expect(at + 2, ")"), ")")
        else:
            raise self.stream.unexpected(at)
        frames.append(_Frame(keyword, label=label))
        return at + 1

    # Flat blocks

    def _flat(self, at: int, out: bytearray, frames: list[_Frame]) -> int:
        """Read the keyword of a flat block at an index."""
        keyword = self.tokens[at]
        if keyword in BLOCKS:
            if self.annotations:
                self._place_hint(self._hint(at), out)
            code, label, at = self._header(at)
            out += code
            self._enter(label)
            frames.append(_Frame("flat", label=label, opener=keyword))
            return at
        if not frames or frames[-1].kind != "flat":
            raise self.stream.unexpected(at)
        frame = frames.pop()
        opener, label = frame.opener, frame.label
        if keyword == "end":
            out += _END
            at = self._same_label(at + 1, label)
            self._leave(label)
            return at
        if keyword == "else" and opener == "if":
            out += _ELSE
            at = self._same_label(at + 1, label)
        elif keyword == "catch" and opener in ("try", "catch"):
            out += _CATCH + self.spaces["tag"].encode(at + 1)
            at += 2
        elif keyword == "catch_all" and opener in ("try", "catch"):
            out += _CATCH_ALL
            at = self._same_label(at + 1, label)
        elif keyword == "delegate" and opener == "try":
            self._leave(label)
            out += _DELEGATE + self.label(at + 1)
            return at + 2
        else:
            raise self.stream.unexpected(at)
        frames.append(frame._replace(opener=keyword))
        return at

    def _same_label(self, at: int, label: str | None) -> int:
        token = self.tokens[at]
        if token[0] != "$":
            return at
        if not is_identifier(token):
            raise self.stream.unexpected(at)
        if token != label:
            raise self.stream.error(at, f"mismatching label {token}")
        return at + 1

    def _header(self, at: int) -> tuple[bytes, str | None, int]:
        """Read a block's keyword, label, type and catch clauses; return its bytes and label."""
        tokens = self.tokens
        keyword = tokens[at]
        at += 1
        label = None
        if tokens[at][0] == "$":
            label = tokens[at]
            if not is_identifier(label):
                raise self.stream.unexpected(at)
            at += 1
        block_type, at = self.types.block_type(at)
        code = BLOCKS[keyword] + block_type
        if keyword == "try_table":
            clauses, at = self._catch_clauses(at)
            code += clauses
        return code, label, at

    def _catch_clauses(self, at: int) -> tuple[bytes, int]:
        tokens = self.tokens
        clauses = []
        while tokens[at] == "(" and tokens[at + 1] in _CATCH_CLAUSES:
            clause, has_tag = _CATCH_CLAUSES[tokens[at + 1]]
            at += 2
            if has_tag:
                clause += self.spaces["tag"].encode(at)
                at += 1
            clauses.append(clause + self.label(at))
            at = self.types.expect(at + 1, ")")
        return emit.vector(clauses), at

    # Branch hints

    def _hint(self, *places: int) -> bytes | None:
        """Claim the branch hint before one of the tokens of an instruction; the last is its mnemonic."""
        return self.annotations.take_branch_hint(*places) if self.tokens[places[-1]] in HINTABLE else None

    def _place_hint(self, hint: bytes | None, out: bytearray) -> None:
        if hint is not None:
            self.hints.append((len(out), hint))


_FOLDED_ONLY: Final = frozenset(("operands", "condition"))
