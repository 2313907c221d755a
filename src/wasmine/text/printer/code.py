"""Instructions one after the other, and functions and expressions in the flat form (Core 6.5)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from wasmine.binary.cursor import Cursor
from wasmine.spec.errors import MalformedError
from wasmine.spec.opcodes import PREFIX_BASE
from wasmine.text.annotations import BRANCH_HINT
from wasmine.text.instructions import HINTABLE
from wasmine.text.printer.identifiers import MAX_LENGTH, Space, spell
from wasmine.text.printer.operands import FORMS, Form
from wasmine.text.printer.types import Types

_MAX_DEPTH: Final = 40
_INDENT: Final = tuple("  " * depth for depth in range(_MAX_DEPTH + 1))
_FIRST_PREFIX: Final = 0xFB
_FOLLOWERS: Final = {
    # role: what the block may be that it continues
    "else": frozenset(("if",)),
    "catch": frozenset(("try", "catch")),
    "delegate": frozenset(("try",)),
}


def indentation(depth: int) -> str:
    """Return the spaces before a line. Deep ones are all the same, or nesting would cost quadratic space."""
    return _INDENT[min(depth, _MAX_DEPTH)]


class Code:
    """Reads instructions; knows the identifiers that are in force, and the blocks that are open."""

    def __init__(self, data: bytes, types: Types, spaces: Mapping[str, Space]) -> None:
        self.cursor = Cursor(data, 0, 0)
        self.types = types
        self.spaces = spaces
        self.uses_data = False
        """An instruction named a data segment."""
        self.names_written = 0
        """Names of labels that have been written."""
        self.hints_written = 0
        self.locals: Mapping[int, str] = {}
        self.openers: list[str] = []
        """Keywords of the open blocks' current parts, outermost first."""
        self._labels: list[str] = []
        self._heights: dict[str, list[int]] = {}
        self._label_names: Mapping[int, str] = {}
        self._blocks = 0
        self.hints: Mapping[int, str] = {}
        """Those of the function, by the offset of the instruction in the module."""

    def begin(
        self,
        start: int,
        end: int,
        local_names: Mapping[int, str] | None = None,
        label_names: Mapping[int, str] | None = None,
        hints: Mapping[int, str] | None = None,
    ) -> None:
        """Go to an expression."""
        self.cursor.position = start
        self.cursor.end = end
        self.locals = local_names or {}
        self.openers = []
        self._labels = []
        self._heights = {}
        self._label_names = label_names or {}
        self._blocks = 0
        self.hints = hints or {}

    # Labels

    def label(self, depth: int) -> str:
        """Return the identifier of a label, or its index if that means another block."""
        height = len(self._labels) - 1 - depth
        if height >= 0:
            identifier = self._labels[height]
            if identifier and self._heights[identifier][-1] == height:
                return identifier
        return str(depth)

    def _enter(self, form: Form) -> str:
        """Open a block; return its identifier, with a space before, or an empty text."""
        name = self._label_names.get(self._blocks)
        self._blocks += 1
        identifier = ""
        if name and len(name) <= MAX_LENGTH:
            identifier = spell(name)
            self.names_written += 1
            self._heights.setdefault(identifier, []).append(len(self._labels))
        self._labels.append(identifier)
        self.openers.append(form.name)
        return f" {identifier}" if identifier else ""

    def _leave(self) -> None:
        self.openers.pop()
        identifier = self._labels.pop()
        if identifier:
            self._heights[identifier].pop()

    # Instructions

    def opcode(self) -> Form:
        """Read an opcode."""
        cursor = self.cursor
        at = cursor.position
        op = cursor.byte()
        if op >= _FIRST_PREFIX:
            prefix, number = op, cursor.u32()
            base = PREFIX_BASE.get(prefix)
            op = -1 if base is None or number > _LAST_CODE[prefix] else base + number
        form = FORMS.get(op)
        if form is None:
            raise MalformedError(f"illegal opcode {cursor.data[at : cursor.position].hex(' ')}", at)
        return form

    def step(self) -> tuple[Form, str]:
        """Read an instruction and its operands; return its text. `end` of the outermost block has none."""
        cursor = self.cursor
        at = cursor.position
        form = self.opcode()
        name, write, role, _ = form
        if role == "plain":
            text = name if write is None else name + write(self, cursor)
        elif role == "open":
            # The operands of `try_table` mean the labels outside.
            operands = write(self, cursor) if write is not None else ""
            text = name + self._enter(form) + operands
        elif not self.openers:
            if role != "end":
                raise MalformedError("END opcode expected", at, expected="end", found=name)
            return form, ""
        else:
            text = self._continue(form, at)
        return form, text

    def hint(self, at: int, form: Form) -> str:
        """Return the annotation for the instruction at an offset, with a space after, or an empty text."""
        hint = self.hints.get(at)
        if hint is None or form.name not in HINTABLE:
            return ""
        self.hints_written += 1
        return f"(@{BRANCH_HINT} {hint}) "

    def _continue(self, form: Form, at: int) -> str:
        """Read what ends a block or a part of one."""
        name, write, role, _ = form
        if role == "end":
            self._leave()
            return name
        if self.openers[-1] not in _FOLLOWERS[role]:
            raise MalformedError("END opcode expected", at, expected="end", found=name)
        if role == "delegate":
            self._leave()
        else:
            self.openers[-1] = name
        return name if write is None else name + write(self, self.cursor)

    def flat(self, parts: list[str], depth: int) -> None:
        """Append the instructions of an expression, each on a line of its own."""
        line = "\n" + indentation(depth)
        openers = self.openers
        while True:
            at = self.cursor.position
            form, text = self.step()
            if self.hints:
                text = self.hint(at, form) + text
            if form.role == "plain":
                parts.append(line + text)
                continue
            if not text:
                return
            if form.role == "open":
                parts.append(line + text)
                line = "\n" + indentation(depth + len(openers))
            else:
                after = len(openers)
                before = after - (form.role in ("else", "catch"))
                parts.append("\n" + indentation(depth + before) + text)
                line = "\n" + indentation(depth + after)


_LAST_CODE: Final = {
    prefix: max(form.op.code for form in FORMS.values() if form.op.prefix == prefix)
    for prefix in PREFIX_BASE
    if prefix
}
