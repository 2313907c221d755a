"""The runtimes that are measured side by side, behind the few operations that benchmarks need."""

from collections.abc import Callable
from typing import Any, Protocol

Function = Callable[..., Any]


class Peer(Protocol):
    """A runtime that can load a module and hand out its functions."""

    name: str

    def load(self, source: bytes, host: dict[str, Function] | None = None) -> Callable[[str], Function]:
        """Instantiates a module whose imports are `env.NAME`, (i32) -> i32; returns the exports' look-up."""
        ...


class Wasmine:
    name = "wasmine"

    def __init__(self, **config: Any) -> None:
        import wasmine

        self.engine = wasmine.Engine(wasmine.Config(**config))

    def load(self, source: bytes, host: dict[str, Function] | None = None) -> Callable[[str], Function]:
        import wasmine

        linker = wasmine.Linker(self.engine)
        for name, function in (host or {}).items():
            linker.func("env", name, wasmine.FuncType(["i32"], ["i32"]))(function)
        store = wasmine.Store(self.engine)
        instance = linker.instantiate(store, wasmine.Module(self.engine, source))
        return lambda name: instance.exports[name]


class Wasmtime:
    name = "wasmtime"

    def __init__(self) -> None:
        import wasmtime

        self.engine = wasmtime.Engine()

    def load(self, source: bytes, host: dict[str, Function] | None = None) -> Callable[[str], Function]:
        import wasmtime

        store = wasmtime.Store(self.engine)
        linker = wasmtime.Linker(self.engine)
        i32 = wasmtime.ValType.i32()
        for name, function in (host or {}).items():
            linker.define_func("env", name, wasmtime.FuncType([i32], [i32]), function)
        instance = linker.instantiate(store, wasmtime.Module(self.engine, source))
        exports = instance.exports(store)

        def get(name: str) -> Function:
            function: Any = exports[name]
            return lambda *args: function(store, *args)

        return get
