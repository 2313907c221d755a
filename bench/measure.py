"""Timing in turns: each round runs every contender once, and each contender's best round counts."""

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass


@dataclass(frozen=True)
class Result:
    """The best time of one contender, in seconds for one operation."""

    name: str
    seconds: float


def in_turns(
    contenders: Mapping[str, Callable[[], object]], *, rounds: int = 5, repeat: int = 1
) -> list[Result]:
    """Times each contender `rounds` times, in turns; each time is of `repeat` calls, and is given for one."""
    best = dict.fromkeys(contenders, float("inf"))
    for _ in range(rounds):
        for name, operation in contenders.items():
            start = time.perf_counter()
            for _ in range(repeat):
                operation()
            best[name] = min(best[name], (time.perf_counter() - start) / repeat)
    return [Result(name, seconds) for name, seconds in best.items()]


def show(title: str, results: list[Result]) -> None:
    """Prints a line for each contender, with the ratio of its time to the first one's."""
    print(title)
    for result in results:
        ratio = result.seconds / results[0].seconds
        print(f"  {result.name:<24} {format_time(result.seconds):>12}   {ratio:8.2f} x")


def format_time(seconds: float) -> str:
    for unit, scale in (("s", 1.0), ("ms", 1e-3), ("µs", 1e-6)):
        if seconds >= scale:
            return f"{seconds / scale:.3g} {unit}"
    return f"{seconds / 1e-9:.3g} ns"
