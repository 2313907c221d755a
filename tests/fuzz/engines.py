"""Running one program on wasmine and on wasmtime, and what is held against each other: traces.

A trace is a list of plain entries: what each call gave or how it ended, each call of a host function with
its arguments, and at the end the contents of memories. Floats that are no number count as one. Host functions behave by
the name of their import: `mix` computes from its arguments, `back` calls an export named `callback` too, `raise`
raises now and then.
"""

from __future__ import annotations

import functools
import hashlib
import struct
import zlib
from collections.abc import Callable
from typing import Any

import wasmine
import wasmtime
from generate import Program

Trace = list[tuple[Any, ...]]
Values = list[tuple[str, Any]]
"""Pairs of type and value, the value as a trace has it."""

PEER_FUEL = 20_000_000
TIMEOUT = 20.0
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
    if type_ == "externref" or value is None:
        return value
    return "a reference"


def ending(text: str, column: int) -> tuple[str, str]:
    """How a run ended that trapped with that text; our texts are in column 0, wasmtime's in column 1."""
    for row in TRAPS:
        if row[column] in text:
            return "trap", row[2]
    return "trap", f"unknown: {text}"


# --- wasmine


@functools.cache
def our_engine(fuel: bool, guard: bool) -> wasmine.Engine:
    return wasmine.Engine(wasmine.Config(fuel=fuel, guard=guard))


def run_ours(program: Program, *, fuel: bool = False, guard: bool = True) -> tuple[Trace, int]:
    """The trace, and the fuel that was used (0 when it is not counted)."""
    engine = our_engine(fuel, guard)
    budget = 1 << 40
    host = Host()
    instances: list[wasmine.Instance] = []
    with wasmine.Store(engine, fuel=budget if fuel else None, max_memory=1 << 28, timeout=TIMEOUT) as store:

        def guarded(action: Callable[[], Any]) -> tuple[Any, ...]:
            try:
                return ("gave", action())
            except wasmine.Trap as trap:
                return ending(str(trap), 0)
            except (wasmine.WasmException, Escaped):
                return "trap", "exception"
            except wasmine.LinkError as error:
                return "link", str(error)
            except HostError as error:
                return "host error", str(error)
            except RecursionError:
                return "trap", "stack"

        def instantiate(binary: bytes) -> None:
            module = wasmine.Module(engine, binary)
            linker = wasmine.Linker(engine)
            for one in module.imports:
                if instances and one.name in instances[0].exports:
                    value: Any = instances[0].exports[one.name]
                else:
                    value = our_host(host, store, one.name, one.type)
                linker.define(one.module, one.name, value)
            instances.append(linker.instantiate(store, module))
            host.back = our_back(instances)

        def call(index: int, name: str, args: list[Any]) -> list[Any]:
            func = instances[index].exports[name]
            kinds = [str(t) for t in func.type.results]
            result = func(*args)
            results = [] if not kinds else [result] if len(kinds) == 1 else list(result)
            return [traced(kind, value) for kind, value in zip(kinds, results, strict=True)]

        for binary in program.modules:
            outcome = guarded(functools.partial(instantiate, binary))
            host.trace.append(("instance", outcome[0], *outcome[1:]))
            if outcome[0] != "gave":
                return host.trace, 0
        for one in program.calls:
            outcome = guarded(functools.partial(call, one.module, one.name, one.args))
            host.trace.append(("call", one.module, one.name, one.args, *outcome))
        for index, name in program.memories:
            memory = instances[index].exports[name]
            content = memory.read(0, memory.size)
            host.trace.append(("memory", index, name, len(content), hashlib.sha1(content).hexdigest()))
        used = budget - store.fuel if fuel and store.fuel is not None else 0
    return host.trace, used


def our_host(host: Host, store: wasmine.Store, name: str, type_: Any) -> wasmine.Func:
    params = [str(t) for t in type_.params]
    results = [str(t) for t in type_.results]

    def function(*args: Any) -> Any:
        values = [(kind, traced(kind, value)) for kind, value in zip(params, args, strict=True)]
        given = host.call(name, values, results)
        return None if not given else given[0] if len(given) == 1 else tuple(given)

    return wasmine.Func(store, function, type_)


def our_back(instances: list[wasmine.Instance]) -> Callable[[int], Any] | None:
    for instance in reversed(instances):
        if "callback" in instance.exports:
            return functools.partial(call_back, instance.exports["callback"])
    return None


def call_back(func: wasmine.Func, number: int) -> int:
    try:
        answer: int = func(number)
    except wasmine.WasmException:
        # wasmtime's Python face cannot let it be caught by who called the host.
        raise Escaped from None
    return answer & 0xFFFFFFFF


