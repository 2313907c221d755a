"""wasmine itself, by tier."""

from __future__ import annotations

import io
import sys
from collections.abc import Callable, Sequence
from functools import cache, partial
from pathlib import Path
from typing import Any

from bench.peers.base import Runtime, output_of


class Engine:
    """What a worker runs jobs with."""

    def __init__(self, tier: str) -> None:
        import wasmine
        import wasmine.wasi

        self.engine = wasmine.Engine(wasmine.Config(tier=tier))  # type: ignore[arg-type]
        self.wasmine = wasmine
        self.wasi: Any = wasmine.wasi

    def compile(self, source: bytes) -> Any:
        return self.wasmine.Module(self.engine, source)

    def instantiate(self, module: Any, **granted: Any) -> Any:
        linker = self.wasmine.Linker(self.engine)
        self.wasi.define(linker, self.wasi.WasiConfig(**granted))
        return linker.instantiate(self.wasmine.Store(self.engine), module)

    def function(self, module: Any, export: str) -> Callable[..., Any]:
        instance = self.instantiate(module)
        if "_initialize" in instance.exports:
            instance.exports["_initialize"]()
        function: Callable[..., Any] = instance.exports[export]
        return function

    def program(self, module: Any, argv: Sequence[str], stdin: str | None) -> tuple[bytes, int]:
        output = io.BytesIO()
        instance = self.instantiate(module, args=argv, stdin=stdin, stdout=output)
        code = self.wasi.run(instance)
        return output.getvalue(), code


PROBE = """
import wasmine
wasmine.Module(wasmine.Engine(wasmine.Config(tier={!r})), bytes([0, 97, 115, 109, 1, 0, 0, 0]))
print(wasmine.__version__)
"""


@cache
def version(tier: str) -> str:
    """The version, if that tier works here."""
    return output_of([sys.executable, "-c", PROBE.format(tier)])


def missing(tier: str) -> str | None:
    return None if version(tier) else "it is not built, or this tier does not run here (see `make build`)"


def command_line() -> list[str]:
    """The command that users have: the script that was installed beside the interpreter, if there is one."""
    script = Path(sys.executable).with_name("wasmine")
    return [str(script)] if script.exists() else [sys.executable, "-m", "wasmine"]


def runtime(tier: str) -> Runtime:
    command = [*command_line(), "run", "--tier", tier]
    return Runtime(
        name=f"wasmine-{tier}",
        missing=partial(missing, tier),
        version=partial(version, tier),
        worker=lambda: [sys.executable, "-m", "bench.peers.worker", "wasmine", tier],
        program=lambda file, args: [*command, file, *args],
        invoke=lambda file, export, args: [*command, "--invoke", export, file, *args],
        in_process="wasmine",
    )


RUNTIMES = [runtime(tier) for tier in ("jit", "auto", "interp")]
