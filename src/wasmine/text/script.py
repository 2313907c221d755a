"""WAST scripts to lists of commands."""

from __future__ import annotations

from collections.abc import Callable, Collection
from typing import Final

from wasmine.text import commands
from wasmine.text.commands import (
    Action,
    Command,
    Either,
    ModuleSource,
    NanPattern,
    Null,
    Number,
    Pattern,
    Reference,
    Value,
    Vector,
)
from wasmine.text.keywords import HEAP_TYPES, LANE_SHAPES
from wasmine.text.lexer import END, TokenStream, is_identifier
from wasmine.text.names import plain_name, read_natural
from wasmine.text.numbers import NumberRangeError, NumberSyntaxError, parse_float, parse_integer
from wasmine.text.outline import FIELDS, skip_parentheses
from wasmine.text.parser import parse_module, read_module, read_string

_NUMBERS: Final = {
    "i32.const": ("i32", parse_integer, 32),
    "i64.const": ("i64", parse_integer, 64),
    "f32.const": ("f32", parse_float, 32),
    "f64.const": ("f64", parse_float, 64),
}
_REFERENCES: Final = {
    f"ref.{kind}": kind for kind in ("extern", "host", "func", "any", "eq", "i31", "struct", "array", "exn")
}
_NUMBERED: Final = frozenset(("extern", "host", "func"))
_NANS: Final = {"nan:canonical": "canonical", "nan:arithmetic": "arithmetic"}


def parse_script(
    source: str | bytes, filename: str | None = None, *, disabled: Collection[str] = frozenset()
) -> list[Command]:
    """Read a WAST script into its commands.

    Text and quoted modules are read when a command's runner calls their `encode`, so what is wrong in one
    is an error of that command alone. `disabled` is as for `parse_module`. A script of module fields without
    `(module ...)` is one module.

    Raises `TextError` if the script itself is malformed, which includes unbalanced parentheses inside of a
    module.
    """
    stream = TokenStream(source, filename)
    if stream.tokens[0] == "(" and stream.tokens[1] in FIELDS:

        def encode() -> bytes:
            return parse_module(source, filename=filename, disabled=disabled)

        return [commands.Module(1, ModuleSource(1, "text", None, encode))]
    reader = _ScriptReader(stream, disabled)
    read, at = reader.read(0)
    if stream.tokens[at] is not END:
        raise stream.unexpected(at)
    return read


