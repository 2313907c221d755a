"""What is measured beside steady state: calls, memory, loading, processes, sizes. One function a figure."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from bench.figures import hosts, loading, processes, sizes
from bench.figures.base import Figure, Setting

__all__ = ["FIGURES", "Entry", "Figure", "Setting", "figure_lines"]


@dataclass(frozen=True)
class Entry:
    """A figure's name for people, and what measures it."""

    about: str
    measure: Callable[[Setting], Figure]


FIGURES = {
    "call": Entry("a call from Python to Wasm", hosts.call),
    "callback": Entry("a call from Wasm to Python", hosts.callback),
    "memory": Entry("memory, read and written from Python", hosts.memory),
    "instances": Entry("instances", hosts.instances),
    "threads": Entry("two stores in two threads", hosts.threads),
    "load": Entry("from bytes to a first result (SQLite)", loading.load),
    "small": Entry("small work, also on interpreters in Python", loading.small),
    "import": Entry("importing the package", processes.importing),
    "process": Entry("a whole process that calls a trivial function", processes.trivial),
    "program": Entry("a whole process that runs SQLite", processes.program),
    "peak": Entry("peak memory of a whole process: fib(35)", processes.peak),
    "size": Entry("what is downloaded", sizes.wheel),
}


def figure_lines(figure: Figure) -> Iterator[str]:
    """A figure for people."""
    from bench.display import format_time

    yield figure["title"]
    for label, value in figure["rows"].items():
        yield f"  {label:<34} {format_value(value, figure['unit'], format_time)}"


def format_value(value: Any, unit: str, times: Callable[[float], str]) -> str:
    """A value with its unit."""
    if isinstance(value, str):
        return value
    if unit == "s":
        return times(value)
    if unit == "bytes":
        return f"{value / 2**20:.2f} MiB"
    return f"{value:.2f} {unit}".strip()
