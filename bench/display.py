"""What people see while it runs: live at a terminal if `rich` is there, plain lines elsewhere."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any, Protocol

from bench.results import Results, geometric_mean, peer_names

UNITS = (("s", 1.0), ("ms", 1e-3), ("µs", 1e-6), ("ns", 1e-9))


def format_time(seconds: float) -> str:
    """Three digits and a unit."""
    for unit, scale in UNITS:
        if abs(seconds) >= scale or unit == "ns":
            value = seconds / scale
            return f"{value:.{max(0, 2 - (len(str(int(abs(value)))) - 1))}f} {unit}"
    raise AssertionError


class Display(Protocol):
    """Where progress is told."""

    def say(self, text: str) -> None:
        """What is being done."""
        ...

    def line(self, text: str) -> None:
        """What is done, and stays."""
        ...

    def advance(self) -> None:
        """One more thing is done."""
        ...


class Plain:
    """For files and pipes: what is done, a line each."""

    def say(self, text: str) -> None:
        pass

    def line(self, text: str) -> None:
        print(text, flush=True)

    def advance(self) -> None:
        pass


class Live:
    """For people: a bar, what is being done, and the lines above it."""

    def __init__(self, progress: Any, total: int) -> None:
        self.progress = progress
        self.task = progress.add_task("", total=total)

    def say(self, text: str) -> None:
        self.progress.update(self.task, description=text)

    def line(self, text: str) -> None:
        self.progress.console.print(text, markup=False, highlight=False)

    def advance(self) -> None:
        self.progress.advance(self.task)


@contextmanager
def display(total: int, *, quiet: bool = False) -> Iterator[Display]:
    """A display for so many things to do; `quiet` keeps standard output free."""
    stream = sys.stderr if quiet else sys.stdout
    try:
        if not stream.isatty():
            raise ImportError
        from rich.console import Console
        from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn
    except ImportError:
        yield Quiet() if quiet else Plain()
        return
    columns = BarColumn(), MofNCompleteColumn(), TimeElapsedColumn(), TextColumn("{task.description}")
    with Progress(*columns, console=Console(stderr=quiet), transient=True) as progress:
        yield Live(progress, total)


class Quiet(Plain):
    """Lines on standard error."""

    def line(self, text: str) -> None:
        print(text, file=sys.stderr, flush=True)


def short(name: str) -> str:
    """A runtime's name in a table."""
    return name.replace("wasmine-", "")


def row_line(name: str, rows: dict[str, Any]) -> str:
    """One benchmark: the times of all, with ratios to the first."""
    parts = []
    base = next((row["best"] for row in rows.values() if "best" in row), None)
    for runtime, row in rows.items():
        if "best" not in row:
            parts.append(f"{short(runtime)} -")
            continue
        ratio = f" ({row['best'] / base:.2f})" if base and row["best"] != base else ""
        parts.append(f"{short(runtime)} {format_time(row['best'])}{ratio}")
    return f"{name:<18} " + "   ".join(f"{part:<20}" for part in parts).rstrip()


def failures(rows: dict[str, Any]) -> Iterator[str]:
    """Why runtimes have no time."""
    for runtime, row in rows.items():
        if "failed" in row:
            yield f"{'':<18} {runtime}: {row['failed']}"


def closing(results: Results, ours: Sequence[str]) -> Iterator[str]:
    """The geometric means of the ratios to each peer, by layer and in all."""
    for tier in ours:
        for peer in peer_names(results):
            means = []
            for layer, title in results["layers"].items():
                mean = geometric_mean(results, tier, peer, layer)
                if mean is not None:
                    means.append(f"{title} {mean:.2f}")
            whole = geometric_mean(results, tier, peer)
            if whole is not None:
                yield f"{tier} / {peer}: {whole:.2f}   ({', '.join(means)})"