class _ScriptReader:
    """Reads commands. Methods take the index of a token and return what they read and the index after it."""

    def __init__(self, stream: TokenStream, disabled: Collection[str]) -> None:
        self.stream = stream
        self.disabled = disabled
        self.tokens = stream.tokens

    def read(self, at: int, *, in_thread: bool = False) -> tuple[list[Command], int]:
        """Read commands up to a token that is no `(`."""
        read: list[Command] = []
        while self.tokens[at] == "(":
            reader = _COMMANDS.get(self.tokens[at + 1])
            if reader is None or (in_thread and reader is _ScriptReader._thread):
                raise self.stream.unexpected(at + 1)
            command, at = reader(self, at)
            read.append(command)
        return read, at

    # Parts

    def _expect(self, at: int, token: str) -> int:
        if self.tokens[at] != token:
            raise self.stream.unexpected(at)
        return at + 1

    def _identifier(self, at: int) -> tuple[str | None, int]:
        """Read an identifier, if there is one."""
        if not is_identifier(self.tokens[at]):
            return None, at
        return plain_name(self.tokens[at]), at + 1

    def _name(self, at: int) -> tuple[str, int]:
        """Read a string that is UTF-8."""
        try:
            return read_string(self.stream, at).decode(), at + 1
        except UnicodeDecodeError:
            raise self.stream.error(at, "malformed UTF-8 encoding") from None

    def _message(self, at: int) -> tuple[str, int]:
        """Read the message that ends an assertion."""
        message, at = self._name(at)
        return message, self._expect(at, ")")

    def _module_source(self, at: int) -> tuple[ModuleSource, int]:
        """Read `(module ...)` without looking inside."""
        start = self._expect(self._expect(at, "("), "module")
        start += self.tokens[start] == "definition"
        end = skip_parentheses(self.stream, at)
        name, form_at = self._identifier(start)
        form = self.tokens[form_at]
        if form not in ("binary", "quote"):
            form = "text"

        def encode() -> bytes:
            binary, after = read_module(self.stream, start, disabled=self.disabled)
            if after != end - 1:
                raise self.stream.unexpected(after)
            return binary

        return ModuleSource(self.stream.line(at), form, name, encode), end

    # Modules

    def _module(self, at: int) -> tuple[Command, int]:
        line = self.stream.line(at)
        kind = self.tokens[at + 2]
        if kind == "instance":
            name, after = self._identifier(at + 3)
            module, after = self._identifier(after)
            if module is None:
                name, module = None, name
            return commands.Instance(line, name, module), self._expect(after, ")")
        source, after = self._module_source(at)
        return commands.Module(line, source, kind == "definition"), after

    def _register(self, at: int) -> tuple[Command, int]:
        name, after = self._name(at + 2)
        module, after = self._identifier(after)
        return commands.Register(self.stream.line(at), name, module), self._expect(after, ")")

    # Actions

    def _invoke(self, at: int) -> tuple[Command, int]:
        return self._action(at)

    def _action(self, at: int) -> tuple[Action, int]:
        line = self.stream.line(at)
        keyword = self.tokens[self._expect(at, "(")]
        if keyword not in ("invoke", "get"):
            raise self.stream.unexpected(at + 1)
        module, at = self._identifier(at + 2)
        name, at = self._name(at)
        if keyword == "get":
            return commands.Get(line, module, name), self._expect(at, ")")
        arguments = []
        while self.tokens[at] == "(":
            value, at = self._value(at)
            arguments.append(value)
        return commands.Invoke(line, module, name, tuple(arguments)), self._expect(at, ")")

    # Values and patterns

    def _value(self, at: int) -> tuple[Value, int]:
        pattern, after = self._pattern(at)
        if isinstance(pattern, NanPattern | Either) or (
            isinstance(pattern, Vector) and any(isinstance(lane, NanPattern) for lane in pattern.lanes)
        ):
            raise self.stream.unexpected(at + 1)
        return pattern, after

    def _result(self, at: int) -> tuple[Pattern, int]:
        """Read a result pattern; an `either` inside another is part of it."""
        if self.tokens[at + 1] != "either":
            return self._pattern(at)
        patterns: list[Pattern] = []
        depth = 0
        while True:
            if self.tokens[at] == ")":
                depth -= 1
                at += 1
                if not depth:
                    return Either(tuple(patterns)), at
            elif self.tokens[at] == "(" and self.tokens[at + 1] == "either":
                depth += 1
                at += 2
            else:
                pattern, at = self._pattern(at)
                patterns.append(pattern)

    def _pattern(self, at: int) -> tuple[Pattern, int]:
        at = self._expect(at, "(")
        keyword = self.tokens[at]
        if keyword in _NUMBERS:
            kind, parse, bits = _NUMBERS[keyword]
            number = self._number(at + 1, kind, parse, bits)
            return number, self._expect(at + 2, ")")
        if keyword == "v128.const":
            return self._vector(at + 1)
        if keyword == "ref.null":
            return self._null(at + 1)
        if keyword not in _REFERENCES:
            raise self.stream.unexpected(at)
        kind = _REFERENCES[keyword]
        at += 1
        if kind in _NUMBERED and self.tokens[at] != ")":
            return Reference(kind, read_natural(self.stream, at, 32)), self._expect(at + 1, ")")
        return Reference(kind), self._expect(at, ")")

    def _number(self, at: int, kind: str, parse: Callable[[str, int], int], bits: int) -> Number | NanPattern:
        token = self.tokens[at]
        if token in _NANS and kind.startswith("f"):
            return NanPattern(kind, _NANS[token])
        try:
            return Number(kind, parse(token, bits))
        except NumberRangeError as error:
            raise self.stream.error(at, str(error)) from None
        except NumberSyntaxError:
            raise self.stream.unexpected(at) from None

    def _vector(self, at: int) -> tuple[Pattern, int]:
        shape = self.tokens[at]
        if shape not in LANE_SHAPES:
            raise self.stream.unexpected(at)
        letter, bits, count = LANE_SHAPES[shape]
        parse = parse_integer if letter == "i" else parse_float
        at += 1
        lanes = tuple(self._number(at + lane, f"{letter}{bits}", parse, bits) for lane in range(count))
        return Vector(shape, lanes), self._expect(at + count, ")")

    def _null(self, at: int) -> tuple[Pattern, int]:
        token = self.tokens[at]
        if token == ")":
            return Null(None), at + 1
        if token not in HEAP_TYPES and not is_identifier(token):
            read_natural(self.stream, at, 32)
        return Null(token), self._expect(at + 1, ")")

    # Assertions

    def _assert_return(self, at: int) -> tuple[Command, int]:
        action, after = self._action(at + 2)
        results = []
        while self.tokens[after] == "(":
            result, after = self._result(after)
            results.append(result)
        line = self.stream.line(at)
        return commands.AssertReturn(line, action, tuple(results)), self._expect(after, ")")

    def _assert_trap(self, at: int) -> tuple[Command, int]:
        action: Action | ModuleSource
        if self.tokens[at + 3] == "module":
            action, after = self._module_source(at + 2)
        else:
            action, after = self._action(at + 2)
        message, after = self._message(after)
        return commands.AssertTrap(self.stream.line(at), action, message), after

    def _assert_exception(self, at: int) -> tuple[Command, int]:
        action, after = self._action(at + 2)
        return commands.AssertException(self.stream.line(at), action), self._expect(after, ")")

    def _assert_exhaustion(self, at: int) -> tuple[Command, int]:
        action, after = self._action(at + 2)
        message, after = self._message(after)
        return commands.AssertExhaustion(self.stream.line(at), action, message), after

    def _assert_malformed(self, at: int) -> tuple[Command, int]:
        custom = self.tokens[at + 1].endswith("_custom")
        module, after = self._module_source(at + 2)
        message, after = self._message(after)
        return commands.AssertMalformed(self.stream.line(at), module, message, custom), after

    def _assert_invalid(self, at: int) -> tuple[Command, int]:
        custom = self.tokens[at + 1].endswith("_custom")
        module, after = self._module_source(at + 2)
        message, after = self._message(after)
        return commands.AssertInvalid(self.stream.line(at), module, message, custom), after

    def _assert_unlinkable(self, at: int) -> tuple[Command, int]:
        module, after = self._module_source(at + 2)
        message, after = self._message(after)
        return commands.AssertUnlinkable(self.stream.line(at), module, message), after

    # Threads

    def _thread(self, at: int) -> tuple[Command, int]:
        line = self.stream.line(at)
        name, at = self._identifier(at + 2)
        if name is None:
            raise self.stream.unexpected(at)
        shared = []
        while self.tokens[at] == "(" and self.tokens[at + 1] == "shared":
            at = self._expect(self._expect(at + 2, "("), "module")
            module, at = self._identifier(at)
            if module is None:
                raise self.stream.unexpected(at)
            shared.append(module)
            at = self._expect(self._expect(at, ")"), ")")
        read, at = self.read(at, in_thread=True)
        return commands.Thread(line, name, tuple(shared), tuple(read)), self._expect(at, ")")

    def _wait(self, at: int) -> tuple[Command, int]:
        name, after = self._identifier(at + 2)
        if name is None:
            raise self.stream.unexpected(after)
        return commands.Wait(self.stream.line(at), name), self._expect(after, ")")


_COMMANDS: Final[dict[str, Callable[[_ScriptReader, int], tuple[Command, int]]]] = {
    "module": _ScriptReader._module,
    "register": _ScriptReader._register,
    "invoke": _ScriptReader._invoke,
    "get": _ScriptReader._invoke,
    "assert_return": _ScriptReader._assert_return,
    "assert_trap": _ScriptReader._assert_trap,
    "assert_exception": _ScriptReader._assert_exception,
    "assert_exhaustion": _ScriptReader._assert_exhaustion,
    "assert_malformed": _ScriptReader._assert_malformed,
    "assert_malformed_custom": _ScriptReader._assert_malformed,
    "assert_invalid": _ScriptReader._assert_invalid,
    "assert_invalid_custom": _ScriptReader._assert_invalid,
    "assert_unlinkable": _ScriptReader._assert_unlinkable,
    "thread": _ScriptReader._thread,
    "wait": _ScriptReader._wait,
}
