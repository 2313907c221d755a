"""Measures one runtime inside this process and prints JSON: RUNTIME WHAT.

RUNTIME is wasmine-TIER, wasmtime, pywasm, or python for what plain Python does in its place.
"""

from __future__ import annotations

import io
import json
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

PROGRAMS = Path(__file__).resolve().parent.parent / "programs"
ADD, LOOP, PARTS = ((PROGRAMS / "host" / f"{name}.wasm").read_bytes() for name in ("add", "loop", "parts"))
FIB = (PROGRAMS / "wat" / "fib.wasm").read_bytes()
MIB = 1 << 20


def seconds(operation: Callable[[], object], repeat: int, rounds: int = 60) -> float:
    """The best processor time of one operation; what an empty function costs is taken off."""

    def best(what: Callable[[], object]) -> float:
        least = float("inf")
        for _ in range(rounds):
            start = time.thread_time()
            for _ in range(repeat):
                what()
            least = min(least, (time.thread_time() - start) / repeat)
        return least

    return max(best(operation) - best(lambda: None), 1e-10)


class Python:
    """What plain Python does in place of a runtime."""

    repeat = 5_000

    def add(self) -> Callable[[int, int], int]:
        def add(a: int, b: int) -> int:
            return a + b

        return add

    def memory(self) -> dict[str, Callable[[], object]]:
        buffer = bytearray(2 * MIB)
        data = bytes(MIB)

        def write() -> None:
            buffer[1000] = 7

        def copy_in() -> None:
            buffer[:MIB] = data

        return {
            "read": lambda: buffer[1000],
            "write": write,
            "copy_out": lambda: bytes(memoryview(buffer)[:MIB]),
            "copy_in": copy_in,
        } | summed(buffer)


