"""Instructions in the folded form: each with its operands inside of its parentheses (Core 6.5.11).

An expression becomes trees, on a stack of its own rather than by recursion. An instruction takes the trees
before it that give one value each, as many as it has operands; what gives none or several ends the run, and
stays before the instruction as in the flat form. Either way the parser gets the instructions in their order.
"""

from __future__ import annotations

from typing import Final

from wasmine.binary.cursor import Cursor
from wasmine.text.printer.arity import Context
from wasmine.text.printer.code import Code, indentation
from wasmine.text.printer.operands import Form

_WIDTH: Final = 90  # of a tree that is written on one line
_TOO_WIDE: Final = 1 << 30


class Tree:
    """An instruction, or a part of a block, and what stands in its parentheses."""

    __slots__ = ("children", "head", "values", "width")

    def __init__(self, head: str, children: list[Tree], values: int, *, is_block: bool = False) -> None:
        self.head = head
        """From the opening parenthesis on, with what the instruction's text has before the operands."""
        self.children = children
        self.values = values
        self.width = _TOO_WIDE if is_block and children else len(head) + 1
        """Of the whole on one line."""
        for child in children:
            self.width += 1 + child.width


class _Block:
    """A block that is open, and the trees of its current part."""

    def __init__(self, head: str, keyword: str, values: int, condition: list[Tree]) -> None:
        self.head = head
        self.keyword = keyword
        self.values = values
        self.condition = condition
        self.parts: list[Tree] = []
        self.part_head = {"if": "(then", "try": "(do"}.get(keyword, "")
        self.trees: list[Tree] = []

    def next_part(self, head: str) -> None:
        """End the current part; another one follows."""
        self.parts.append(Tree(self.part_head, self.trees, 0, is_block=True))
        self.part_head = head
        self.trees = []

    def tree(self) -> Tree:
        """Return the whole block, which is complete."""
        if self.part_head:
            self.next_part("")
            return Tree(self.head, self.condition + self.parts, self.values, is_block=True)
        return Tree(self.head, self.trees, self.values, is_block=True)


class Folder:
    """Turns expressions into trees and those into text."""

    def __init__(self, code: Code, context: Context) -> None:
        self._code = code
        self._context = context

    def trees(self, results: int) -> list[Tree]:
        """Read an expression, which gives so many results, from where the code's cursor is."""
        code, context = self._code, self._context
        cursor = code.cursor
        body = _Block("", "", results, [])
        blocks = [body]
        context.labels = [results]
        while True:
            at = cursor.position
            form, text = code.step()
            role = form.role
            if role == "plain":
                self._plain(form, code.hint(at, form) + "(" + text, at, blocks[-1].trees)
            elif not text:
                return body.trees
            elif role == "open":
                self._open(form, code.hint(at, form) + "(" + text, at, blocks)
            elif role in ("else", "catch"):
                blocks[-1].next_part("(" + text)
            else:
                block = blocks.pop()
                context.labels.pop()
                if role == "delegate":
                    block.next_part("(" + text)
                blocks[-1].trees.append(block.tree())

    def text(self, trees: list[Tree], parts: list[str], depth: int) -> None:
        """Append trees, each on a line of its own."""
        # A closing parenthesis, or a tree and its depth.
        pending: list[tuple[Tree, int] | None] = [(tree, depth) for tree in reversed(trees)]
        while pending:
            item = pending.pop()
            if item is None:
                parts.append(")")
                continue
            tree, depth = item
            line = "\n" + indentation(depth)
            if tree.width <= _WIDTH:
                parts.append(line + one_line(tree))
                continue
            parts.append(line + tree.head)
            pending.append(None)
            pending += [(child, depth + 1) for child in reversed(tree.children)]

    def _immediates(self, form: Form, at: int) -> Cursor:
        """Return a cursor behind the opcode of the instruction that begins at an offset."""
        cursor = Cursor(self._code.cursor.data, at + 1, self._code.cursor.end)
        if form.op.prefix:
            cursor.u32()
        return cursor

    def _plain(self, form: Form, head: str, at: int, trees: list[Tree]) -> None:
        params, results = self._context.arity(form.op, self._immediates(form, at))
        first = len(trees)
        while params and first and trees[first - 1].values == 1:
            params -= 1
            first -= 1
        operands = trees[first:]
        del trees[first:]
        trees.append(Tree(head, operands, results))

    def _open(self, form: Form, head: str, at: int, blocks: list[_Block]) -> None:
        params, results = self._context.block(self._immediates(form, at))
        self._context.labels.append(params if form.name == "loop" else results)
        trees = blocks[-1].trees
        condition = [trees.pop()] if form.name == "if" and trees and trees[-1].values == 1 else []
        blocks.append(_Block(head, form.name, results, condition))


def one_line(tree: Tree) -> str:
    """Return a tree on one line."""
    parts: list[str] = []
    pending: list[Tree | None] = [tree]
    while pending:
        item = pending.pop()
        if item is None:
            parts.append(")")
            continue
        parts.append(" " + item.head)
        pending.append(None)
        pending += reversed(item.children)
    return "".join(parts)[1:]
