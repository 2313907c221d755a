"""What is held against each other: traces of runs, and the host that both engines call.

A trace is a list of plain entries: what each call gave or how it ended, each call of a host function with its
arguments, and at the end the contents of memories. Floats that are no number count as one. Host functions
behave by the name of their import: `mix` computes from its arguments, `back` calls an export named `callback`
too, `raise` raises now and then.
"""

from __future__ import annotations

import itertools
import struct
import zlib
from collections.abc import Callable
from typing import Any

Trace = list[tuple[Any, ...]]
Values = list[tuple[str, Any]]
"""Pairs of type and value, the value as a trace has it."""

HOST_CALLS = 300
HOST_DEPTH = 4

# What a trap is called by both: our text, wasmtime's text, the name in a trace.
TRAPS = (
    ("unreachable", "`unreachable` instruction", "unreachable"),
    ("integer divide by zero", "integer divide by zero", "divide by zero"),
    ("integer overflow", "integer overflow", "integer overflow"),
    ("invalid conversion to integer", "invalid conversion to integer", "invalid conversion"),
    ("out of bounds memory access", "out of bounds memory access", "memory bounds"),
    ("out of bounds table access", "out of bounds table access", "table bounds"),
    ("undefined element", "undefined element: out of bounds", "table bounds"),
    ("uninitialized element", "uninitialized element", "null element"),
    ("indirect call type mismatch", "indirect call type mismatch", "call type"),
    ("call stack exhausted", "call stack exhausted", "stack"),
    ("unaligned atomic", "unaligned atomic", "unaligned"),
    ("expected shared memory", "atomic wait on non-shared memory", "wait"),
    ("null function reference", "null reference", "null"),
    ("null exception reference", "null reference", "null"),
    ("null structure reference", "null reference", "null"),
    ("null array reference", "null reference", "null"),
    ("null i31 reference", "null reference", "null"),
    ("null reference", "null reference", "null"),
    ("cast failure", "cast failure", "cast"),
    ("out of bounds array access", "out of bounds array access", "array bounds"),
    ("allocation size too large", "allocation size too large", "allocation"),
    ("uncaught exception", "thrown Wasm exception", "exception"),
    ("no address space for a memory", "Cannot allocate memory", "address space"),
)


class Endless(Exception):
    """The program runs too long to be of use."""


class Escaped(Exception):
    """An exception of WebAssembly came out of what a host function called."""


class HostError(Exception):
    """What a host function named `raise` raises."""


class Host:
    """The host of one run: its functions' behaviour, and the trace."""

    def __init__(self) -> None:
        self.trace: Trace = []
        self.count = 0
        self.depth = 0
        self.back: Callable[[int], Any] | None = None

    def call(self, name: str, args: Values, results: list[str]) -> list[Any]:
        """The results of one call of a host function."""
        self.count += 1
        self.trace.append(("host", name, [value for _, value in args]))
        if self.count > HOST_CALLS:
            raise HostError("too many calls")
        number = zlib.crc32(repr((name, args)).encode())
        if name.startswith("raise") and number % 5 == 0:
            raise HostError(str(number % 100))
        if name.startswith("back") and self.back is not None and self.depth < HOST_DEPTH:
            self.depth += 1
            try:
                answer = self.back(number % 7)
            finally:
                self.depth -= 1
            self.trace.append(("back", answer))
            number += answer
        return [host_value(type_, number + i) for i, type_ in enumerate(results)]


def host_value(type_: str, number: int) -> Any:
    if type_ == "i32":
        return (number & 0xFFFFFFFF) - (1 << 31)
    if type_ == "i64":
        return (number * 0x9E3779B97F4A7C15 & (1 << 64) - 1) - (1 << 63)
    if type_ in ("f32", "f64"):
        return (number & 0xFFFFF) / 16.0 - 1000.0
    return (None, "one", "two", "three")[number % 4] if type_ == "externref" else None


def traced(type_: str, value: Any) -> Any:
    """A value as a trace has it."""
    if type_ == "i32":
        return value & 0xFFFFFFFF
    if type_ == "i64":
        return value & 0xFFFFFFFFFFFFFFFF
    if type_ in ("f32", "f64"):
        return "nan" if value != value else struct.pack("<d", value).hex()
    if type_ == "externref":
        # An object of the module's own has no face in wasmtime's Python.
        return value if isinstance(value, str) else None
    return None if value is None else "a reference"


def ending(text: str, column: int) -> tuple[str, str]:
    """How a run ended that trapped with that text; our texts are in column 0, wasmtime's in column 1."""
    for row in TRAPS:
        if row[column] in text:
            return "trap", row[2]
    return "trap", f"unknown: {text}"


# Traps of wasmtime and of wasmine, where an instruction has reason for both.
EXPLAINED = {
    ("memory bounds", "unaligned"),  # atomic accesses: wasmtime looks at the bounds first
    ("array bounds", "null"),  # array.copy: wasmtime looks at the first array's bounds before the second one
}


def first_difference(expected: Trace, trace: Trace) -> str | None:
    """The first entry in which a trace of wasmine is not what is expected, in words.

    How deep calls may go is not the standard's, nor how much address space there is: what comes when wasmtime
    had no more is not held against it.
    """
    for theirs, ours in itertools.zip_longest(expected, trace):
        if theirs is not None and meets_limit(theirs):
            return None
        if theirs != ours and not is_explained(theirs, ours):
            return f"{theirs}, here {ours}"
    return None


def meets_limit(entry: tuple[Any, ...]) -> bool:
    """Whether a call went as deep as it could, or a memory had no place."""
    return tuple(entry[-2:]) in (("trap", "stack"), ("trap", "address space"))


def is_explained(theirs: tuple[Any, ...] | None, ours: tuple[Any, ...] | None) -> bool:
    """Whether a difference is one of EXPLAINED."""
    if theirs is None or ours is None or theirs[-2] != "trap" or ours[-2] != "trap":
        return False
    return (theirs[-1], ours[-1]) in EXPLAINED
