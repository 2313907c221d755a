"""What wasmine must reach, and whether a run shows it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from bench.display import format_time
from bench.results import COMPILED_PEERS, Results, against_best, best, geometric_mean, main_tier

MIB = 1 << 20


@dataclass(frozen=True)
class Verdict:
    """What was measured of wasmine and of its peers; `reached` None where it was not measured."""

    measured: str
    peers: str
    reached: bool | None


NOT_MEASURED = Verdict("not measured", "", None)


@dataclass(frozen=True)
class Target:
    """One row: what, how much, and how a run answers."""

    what: str
    limit: str
    judge: Callable[[Results], Verdict]


def value(results: Results, figure: str, label: str) -> float | None:
    """A number of a figure."""
    found = results["figures"].get(figure, {}).get("rows", {}).get(label)
    return float(found) if isinstance(found, (int, float)) else None


def ours(results: Results, figure: str, suffix: str = "") -> float | None:
    """wasmine's number, of the tier that users get if it was measured."""
    for tier in ("wasmine-auto", "wasmine-jit", "wasmine-interp"):
        if (found := value(results, figure, tier + suffix)) is not None:
            return found
    return None


def listed(results: Results, figure: str, suffix: str, show: Callable[[float], str]) -> str:
    """The peers' numbers."""
    found = []
    for name in ("python", *COMPILED_PEERS, "pywasm"):
        number = value(results, figure, name + suffix)
        if number is not None:
            found.append(f"{name} {show(number)}")
    return ", ".join(found)


def at_most(
    figure: str, limit: float, suffix: str = "", show: Callable[[float], str] = format_time
) -> Callable[[Results], Verdict]:
    """Judge wasmine's number in a figure."""

    def judge(results: Results) -> Verdict:
        number = ours(results, figure, suffix)
        if number is None:
            return NOT_MEASURED
        return Verdict(show(number), listed(results, figure, suffix, show), number <= limit)

    return judge


def mebibytes(size: float) -> str:
    return f"{size / MIB:.2f} MiB"


def every_benchmark(results: Results) -> Verdict:
    tier = main_tier(results)
    compared = against_best(results, tier) if tier else {}
    if not compared:
        return NOT_MEASURED
    # What differs by less than the noise of such a run is no loss.
    lost = sorted((ratio, name) for name, (ratio, _) in compared.items() if ratio > 1.05)
    worst = f"; the worst is {lost[-1][1]}, {lost[-1][0]:.2f} x" if lost else ""
    measured = f"{len(compared) - len(lost)} of {len(compared)} not slower{worst}"
    return Verdict(measured, "the fastest of wasmtime, Node and Bun, each time", not lost)


def against_node(results: Results) -> Verdict:
    tier = main_tier(results)
    mean = geometric_mean(results, tier, "node") if tier else None
    if tier is None or mean is None:
        return NOT_MEASURED
    others = [(peer, geometric_mean(results, tier, peer)) for peer in ("wasmtime", "bun")]
    told = ", ".join(f"{m:.2f} of {peer}'s" for peer, m in others if m is not None)
    return Verdict(f"{mean:.2f}", told, mean <= 0.9)


def interpreter(results: Results) -> Verdict:
    if "wat/fib" not in results["benchmarks"]:
        return NOT_MEASURED
    mine, theirs = best(results, "wat/fib", "wasmine-interp"), best(results, "wat/fib", "wasmtime")
    if mine is None or theirs is None:
        return NOT_MEASURED
    return Verdict(f"{mine / theirs:.1f} x", f"wasmtime {format_time(theirs)}", mine <= 5 * theirs)


def zero_copy(results: Results) -> Verdict:
    taken, plain = ours(results, "memory", ", 1 MiB out"), value(results, "memory", "python, 1 MiB out")
    view = ours(results, "memory", ", NumPy sums 1 MiB in place")
    if taken is None or plain is None:
        return NOT_MEASURED
    said = f"1 MiB out {format_time(taken)}" + ("" if view is None else ", NumPy in place")
    there = listed(results, "memory", ", 1 MiB out", format_time)
    return Verdict(said, there, taken <= 1.2 * plain and view is not None)


def simd(results: Results) -> Verdict:
    tier = main_tier(results)
    compared = against_best(results, tier) if tier else {}
    found = {name: ratio for name, (ratio, _) in compared.items() if name.startswith("simd/")}
    if not found:
        return NOT_MEASURED
    worst = max(found, key=lambda name: found[name])
    return Verdict(
        f"{min(found.values()):.2f} to {found[worst]:.2f} x ({worst})",
        "the fastest of wasmtime, Node and Bun, each time",
        found[worst] <= 1.05,
    )


TARGETS = (
    Target("steady state, each benchmark compiled and warm", "≤ the best peer", every_benchmark),
    Target("steady state, geometric mean", "≤ 0.9 of Node's", against_node),
    Target("interpreter alone, fib(35)", "≤ 5 x wasmtime", interpreter),
    Target("load to first result, SQLite, in process", "≤ 30 ms", at_most("load", 0.030, ", first result")),
    Target(
        "`import wasmine` over bare Python",
        "≤ 10 ms",
        lambda results: judge_import(results),
    ),
    Target(
        "whole process, a trivial function, over bare Python",
        "≤ 15 ms",
        at_most("process", 0.015, ", over bare Python"),
    ),
    Target(
        "peak memory of a whole fib(35) run, over bare Python",
        "≤ 4 MiB",
        at_most("peak", 4 * MIB, ", over bare Python", mebibytes),
    ),
    Target("Python → Wasm call, add(i32, i32)", "≤ 150 ns", at_most("call", 150e-9)),
    Target("Wasm → Python call, (i32) -> i32", "≤ 300 ns", at_most("callback", 300e-9)),
    Target("memory: zero-copy buffer, slices at memcpy's speed", "as plain Python", zero_copy),
    Target("SIMD", "≤ the best peer", simd),
    Target("wheel", "≤ 1.4 MB", lambda results: judge_wheel(results)),
    Target(
        "10,000 instances that live at once",
        "≤ 100 µs each",
        at_most("instances", 100e-6, ", each of 10,000 that live at once"),
    ),
)


def judge_import(results: Results) -> Verdict:
    mine = value(results, "import", "import wasmine, over bare Python")
    theirs = value(results, "import", "import wasmtime, over bare Python")
    if mine is None:
        return NOT_MEASURED
    return Verdict(format_time(mine), f"wasmtime {format_time(theirs)}" if theirs else "", mine <= 0.010)


def judge_wheel(results: Results) -> Verdict:
    mine, theirs = value(results, "size", "wasmine, wheel"), value(results, "size", "wasmtime, wheel")
    if mine is None:
        return NOT_MEASURED
    told = f"wasmtime {theirs / 1e6:.2f} MB" if theirs else ""
    return Verdict(f"{mine / 1e6:.2f} MB", told, mine <= 1.4e6)
