"""`python -m bench expect`: find out what results must be, from runtimes that share no code."""

from __future__ import annotations

import json
from typing import Any

from bench.catalogue import EXPECTED, Benchmark, Size, benchmarks, results
from bench.peers import PEERS
from bench.workers import Failure, Worker

JUDGES = ("wasmtime", "node")
SIZES: tuple[Size, ...] = ("check", "full")


def ask(benchmark: Benchmark, size: Size) -> Any:
    """The result on which all judges agree."""
    found = {}
    for name in JUDGES:
        with Worker(PEERS[name]) as worker:
            found[name] = worker.fresh(benchmark.job(size))["result"]
    if len({json.dumps(float(x)) if isinstance(x, (int, float)) else x for x in found.values()}) > 1:
        raise Failure(f"{benchmark.name} ({size}): {found}")
    return found[JUDGES[0]]


def main(names: list[str]) -> int:
    """Write expected.json anew, for the named benchmarks or all."""
    known: dict[str, Any] = results() if EXPECTED.exists() else {}
    failed = 0
    for benchmark in benchmarks():
        if names and benchmark.name not in names:
            continue
        try:
            known[benchmark.name] = {size: ask(benchmark, size) for size in SIZES}
            print(f"{benchmark.name}: {known[benchmark.name]}", flush=True)
        except Failure as failure:
            print(f"{benchmark.name}: {failure}", flush=True)
            failed = 1
    ordered = {b.name: known[b.name] for b in benchmarks() if b.name in known}
    EXPECTED.write_text(json.dumps(ordered, indent=1) + "\n", encoding="utf-8")
    return failed