def summed(buffer: Any) -> dict[str, Callable[[], object]]:
    """NumPy over a buffer, if there is NumPy."""
    try:
        import numpy
    except ImportError:
        return {}
    array = numpy.frombuffer(buffer, dtype=numpy.int32)[: MIB // 4]
    return {"view": lambda: array.sum()}


class Wasmine:
    repeat = 5_000

    def __init__(self, tier: str) -> None:
        import wasmine

        self.wasmine: Any = wasmine
        self.engine = wasmine.Engine(wasmine.Config(tier=tier))  # type: ignore[arg-type]

    def instance(self, source: bytes, f: Callable[[int], int] | None = None) -> Any:
        linker = self.wasmine.Linker(self.engine)
        if f is not None:
            linker.func("env", "f", self.wasmine.FuncType(["i32"], ["i32"]))(f)
        return linker.instantiate(self.wasmine.Store(self.engine), self.wasmine.Module(self.engine, source))

    def add(self) -> Any:
        return self.instance(ADD).exports["add"]

    def loop(self, f: Callable[[int], int]) -> Any:
        return self.instance(LOOP, f).exports["loop"]

    def fib(self) -> Any:
        return self.instance(FIB).exports["run"]

    def maker(self) -> Callable[[], object]:
        module, linker = self.wasmine.Module(self.engine, PARTS), self.wasmine.Linker(self.engine)
        return lambda: linker.instantiate(self.wasmine.Store(self.engine), module)

    def memory(self) -> dict[str, Callable[[], object]]:
        instance = self.instance(PARTS)
        memory = instance.exports["memory"]
        data = bytes(MIB)

        def write() -> None:
            memory[1000] = 7

        def copy_in() -> None:
            memory[:MIB] = data

        return {
            "read": lambda: memory[1000],
            "write": write,
            "copy_out": lambda: bytes(memory[:MIB]),
            "copy_in": copy_in,
        } | summed(memory)


class Wasmtime:
    repeat = 50

    def __init__(self) -> None:
        import wasmtime

        self.wasmtime: Any = wasmtime
        self.engine = wasmtime.Engine()

    def instance(self, source: bytes, f: Callable[[int], int] | None = None) -> tuple[Any, Any]:
        store = self.wasmtime.Store(self.engine)
        linker = self.wasmtime.Linker(self.engine)
        if f is not None:
            i32 = self.wasmtime.ValType.i32()
            linker.define_func("env", "f", self.wasmtime.FuncType([i32], [i32]), f)
        module = self.wasmtime.Module(self.engine, source)
        return store, linker.instantiate(store, module).exports(store)

    def bound(self, source: bytes, name: str, f: Any = None) -> Callable[..., Any]:
        store, exports = self.instance(source, f)
        function = exports[name]
        return lambda *args: function(store, *args)

    def add(self) -> Callable[..., Any]:
        return self.bound(ADD, "add")

    def loop(self, f: Callable[[int], int]) -> Callable[..., Any]:
        return self.bound(LOOP, "loop", f)

    def fib(self) -> Callable[..., Any]:
        return self.bound(FIB, "run")

    def maker(self) -> Callable[[], object]:
        module, linker = self.wasmtime.Module(self.engine, PARTS), self.wasmtime.Linker(self.engine)

        def make() -> object:
            store = self.wasmtime.Store(self.engine)
            return store, linker.instantiate(store, module)

        return make

    def memory(self) -> dict[str, Callable[[], object]]:
        store, exports = self.instance(PARTS)
        memory = exports["memory"]
        data = bytearray(MIB)
        return {
            "read": lambda: memory.read(store, 1000, 1001),
            "write": lambda: memory.write(store, b"\7", 1000),
            "copy_out": lambda: memory.read(store, 0, MIB),
            "copy_in": lambda: memory.write(store, data, 0),
        }


class Pywasm:
    repeat = 50

    def __init__(self) -> None:
        import pywasm

        self.pywasm: Any = pywasm

    def instance(self, source: bytes) -> tuple[Any, Any]:
        runtime = self.pywasm.core.Runtime()
        return runtime, runtime.instance(self.pywasm.core.ModuleDesc.from_reader(io.BytesIO(source)))

    def add(self) -> Callable[..., Any]:
        runtime, instance = self.instance(ADD)
        return lambda *args: runtime.invocate(instance, "add", list(args))[0]


def call(runtime: Any) -> dict[str, float]:
    add = runtime.add()
    assert add(2, 40) == 42
    return {"seconds": seconds(lambda: add(2, 40), runtime.repeat)}


def callback(runtime: Any) -> dict[str, float]:
    calls = 0

    def count(x: int) -> int:
        nonlocal calls
        calls += 1
        return x

    counting = runtime.loop(count)
    counting(10)
    assert calls == 10
    loop, n = runtime.loop(lambda x: x), runtime.repeat
    return {"seconds": seconds(lambda: loop(n), 1) / n}


def memory(runtime: Any) -> dict[str, float]:
    found = {}
    for name, operation in runtime.memory().items():
        found[name] = seconds(operation, 10 if name.startswith(("copy", "view")) else runtime.repeat)
    return found


def instances(runtime: Any) -> dict[str, float]:
    make = runtime.maker()

    def timed(count: int) -> float:
        start = time.thread_time()
        alive = [make() for _ in range(count)]
        taken = (time.thread_time() - start) / count
        assert len(alive) == count
        return taken

    one = min(timed(1000) for _ in range(3))
    return {"one": one, "many": timed(10_000)}


def threads(runtime: Any) -> dict[str, float]:
    functions = [runtime.fib() for _ in range(2)]
    for function in functions:
        assert function(20) == 6765

    def run(count: int) -> float:
        workers = [threading.Thread(target=functions[i], args=(32,)) for i in range(count)]
        start = time.perf_counter()
        for worker in workers:
            worker.start()
        for worker in workers:
            worker.join()
        return time.perf_counter() - start

    return {"one": min(run(1) for _ in range(5)), "two": min(run(2) for _ in range(5))}


MEASURES = {f.__name__: f for f in (call, callback, memory, instances, threads)}


def main() -> None:
    name, what = sys.argv[1:]
    kinds: dict[str, Callable[[], Any]] = {"python": Python, "wasmtime": Wasmtime, "pywasm": Pywasm}
    runtime = kinds[name]() if name in kinds else Wasmine(name.removeprefix("wasmine-"))
    print(json.dumps(MEASURES[what](runtime)))


if __name__ == "__main__":
    main()
