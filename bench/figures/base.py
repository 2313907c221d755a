"""What figures share."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from bench.peers.base import ROOT, Runtime, environment
from bench.workers import Failure

Figure = dict[str, Any]
"""title, unit ("s", "bytes" or ""), rows (label -> number, or text where there is none), note."""


@dataclass(frozen=True)
class Setting:
    """Which runtimes take part, by name; whether it has to be quick; whether others use the machine."""

    runtimes: Mapping[str, Runtime]
    quick: bool
    busy: bool = False

    @property
    def ours(self) -> list[str]:
        """wasmine's tiers."""
        return [name for name in self.runtimes if name.startswith("wasmine-")]

    def rounds(self, full: int) -> int:
        """How often something is done."""
        return 1 if self.quick else full


def figure(title: str, unit: str, rows: Mapping[str, Any], note: str = "") -> Figure:
    """A figure as it is kept."""
    return {"title": title, "unit": unit, "rows": dict(rows), "note": note}


def run_script(module: str, *arguments: str, limit: float = 300) -> dict[str, Any]:
    """Run a module of this package in a process of its own, which prints JSON. Raises `Failure`."""
    try:
        done = subprocess.run(
            [sys.executable, "-m", module, *arguments],
            capture_output=True,
            text=True,
            check=False,
            env=environment({}),
            cwd=ROOT,
            timeout=limit,
        )
    except subprocess.TimeoutExpired:
        raise Failure(f"did not finish within {limit:.0f} s") from None
    if done.returncode:
        lines = done.stderr.strip().splitlines() or [""]
        raise Failure(lines[-1][:200])
    answer: dict[str, Any] = json.loads(done.stdout)
    return answer


def best_of(runs: Iterable[Mapping[str, float]]) -> dict[str, float]:
    """The smallest value of each key."""
    least: dict[str, float] = {}
    for run in runs:
        for key, value in run.items():
            least[key] = min(value, least.get(key, value))
    return least


def in_turn(commands: Mapping[str, Sequence[str]], module: str, rounds: int) -> dict[str, Any]:
    """Run a script with each of some arguments in turn: the best of each value, or why there is none."""
    runs: dict[str, list[dict[str, float]]] = {name: [] for name in commands}
    failed: dict[str, str] = {}
    for _ in range(rounds):
        for name, arguments in commands.items():
            if name not in failed:
                try:
                    runs[name].append(run_script(module, *arguments))
                except Failure as failure:
                    failed[name] = str(failure)
    return {name: failed.get(name) or best_of(runs[name]) for name in commands}
