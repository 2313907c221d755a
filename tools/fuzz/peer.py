"""A program on wasmtime."""

from __future__ import annotations

import functools
import hashlib
from collections.abc import Callable
from typing import Any

import wasmtime

from fuzz.program import Program
from fuzz.trace import Endless, Host, HostError, Trace, ending, traced

FUEL = 20_000_000
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
    # Frames are large without optimisation.
    config.max_wasm_stack = 2 << 20
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
    """The trace of a program.

    Raises:
        Endless: it takes more instructions than it is worth.
    """
    host = Host()
    store = wasmtime.Store(peer_engine())
    store.set_fuel(FUEL)
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
