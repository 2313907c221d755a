"""pywasm: an interpreter in plain Python. It is asked for the small sizes only."""

from __future__ import annotations

import io
import sys
from collections.abc import Callable, Sequence
from typing import Any

from bench.peers.base import Runtime, output_of


class Engine:
    """What a worker runs jobs with. Its modules are instantiated as they are read."""

    def __init__(self) -> None:
        import pywasm

        self.pywasm: Any = pywasm

    def compile(self, source: bytes) -> Any:
        return self.pywasm.core.ModuleDesc.from_reader(io.BytesIO(source))

    def function(self, module: Any, export: str) -> Callable[..., Any]:
        runtime = self.pywasm.core.Runtime()
        instance = runtime.instance(module)
        return lambda *args: runtime.invocate(instance, export, list(args))[0]

    def program(self, module: Any, argv: Sequence[str], stdin: str | None) -> tuple[bytes, int]:
        raise NotImplementedError("pywasm writes to the process's own output")


PROBE = [sys.executable, "-c", "import pywasm, importlib.metadata as m; print(m.version('pywasm'))"]
RUNTIME = Runtime(
    name="pywasm",
    missing=lambda: None if output_of(PROBE) else "the package pywasm is not installed",
    version=lambda: output_of(PROBE),
    worker=lambda: [sys.executable, "-m", "bench.peers.worker", "pywasm"],
    in_process="pywasm",
    slow=True,
)
