"""wasmtime by its binding for Python: its compiler is Cranelift, its calls go through ctypes."""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from bench.peers.base import Runtime, output_of


class Engine:
    """What a worker runs jobs with."""

    def __init__(self) -> None:
        import wasmtime

        self.wasmtime: Any = wasmtime
        config = wasmtime.Config()
        config.wasm_gc = True
        config.wasm_function_references = True
        self.engine = wasmtime.Engine(config)

    def compile(self, source: bytes) -> Any:
        return self.wasmtime.Module(self.engine, source)

    def instantiate(self, module: Any, wasi: Any) -> tuple[Any, Any]:
        store = self.wasmtime.Store(self.engine)
        store.set_wasi(wasi)
        linker = self.wasmtime.Linker(self.engine)
        linker.define_wasi()
        return store, linker.instantiate(store, module).exports(store)

    def function(self, module: Any, export: str) -> Callable[..., Any]:
        store, exports = self.instantiate(module, self.wasmtime.WasiConfig())
        if "_initialize" in exports:
            exports["_initialize"](store)
        function = exports[export]
        return lambda *args: function(store, *args)

    def program(self, module: Any, argv: Sequence[str], stdin: str | None) -> tuple[bytes, int]:
        with tempfile.TemporaryDirectory() as folder:
            output = Path(folder, "stdout")
            wasi = self.wasmtime.WasiConfig()
            wasi.argv = list(argv)
            wasi.stdout_file = str(output)
            if stdin is not None:
                wasi.stdin_file = stdin
            store, exports = self.instantiate(module, wasi)
            code = 0
            try:
                exports["_start"](store)
            except self.wasmtime.ExitTrap as end:
                code = end.code
            return output.read_bytes(), code


PROBE = [sys.executable, "-c", "import wasmtime, importlib.metadata as m; print(m.version('wasmtime'))"]

RUNTIME = Runtime(
    name="wasmtime",
    missing=lambda: None if output_of(PROBE) else "the package wasmtime is not installed",
    version=lambda: output_of(PROBE),
    worker=lambda: [sys.executable, "-m", "bench.peers.worker", "wasmtime"],
    invoke=lambda file, export, args: [
        sys.executable,
        "-m",
        "bench.peers.wasmtime_call",
        file,
        export,
        *args,
    ],
    in_process="wasmtime",
)
