"""The benchmarks: what catalogue.toml says, and what their results must be."""

from __future__ import annotations

import fnmatch
import json
import lzma
import tomllib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Literal

from bench import inputs

ROOT = Path(__file__).resolve().parent.parent
WORK = ROOT / "build" / "bench"
EXPECTED = ROOT / "bench" / "expected.json"

Size = Literal["full", "check"]
Job = dict[str, Any]
"""What a worker is asked to run: the module's path, and how."""


@dataclass(frozen=True)
class Benchmark:
    """One program and how it is run; `catalogue.toml` says what the fields mean."""

    name: str
    about: str
    layer: str
    args: tuple[int, ...]
    check: tuple[int, ...]
    module: str
    export: str = "run"
    argv: tuple[str, ...] = ()
    stdin: str = ""

    def path(self) -> Path:
        """The module's file, unpacked if it is committed compressed."""
        committed = ROOT / self.module
        if committed.suffix != ".xz":
            return committed
        unpacked = WORK / "modules" / committed.stem
        if not unpacked.exists() or unpacked.stat().st_mtime < committed.stat().st_mtime:
            unpacked.parent.mkdir(parents=True, exist_ok=True)
            unpacked.write_bytes(lzma.decompress(committed.read_bytes()))
        return unpacked

    def job(self, size: Size) -> Job:
        """What a worker is told to run."""
        args = self.args if size == "full" else self.check
        job: Job = {"module": str(self.path())}
        if not self.argv:
            return job | {"export": self.export, "args": list(args)}
        stdin = inputs.file(WORK / "inputs", self.stdin, args[0]) if self.stdin else None
        return job | {"argv": [part.replace("{n}", str(args[0])) for part in self.argv], "stdin": stdin}

    def expected(self, size: Size) -> Any:
        """The result that every runtime must give."""
        return results()[self.name][size]


@cache
def results() -> dict[str, dict[str, Any]]:
    """What `expected.json` holds."""
    found: dict[str, dict[str, Any]] = json.loads(EXPECTED.read_text(encoding="utf-8"))
    return found


@cache
def _table() -> dict[str, Any]:
    return tomllib.loads((ROOT / "bench" / "catalogue.toml").read_text(encoding="utf-8"))


def layers() -> dict[str, str]:
    """The layers' names and titles."""
    titles: dict[str, str] = _table()["layers"]
    return titles


def _read(rows: Iterable[dict[str, Any]]) -> Iterator[Benchmark]:
    for row in rows:
        name = row["name"]
        given: dict[str, Any] = {
            "layer": name.partition("/")[0],
            "module": f"bench/programs/{name}.wasm",
        } | row
        fields: dict[str, Any] = {key: tuple(x) if isinstance(x, list) else x for key, x in given.items()}
        yield Benchmark(**fields)


@cache
def benchmarks() -> tuple[Benchmark, ...]:
    """All of them, in the order of the table."""
    return tuple(_read(_table()["benchmark"]))


def select(patterns: Iterable[str], of_layers: Iterable[str]) -> list[Benchmark]:
    """Those whose name, or its last part, matches one of the patterns, in one of the layers; all for none."""
    patterns, of_layers = list(patterns), list(of_layers)
    return [
        benchmark
        for benchmark in benchmarks()
        if not of_layers or benchmark.layer in of_layers
        if not patterns
        or any(fnmatch.fnmatch(benchmark.name, p) or benchmark.name.rpartition("/")[2] == p for p in patterns)
    ]
