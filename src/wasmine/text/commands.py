"""What a WAST script consists of: commands, actions, values and the patterns that results are held against.

The format is described by the reference interpreter's documentation of scripts; the proposals of
exceptions, GC and threads added forms.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TypeAlias

# Values and result patterns


@dataclass(frozen=True, slots=True)
class Number:
    """A number by its bits."""

    type: str
    """`i32`, `i64`, `f32` or `f64`; in a lane of a vector also `i8` or `i16`."""
    bits: int
    """The bit pattern as an unsigned integer."""


@dataclass(frozen=True, slots=True)
class NanPattern:
    """Matches any NaN of a kind, of either sign."""

    type: str
    """`f32` or `f64`."""
    kind: str
    """`canonical`: only the quiet bit is set; `arithmetic`: at least the quiet bit is."""


@dataclass(frozen=True, slots=True)
class Vector:
    """A v128 by its lanes, the lowest first."""

    shape: str
    """`i8x16`, `i16x8`, `i32x4`, `i64x2`, `f32x4` or `f64x2`."""
    lanes: tuple[Number | NanPattern, ...]

    @property
    def bits(self) -> bytes:
        """The sixteen bytes; raises ValueError if a lane is a pattern."""
        size = 16 // len(self.lanes)
        content = bytearray()
        for lane in self.lanes:
            if isinstance(lane, NanPattern):
                raise ValueError("a NaN pattern is not a value")
            content += lane.bits.to_bytes(size, "little")
        return bytes(content)


@dataclass(frozen=True, slots=True)
class Null:
    """A null reference; as a pattern, of any type if `heap_type` is None."""

    heap_type: str | None
    """An abstract heap type's keyword or a type index, as written."""


@dataclass(frozen=True, slots=True)
class Reference:
    """A reference that is not null.

    `extern` and `host` with a number are values of the host, equal by number. Without one, as in
    `(ref.func)`, it is a pattern that any reference of the kind matches.
    """

    kind: str
    """`extern`, `host`, `func`, `any`, `eq`, `i31`, `struct`, `array` or `exn`."""
    number: int | None = None


@dataclass(frozen=True, slots=True)
class Either:
    """Matches what one of the patterns matches."""

    patterns: tuple[Pattern, ...]


Value: TypeAlias = Number | Vector | Null | Reference
Pattern: TypeAlias = Number | NanPattern | Vector | Null | Reference | Either

# Modules


@dataclass(frozen=True, slots=True)
class ModuleSource:
    """A module as a script gives it. It is not read before `encode` is called."""

    line: int
    form: str
    """`text`, `binary` or `quote`."""
    name: str | None
    """The identifier, without the dollar sign."""
    encode: Callable[[], bytes] = field(repr=False, compare=False)
    """Return the binary. Raises `TextError` if a text or quoted module is malformed."""


# Commands


@dataclass(frozen=True, slots=True)
class Command:
    """Anything that a script does."""

    line: int
    """Line number in the script, from 1."""


@dataclass(frozen=True, slots=True)
class Module(Command):
    """`(module ...)`: instantiate it, and call the instance `module.name` if that is not None.

    With `definition`, only validate it and keep it under that name.
    """

    module: ModuleSource
    definition: bool = False


@dataclass(frozen=True, slots=True)
class Instance(Command):
    """`(module instance $name? $module?)`: instantiate a definition, the last one if `module` is None."""

    name: str | None
    module: str | None


@dataclass(frozen=True, slots=True)
class Register(Command):
    """`(register "name" $module?)`: let later modules import from an instance, the last one by default."""

    as_name: str
    module: str | None


@dataclass(frozen=True, slots=True)
class Invoke(Command):
    """`(invoke $module? "function" value*)`; also the action of assertions."""

    module: str | None
    function: str
    arguments: tuple[Value, ...]


@dataclass(frozen=True, slots=True)
class Get(Command):
    """`(get $module? "global")`; also the action of assertions."""

    module: str | None
    name: str


Action: TypeAlias = Invoke | Get


@dataclass(frozen=True, slots=True)
class AssertReturn(Command):
    """The action returns what the patterns match, one by one."""

    action: Action
    results: tuple[Pattern, ...]


@dataclass(frozen=True, slots=True)
class AssertTrap(Command):
    """The action, or the instantiation of the module, traps."""

    action: Action | ModuleSource
    message: str


@dataclass(frozen=True, slots=True)
class AssertException(Command):
    """The action ends with an exception that nobody catches."""

    action: Action


@dataclass(frozen=True, slots=True)
class AssertExhaustion(Command):
    """The action exhausts the stack."""

    action: Action
    message: str


@dataclass(frozen=True, slots=True)
class AssertMalformed(Command):
    """The module cannot be read; with `custom`, because of a custom section or annotation."""

    module: ModuleSource
    message: str
    custom: bool = False


@dataclass(frozen=True, slots=True)
class AssertInvalid(Command):
    """The module can be read, but not validated; with `custom`, because of a custom section or annotation."""

    module: ModuleSource
    message: str
    custom: bool = False


@dataclass(frozen=True, slots=True)
class AssertUnlinkable(Command):
    """The module is valid, but its imports cannot be satisfied."""

    module: ModuleSource
    message: str


@dataclass(frozen=True, slots=True)
class Thread(Command):
    """`(thread $name (shared (module $m))* command*)`: a thread that sees only these instances."""

    name: str
    shared: tuple[str, ...]
    commands: tuple[Command, ...]


@dataclass(frozen=True, slots=True)
class Wait(Command):
    """`(wait $thread)`: until it ends; what failed in it fails here."""

    thread: str
