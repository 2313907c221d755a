"""The outcome of a run, and what can be computed from it."""

from __future__ import annotations

import math
from typing import Any

Results = dict[str, Any]
"""
environment: machine.describe
layers:      name -> title
missing:     runtime -> why it was not measured
benchmarks:  name -> {layer, about, rows: {runtime: {best, median, spread, rounds, load, first} or {failed}}}
figures:     name -> {title, unit, rows: {label: number or text}, note}
Times are in seconds, sizes in bytes.
"""

COMPILED_PEERS = ("wasmtime", "node", "bun")


def best(results: Results, benchmark: str, runtime: str) -> float | None:
    """The best time of a runtime."""
    value = results["benchmarks"][benchmark]["rows"].get(runtime, {}).get("best")
    return None if value is None else float(value)


def peer_names(results: Results) -> list[str]:
    """The peers that were measured in steady state, in the order of the table."""
    found: list[str] = []
    for entry in results["benchmarks"].values():
        found += [name for name in entry["rows"] if name not in found and not name.startswith("wasmine-")]
    return found


def tiers(results: Results) -> list[str]:
    """wasmine's tiers that were measured."""
    found: list[str] = []
    for entry in results["benchmarks"].values():
        found += [name for name in entry["rows"] if name not in found and name.startswith("wasmine-")]
    return found


def ratios(results: Results, ours: str, peer: str, layer: str | None = None) -> dict[str, float]:
    """wasmine's time over the peer's, for each benchmark that both ran."""
    found = {}
    for name, entry in results["benchmarks"].items():
        mine, theirs = best(results, name, ours), best(results, name, peer)
        if mine and theirs and layer in (None, entry["layer"]):
            found[name] = mine / theirs
    return found


def geometric_mean(results: Results, ours: str, peer: str, layer: str | None = None) -> float | None:
    """Of those ratios; None if there are none."""
    values = ratios(results, ours, peer, layer).values()
    return math.exp(sum(map(math.log, values)) / len(values)) if values else None


def against_best(results: Results, ours: str) -> dict[str, tuple[float, str]]:
    """For each benchmark, wasmine's time over that of the fastest compiled peer, and which one that is."""
    found = {}
    for name in results["benchmarks"]:
        mine = best(results, name, ours)
        theirs = [(t, peer) for peer in COMPILED_PEERS if (t := best(results, name, peer)) is not None]
        if mine is not None and theirs:
            time, peer = min(theirs)
            found[name] = mine / time, peer
    return found


def main_tier(results: Results) -> str | None:
    """The tier that is compared: compiled if that was measured."""
    return next((t for t in ("wasmine-jit", "wasmine-auto", "wasmine-interp") if t in tiers(results)), None)
