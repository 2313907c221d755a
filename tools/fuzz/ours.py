"""A program on wasmine, in each of the ways that it has to run one."""

from __future__ import annotations

import functools
import hashlib
import time
from collections.abc import Callable
from typing import Any

import wasmine
from fuzz.program import Program
from fuzz.trace import Escaped, Host, HostError, Trace, ending, traced
from wasmine.jit.ssa.optimize import verify_passes

TIMEOUT = 20.0
"""Seconds that a program may take."""

LATE = "unknown: timeout"
"""What the trace says then."""

ENGINES: dict[str, dict[str, Any]] = {
    "interp": {"tier": "interp"},
    "interp-fuel": {"tier": "interp", "fuel": True, "guard": False},
    "interp-gc": {"tier": "interp", "fuel": True, "gc_stress": True},
    "jit": {"tier": "jit"},
    "jit-fuel": {"tier": "jit", "fuel": True, "guard": False},
    "jit-gc": {"tier": "jit", "fuel": True, "gc_stress": True},
    "auto": {"tier": "auto", "tier_up": (1, 1), "compile_threads": 0},
    "auto-fuel": {"tier": "auto", "tier_up": (2, 3), "compile_threads": 0, "fuel": True},
    "auto-thread": {"tier": "auto", "tier_up": (1, 1)},
}
"""The settings of wasmine's engines. Those that count fuel must use the same."""

DEFAULT = ("interp", "interp-fuel", "interp-gc", "jit", "jit-fuel", "jit-gc", "auto", "auto-fuel")

VERIFIED = {"jit", "auto"}
"""Where the verifier runs between passes. It brings up to date what passes leave otherwise, so that it does
not run everywhere."""


@functools.cache
def engine_of(name: str) -> wasmine.Engine:
    return wasmine.Engine(wasmine.Config(**ENGINES[name]))


def run_ours(program: Program, name: str) -> tuple[Trace, int | None]:
    """The trace of a program on one of ENGINES, and the fuel that was used where that is counted.

    One that is stopped for its time runs again while this process had hardly any of that time.
    """
    while True:
        start = time.process_time()
        trace, used = run_once(program, name)
        if LATE not in repr(trace) or time.process_time() - start > TIMEOUT / 2:
            return trace, used


def run_once(program: Program, name: str) -> tuple[Trace, int | None]:
    """One attempt at `run_ours`."""
    engine = engine_of(name)
    verify_passes(name in VERIFIED)
    fuel = bool(ENGINES[name].get("fuel"))
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
                return host.trace, None
        for one in program.calls:
            outcome = guarded(functools.partial(call, one.module, one.name, one.args))
            host.trace.append(("call", one.module, one.name, one.args, *outcome))
        for index, name in program.memories:
            memory = instances[index].exports[name]
            content = memory.read(0, memory.size)
            host.trace.append(("memory", index, name, len(content), hashlib.sha1(content).hexdigest()))
        used = None if store.fuel is None else budget - store.fuel
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
