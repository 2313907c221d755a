"""What a runtime is to the benchmarks."""

from __future__ import annotations

import os
import platform
import shutil
import subprocess
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent
INSTALLED = ROOT / "build" / "bench" / "peers"
"""Where `python -m bench peers --install` puts what is on no search path."""
HERE = Path(__file__).resolve().parent

MACHINE = {"x86_64": "x64", "aarch64": "arm64"}.get(platform.machine(), platform.machine())


@dataclass(frozen=True)
class Runtime:
    """A runtime, and how its processes are started.

    Attributes:
        name: what it is called on the command line and in tables.
        missing: says why it cannot be used here, or None.
        version: says which one it is.
        worker: the command of a process that runs jobs and times them (see worker.py); None for a runtime
            that is only known by its command line.
        program: the command that runs a WASI program: (file, arguments).
        invoke: the command that calls an export and prints its result: (file, export, arguments).
        in_process: what Python imports of it, if it is a package.
        slow: whether it is so slow that it is only asked for small work.
        env: what its processes need in their environment.
    """

    name: str
    missing: Callable[[], str | None]
    version: Callable[[], str]
    worker: Callable[[], list[str]] | None = None
    program: Callable[[str, Sequence[str]], list[str]] | None = None
    invoke: Callable[[str, str, Sequence[str]], list[str]] | None = None
    in_process: str | None = None
    slow: bool = False
    env: dict[str, str] = field(default_factory=dict)


def environment(extra: dict[str, str]) -> dict[str, str]:
    """The environment of processes that are measured: with wasmine's sources and installed peers.

    Python keeps the bytecode of what it imports, as it does for packages that were installed.
    """
    paths = [str(ROOT / "src"), str(ROOT), str(INSTALLED / "python"), os.environ.get("PYTHONPATH", "")]
    made = {**os.environ, "PYTHONPYCACHEPREFIX": str(INSTALLED.parent / "pycache")}
    made.pop("PYTHONDONTWRITEBYTECODE", None)
    return {**made, "PYTHONPATH": os.pathsep.join(filter(None, paths)), **extra}


def find(name: str, *installed: str) -> str | None:
    """The path of a command: below INSTALLED if one of those is there, else on the search path."""
    for candidate in installed:
        if (INSTALLED / candidate).exists():
            return str(INSTALLED / candidate)
    return shutil.which(name)


def output_of(command: Sequence[str], extra: dict[str, str] | None = None) -> str:
    """The first line that a command prints; nothing if it fails."""
    try:
        done = subprocess.run(
            command, capture_output=True, text=True, check=False, timeout=30, env=environment(extra or {})
        )
    except (OSError, subprocess.TimeoutExpired):
        return ""
    lines = (done.stdout or done.stderr).strip().splitlines()
    return lines[0].strip() if lines and done.returncode == 0 else ""


def command_line(
    name: str,
    program: Callable[[str, str, Sequence[str]], list[str]],
    invoke: Callable[[str, str, str, Sequence[str]], list[str]] | None,
    *installed: str,
) -> Runtime:
    """A runtime that is measured by whole processes only, if its command is found."""

    def executable() -> str:
        return find(name, *installed) or name

    return Runtime(
        name=f"{name}-cli",
        missing=lambda: None if find(name, *installed) else f"no {name} on the search path",
        version=lambda: output_of([executable(), "--version"]) or output_of([executable(), "version"]),
        program=lambda file, args: program(executable(), file, args),
        invoke=None if invoke is None else (lambda file, f, args: invoke(executable(), file, f, args)),
    )
