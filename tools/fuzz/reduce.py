"""Making a failing program smaller.

Works on the bytes, so that it serves modules from anywhere. A piece of a body is replaced by what leaves
the operand stack the same: drops and constants, or nothing. Whatever is tried counts only if the modules
stay valid and the program still fails.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterator

from fuzz.assemble import op
from fuzz.cut import Cut, Instr, Point, constant_of, points
from fuzz.program import Program

Check = Callable[[Program], bool]

UNREACHABLE = Instr("unreachable", op("unreachable"))
DROP = Instr("drop", op("drop"))


def ignore(text: str) -> None:
    """Logs nothing."""


def reduce(program: Program, fails: Check, log: Callable[[str], None] = ignore) -> Program:
    """A smaller program for which `fails` holds as it does for this one."""
    size = -1
    while size != weight(program):
        size = weight(program)
        program = fewer_calls(program, fails)
        for index in range(len(program.modules)):
            program = Reducer(program, index, fails).run()
        log(f"{weight(program)} bytes, {len(program.calls)} calls")
    return program


def weight(program: Program) -> int:
    return sum(map(len, program.modules)) + len(program.calls)


def windows(count: int) -> Iterator[tuple[int, int]]:
    """Ranges of positions, large ones first; later ones first, so that what remains keeps its place."""
    size = count
    while size > 0:
        for start in range(count - size, -1, -size):
            yield start, start + size
        size //= 2


def fewer_calls(program: Program, fails: Check) -> Program:
    for field in ("memories", "calls"):
        for start, end in windows(len(getattr(program, field))):
            items = getattr(program, field)
            if end <= len(items):
                candidate = dataclasses.replace(program, **{field: items[:start] + items[end:]})
                if fails(candidate):
                    program = candidate
    return program


class Reducer:
    """Makes one module of a program smaller."""

    def __init__(self, program: Program, index: int, fails: Check) -> None:
        self.program = program
        self.index = index
        self.fails = fails
        self.cut = Cut(program.modules[index])

    def run(self) -> Program:
        """The program with that module made smaller."""
        self.without_exports()
        # Most functions have no part in it.
        for number, func in enumerate(self.cut.funcs):
            if len(func.body) > 2:
                self.attempt(number, [UNREACHABLE, func.body[-1]])
        for number in range(len(self.cut.funcs)):
            if len(self.cut.funcs[number].body) > 2:
                self.pieces(number)
                self.blocks(number)
        return self.program

    def accept(self) -> bool:
        modules = [*self.program.modules]
        modules[self.index] = self.cut.join()
        candidate = dataclasses.replace(self.program, modules=modules)
        if not self.fails(candidate):
            return False
        self.program = candidate
        return True

    def attempt(self, number: int, body: list[Instr]) -> bool:
        func = self.cut.funcs[number]
        old = func.body
        if len(body) == len(old) and [one.raw for one in body] == [one.raw for one in old]:
            return False
        func.body = body
        if self.accept():
            return True
        func.body = old
        return False

    def without_exports(self) -> None:
        """Sections that nothing may need: start, elements, data."""
        for number in (8, 9, 11):
            old = self.cut.sections
            self.cut.sections = [one for one in old if one[0] != number]
            if len(old) != len(self.cut.sections) and not self.accept():
                self.cut.sections = old

    def pieces(self, number: int) -> None:
        """Ranges within one block, replaced by drops and constants."""
        body: list[Instr] = []
        where: list[Point] = []
        for start, stop in windows(len(self.cut.funcs[number].body) - 1):
            if body is not self.cut.funcs[number].body:
                body = self.cut.funcs[number].body
                where = points(self.cut, self.cut.funcs[number])
            if stop >= len(where):
                continue
            stop = close(body, where, start, stop)
            if stop <= start or stop >= len(where):
                continue
            new = bridge(where[start], where[stop])
            if new is not None and len(new) <= stop - start:
                self.attempt(number, body[:start] + new + body[stop:])

    def blocks(self, number: int) -> None:
        """Blocks taken off what is within them."""
        opened: list[int] = []
        found = []
        for at, one in enumerate(self.cut.funcs[number].body):
            if one.name in ("block", "loop", "if", "try_table"):
                opened.append(at)
            elif one.name == "end" and opened:
                found.append((opened.pop(), at))
        for start, stop in sorted(found, reverse=True):
            body = self.cut.funcs[number].body
            if stop < len(body):
                kept = [DROP] if body[start].name == "if" else []
                self.attempt(number, body[:start] + kept + body[start + 1 : stop] + body[stop + 1 :])


def close(body: list[Instr], where: list[Point], start: int, stop: int) -> int:
    """The end, at `stop` or behind it, of the range from `start` on that stays within its block."""
    depth = 0
    at = start
    while at < len(where) and (at < stop or depth > 0):
        name = body[at].name
        if name in ("block", "loop", "if", "try_table"):
            depth += 1
        elif name == "end" or name == "else":
            if depth == 0:
                return at
            depth -= name == "end"
        at += 1
    return at


def bridge(before: Point, after: Point) -> list[Instr] | None:
    """Code that makes the second stack of the first one."""
    if before.opener != after.opener or before.stack is None:
        return None
    if after.stack is None:
        return [UNREACHABLE]
    same = 0
    while same < min(len(before.stack), len(after.stack)) and before.stack[same] == after.stack[same]:
        same += 1
    new = [DROP] * (len(before.stack) - same)
    for type_ in after.stack[same:]:
        one = constant_of(type_)
        if one is None:
            return None
        new.append(one)
    return new