# --- wasmtime


FEATURES = (
    "tail_call multi_memory memory64 function_references gc threads relaxed_simd relaxed_simd_deterministic "
    "wide_arithmetic exceptions custom_page_sizes"
)


@functools.cache
def peer_engine() -> wasmtime.Engine:
    config = wasmtime.Config()
    for feature in FEATURES.split():
        setattr(config, f"wasm_{feature}", True)
    config.shared_memory = True
    config.consume_fuel = True
    config.cranelift_opt_level = "none"
    config.parallel_compilation = False
    return wasmtime.Engine(config)


def peer_error(binary: bytes) -> str | None:
    """What wasmtime has against a module; None when it is valid."""
    try:
        wasmtime.Module.validate(peer_engine(), binary)
    except wasmtime.WasmtimeError as error:
        return str(error)
    return None


def peer_accepts(binary: bytes) -> bool:
    """Whether wasmtime finds the module valid."""
    return peer_error(binary) is None


def run_peer(program: Program) -> Trace:
    host = Host()
    store = wasmtime.Store(peer_engine())
    store.set_fuel(PEER_FUEL)
    instances: list[wasmtime.Instance] = []

    def guarded(action: Callable[[], Any]) -> tuple[Any, ...]:
        try:
            return ("gave", action())
        except HostError as error:
            return "host error", str(error)
        except (wasmtime.Trap, wasmtime.WasmtimeError) as error:
            cause = str(error).rpartition("Caused by:")[2]
            if "all fuel consumed" in cause:
                raise Endless from None
            return ending(cause, 1)

    def instantiate(binary: bytes) -> None:
        module = wasmtime.Module(peer_engine(), binary)
        imports: list[Any] = []
        for one in module.imports:
            if instances and (one.name or "") in instances[0].exports(store):
                imports.append(instances[0].exports(store)[one.name or ""])
            else:
                imports.append(peer_host(host, store, one.name or "", one.type))
        instances.append(wasmtime.Instance(store, module, imports))
        host.back = peer_back(store, instances)

    def call(index: int, name: str, args: list[Any]) -> list[Any]:
        func = instances[index].exports(store)[name]
        assert isinstance(func, wasmtime.Func)
        type_ = func.type(store)
        kinds = kinds_of(type_.results)
        given = [
            wasmtime.Val.externref(value) if kind == "externref" else value
            for kind, value in zip(kinds_of(type_.params), args, strict=True)
        ]
        result = func(store, *given)
        results = [] if not kinds else [result] if len(kinds) == 1 else list(result)
        return [traced(kind, value) for kind, value in zip(kinds, results, strict=True)]

    for binary in program.modules:
        outcome = guarded(functools.partial(instantiate, binary))
        host.trace.append(("instance", outcome[0], *outcome[1:]))
        if outcome[0] != "gave":
            return host.trace
    for one in program.calls:
        outcome = guarded(functools.partial(call, one.module, one.name, one.args))
        host.trace.append(("call", one.module, one.name, one.args, *outcome))
    for index, name in program.memories:
        memory = instances[index].exports(store)[name]
        assert isinstance(memory, wasmtime.Memory)
        content = bytes(memory.read(store, 0, memory.data_len(store)))
        host.trace.append(("memory", index, name, len(content), hashlib.sha1(content).hexdigest()))
    return host.trace


def kinds_of(types: list[Any]) -> list[str]:
    """Names of wasmtime's types; its Python face calls externref by another's name."""
    return [str(t).replace("anyref", "externref") for t in types]


def peer_host(host: Host, store: wasmtime.Store, name: str, type_: Any) -> wasmtime.Func:
    params = kinds_of(type_.params)
    results = kinds_of(type_.results)

    def function(*args: Any) -> Any:
        values = [(kind, traced(kind, value)) for kind, value in zip(params, args, strict=True)]
        given = [
            wasmtime.Val.externref(value) if kind == "externref" else value
            for kind, value in zip(results, host.call(name, values, results), strict=True)
        ]
        return None if not given else given[0] if len(given) == 1 else given

    return wasmtime.Func(store, type_, function)


def peer_back(store: wasmtime.Store, instances: list[wasmtime.Instance]) -> Callable[[int], Any] | None:
    for instance in reversed(instances):
        exports = instance.exports(store)
        if "callback" in exports:
            return lambda x, func=exports["callback"]: func(store, x) & 0xFFFFFFFF  # type: ignore
    return None
