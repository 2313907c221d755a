"""The processes that do the work: started, asked, and ended when they take too long."""

from __future__ import annotations

import json
import selectors
import subprocess
import tempfile
from types import TracebackType
from typing import Any

from bench.catalogue import ROOT, Benchmark, Job
from bench.peers.base import Runtime, environment

LIMIT = 120.0
"""Seconds that a request may take."""

NOTHING: Job = {
    "module": str(ROOT / "bench" / "programs" / "host" / "add.wasm"),
    "export": "add",
    "args": [2, 40],
}


class Failure(Exception):
    """A runtime could not do a job: it has no such feature, takes too long, or died. The text says which."""


class WrongResult(Exception):
    """A runtime gave a result that is not the expected one."""


class Worker:
    """A process of a runtime; see peers/worker.py for what it can be asked."""

    def __init__(self, runtime: Runtime, limit: float = LIMIT, **environ: str) -> None:
        assert runtime.worker is not None
        self.runtime = runtime
        self.limit = limit
        self.errors = tempfile.TemporaryFile()  # noqa: SIM115
        self.process = subprocess.Popen(
            runtime.worker(),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self.errors,
            env=environment({**runtime.env, **environ}),
            cwd=ROOT,
        )

    def __enter__(self) -> Worker:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.process.kill()
        self.process.wait()
        for pipe in (self.process.stdin, self.process.stdout, self.errors):
            if pipe is not None:
                pipe.close()

    def ask(self, **request: Any) -> dict[str, Any]:
        """Send a request and wait for its answer. Raises `Failure`."""
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        try:
            self.process.stdin.write(json.dumps(request).encode() + b"\n")
            self.process.stdin.flush()
        except BrokenPipeError:
            raise Failure(self._last_words()) from None
        with selectors.DefaultSelector() as selector:
            selector.register(self.process.stdout, selectors.EVENT_READ)
            if not selector.select(self.limit):
                raise Failure(f"did not finish within {self.limit:.0f} s")
        line = self.process.stdout.readline()
        if not line:
            raise Failure(self._last_words())
        answer: dict[str, Any] = json.loads(line)
        if "error" in answer:
            raise Failure(answer["error"])
        return answer

    def open(self, job: Job) -> float:
        """Compile a job's module; seconds."""
        return float(self.ask(do="open", job=job)["seconds"])

    def run(self, times: int = 1, clock: str = "wall") -> tuple[float, Any]:
        """Run the job that was opened: seconds for one run, and its result."""
        answer = self.ask(do="run", times=times, clock=clock)
        return float(answer["seconds"]), answer["result"]

    def begin(self) -> None:
        """Have the runtime load what it needs of itself, by a module that has nothing to do."""
        self.ask(do="fresh", job=NOTHING)

    def fresh(self, job: Job, clock: str = "wall") -> dict[str, Any]:
        """From the module's bytes to the first result: seconds, of which `load`, and the result."""
        return self.ask(do="fresh", job=job, clock=clock)

    def _last_words(self) -> str:
        code = self.process.wait()
        self.errors.seek(0)
        lines = self.errors.read().decode(errors="replace").strip().splitlines() or [""]
        return f"ended with {code}: {lines[-1][:200]}"


def check(benchmark: Benchmark, runtime: Runtime, size: Any, result: Any) -> None:
    """Raise `WrongResult` unless a result is the expected one."""
    expected = benchmark.expected(size)
    if result != expected:
        raise WrongResult(f"{runtime.name} gives {result!r} for {benchmark.name}, not {expected!r}")
