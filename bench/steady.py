"""Steady state: a benchmark on several runtimes at once, compiled and warm, in turn, with checked results."""

from __future__ import annotations

import math
import statistics
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from typing import Any

from bench.catalogue import Benchmark
from bench.peers.base import Runtime
from bench.workers import Failure, Worker, check

LONG = 0.8
"""Seconds from which a run is repeated less often: its noise is small against it."""

SHORT, MOST = 0.1, 50
"""Seconds of processor time that are timed at least, by so many runs at most.

Its clock goes in steps of milliseconds in JavaScript: the best of a few short times is a step too good.
"""

Row = dict[str, Any]
"""What was measured of one benchmark on one runtime: seconds, or the reason why there are none (`failed`)."""


@dataclass(frozen=True)
class Plan:
    """How often a benchmark runs, before it is timed and timed, and by which clock.

    `wall` is what a user waits for. `cpu` is the processor time of the thread that runs, and of all threads
    where modules are compiled: the only one that means something while others use the machine.
    """

    warmup: int
    rounds: int
    clock: str = "wall"


QUICK = Plan(warmup=0, rounds=1)
FULL = Plan(warmup=3, rounds=7)


@dataclass
class Contender:
    """One runtime's way through a benchmark."""

    runtime: Runtime
    worker: Worker
    benchmark: Benchmark
    row: Row
    times: list[float]
    rounds: int
    clock: str
    times_each: int = 1

    def begin(self, plan: Plan) -> None:
        """From bytes to a first result; then compiled and warm at full size."""
        self.worker.begin()
        first = self.worker.fresh(self.benchmark.job("check"), "wall" if self.clock == "wall" else "process")
        check(self.benchmark, self.runtime, "check", first["result"])
        self.row = {"load": first["load"], "first": first["seconds"]}
        self.worker.open(self.benchmark.job("full"))
        for _ in range(plan.warmup):
            seconds = self.once()
            if seconds > LONG:
                self.rounds = min(self.rounds, 2)
                break
            if self.clock != "wall":
                self.times_each = math.ceil(SHORT / max(seconds, SHORT / MOST))

    def once(self) -> float:
        seconds, result = self.worker.run(self.times_each, self.clock)
        check(self.benchmark, self.runtime, "full", result)
        return seconds

    def finish(self) -> Row:
        return self.row if "failed" in self.row else self.row | summary(self.times)


def summary(times: Sequence[float]) -> Row:
    """Best, median, and how far the middle half lies apart, as a part of the median."""
    median = statistics.median(times)
    quarters = statistics.quantiles(times, n=4) if len(times) > 3 else [min(times), median, max(times)]
    spread = (quarters[2] - quarters[0]) / median
    return {"best": min(times), "median": median, "spread": spread, "rounds": len(times)}


def measure(
    benchmark: Benchmark, runtimes: Sequence[Runtime], plan: Plan, say: Callable[[str], None]
) -> dict[str, Row]:
    """Measure one benchmark. What a runtime cannot do is in its row; a wrong result raises `WrongResult`."""
    with ExitStack() as stack:
        contenders = []
        for runtime in runtimes:
            say(f"{benchmark.name}: {runtime.name} gets warm")
            worker = stack.enter_context(Worker(runtime))
            contender = Contender(runtime, worker, benchmark, {}, [], plan.rounds, plan.clock)
            attempt(contender, lambda c=contender: c.begin(plan))  # type: ignore[misc]
            contenders.append(contender)
        for number in range(plan.rounds):
            say(f"{benchmark.name}: round {number + 1} of {plan.rounds}")
            # Each round begins with another runtime, so that none always follows the same one.
            turn = number % len(contenders)
            for contender in contenders[turn:] + contenders[:turn]:
                if "failed" not in contender.row and number < contender.rounds:
                    attempt(contender, lambda c=contender: c.times.append(c.once()))  # type: ignore[misc]
        return {contender.runtime.name: contender.finish() for contender in contenders}


def attempt(contender: Contender, step: Callable[[], None]) -> None:
    """Take a step, and note when it fails."""
    try:
        step()
    except Failure as failure:
        contender.row = {"failed": str(failure)}
