"""Whole processes, from the command line: how long they take (by hyperfine) and how much memory they use."""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from bench.figures.base import Figure, Setting, figure
from bench.peers.base import ROOT, environment, find
from bench.workers import Failure

KERNEL = str(ROOT / "bench" / "programs" / "wat" / "fib.wasm")
PEAK = str(Path(__file__).with_name("peak_script.py"))
BARE = [sys.executable, "-c", "pass"]


def hyperfine(commands: Mapping[str, Sequence[str]], setting: Setting) -> dict[str, Any]:
    """The median time of each command. Raises `Failure` where there is no hyperfine."""
    tool = find("hyperfine", "usr/bin/hyperfine")
    if tool is None:
        raise Failure("hyperfine is missing (Debian: hyperfine; or `python -m bench peers --install`)")
    rows: dict[str, Any] = {}
    runs, warmup = ("3", "1") if setting.quick else ("25", "3")
    for name, command in commands.items():
        with tempfile.TemporaryDirectory() as folder:
            report = Path(folder, "report.json")
            options = [
                "-N",
                "--style",
                "none",
                "--warmup",
                warmup,
                "--runs",
                runs,
                "--export-json",
                str(report),
            ]
            done = subprocess.run(
                [tool, *options, " ".join(map(quoted, command))],
                env=environment({}),
                cwd=ROOT,
                capture_output=True,
                text=True,
                check=False,
            )
            if done.returncode:
                rows[name] = "failed"
            else:
                rows[name] = taken(json.loads(report.read_text(encoding="utf-8"))["results"][0], setting)
    return rows


def taken(result: dict[str, float], setting: Setting) -> float:
    """The median time; on a busy machine, the mean of the processor time."""
    return result["user"] + result["system"] if setting.busy else result["median"]


def busy(setting: Setting) -> str:
    """What has to be said of the times."""
    return "The machine was busy: processor time of the processes. " if setting.busy else ""


def quoted(part: str) -> str:
    """A part of a command as hyperfine splits it."""
    return "'" + part + "'"


def over_bare(rows: dict[str, Any], names: Sequence[str]) -> dict[str, Any]:
    """What comes on top of `python -c pass`, for what runs in Python."""
    for name in names:
        if isinstance(rows.get(name), (float, int)):
            rows[f"{name}, over bare Python"] = rows[name] - rows["python -c pass"]
    return rows


def in_python(setting: Setting) -> list[str]:
    """The runtimes that are packages."""
    return [name for name, runtime in setting.runtimes.items() if runtime.in_process is not None]


def importing(setting: Setting) -> Figure:
    commands = {"python -c pass": BARE}
    packages = {runtime.in_process for runtime in setting.runtimes.values() if runtime.in_process}
    for package in sorted(packages):
        commands[f"import {package}"] = [sys.executable, "-c", f"import {package}"]
    rows = hyperfine(commands, setting)
    return figure(
        "A process that imports the package", "s", over_bare(rows, list(commands)[1:]), busy(setting)
    )


def trivial(setting: Setting) -> Figure:
    commands = {"python -c pass": BARE}
    for name, runtime in setting.runtimes.items():
        if runtime.invoke is not None:
            commands[name] = runtime.invoke(KERNEL, "run", ["1"])
    rows = over_bare(hyperfine(commands, setting), in_python(setting))
    note = busy(setting) + "The file is read, the module compiled, fib(1) called and its result printed."
    return figure("A whole process that calls a trivial function", "s", rows, note)


def program(setting: Setting) -> Figure:
    module = str(ROOT / "programs" / "bin" / "sqlite.wasm")
    commands = {
        name: runtime.program(module, [":memory:", "select 6 * 7"])
        for name, runtime in setting.runtimes.items()
        if runtime.program is not None
    }
    return figure(
        "A whole process in which SQLite answers a question", "s", hyperfine(commands, setting), busy(setting)
    )


def peak_of(command: Sequence[str]) -> int:
    """The most memory that a process had resident, in bytes. Raises `Failure`."""
    done = subprocess.run(
        [sys.executable, "-S", "-E", PEAK, *command],
        env=environment({}),
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        raise Failure((done.stderr.strip().splitlines() or [f"ended with {done.returncode}"])[-1])
    return int(done.stdout)


def peak(setting: Setting) -> Figure:
    commands: dict[str, Sequence[str]] = {"python -c pass": BARE}
    for name, runtime in setting.runtimes.items():
        if runtime.invoke is not None:
            commands[name] = runtime.invoke(KERNEL, "run", ["35"])
    rows: dict[str, Any] = {}
    for name, command in commands.items():
        try:
            rows[name] = min(peak_of(command) for _ in range(setting.rounds(3)))
        except Failure as failure:
            rows[name] = str(failure)
    rows = over_bare(rows, in_python(setting))
    return figure("Peak memory of a whole process that computes fib(35)", "bytes", rows)
