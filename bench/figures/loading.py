"""From a module's bytes to a first result, in fresh processes that have the runtime loaded."""

from __future__ import annotations

import statistics
from typing import Any

from bench.catalogue import benchmarks
from bench.figures.base import Figure, Setting, figure
from bench.workers import Failure, Worker, check


def load(setting: Setting) -> Figure:
    """SQLite: reading and compiling alone, and with the run of one small script."""
    benchmark = next(b for b in benchmarks() if b.name == "real/sqlite")
    times: dict[str, list[dict[str, Any]]] = {}
    rows: dict[str, Any] = {}
    for _ in range(setting.rounds(3)):
        for name, runtime in setting.runtimes.items():
            if runtime.worker is None or runtime.slow or name in rows:
                continue
            try:
                with Worker(runtime) as worker:
                    worker.begin()
                    answer = worker.fresh(benchmark.job("check"), "process" if setting.busy else "wall")
            except Failure as failure:
                rows[name] = str(failure)
                continue
            check(benchmark, runtime, "check", answer["result"])
            times.setdefault(name, []).append(answer)
    for name, answers in times.items():
        if name not in rows:
            rows[f"{name}, loaded"] = statistics.median(answer["load"] for answer in answers)
            rows[f"{name}, first result"] = statistics.median(answer["seconds"] for answer in answers)
    megabytes = benchmark.path().stat().st_size / 1e6
    note = f"The module has {megabytes:.2f} MB. Median of fresh processes, without their own start"
    note += "; processor time of all threads, as the machine was busy." if setting.busy else "."
    return figure("SQLite from its bytes to its first result", "s", rows, note)


SMALL = ("wat/fib", "wat/tak", "wat/nbody", "wat/mandelbrot", "wat/collatz")


def small(setting: Setting) -> Figure:
    """Benchmarks at the size of their check, which interpreters in Python finish too."""
    names = [name for name in ("wasmine-jit", "wasmine-interp", "pywasm") if name in setting.runtimes]
    rows: dict[str, Any] = {}
    for benchmark in (b for b in benchmarks() if b.name in SMALL):
        for name in names:
            try:
                with Worker(setting.runtimes[name], limit=20) as worker:
                    worker.open(benchmark.job("check"))
                    times = []
                    for _ in range(setting.rounds(3)):
                        seconds, result = worker.run()
                        check(benchmark, setting.runtimes[name], "check", result)
                        times.append(seconds)
                rows[f"{benchmark.name}, {name}"] = min(times)
            except Failure as failure:
                rows[f"{benchmark.name}, {name}"] = str(failure)
    return figure("Small work", "s", rows, "Arguments are those of `check` in bench/catalogue.toml.")
