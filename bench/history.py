"""`python -m bench record`: what was measured, kept beside the reason for measuring it."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

from bench.catalogue import ROOT
from bench.report import merged, read
from bench.results import Results, best, geometric_mean, main_tier, peer_names
from bench.run import Options, run

HISTORY = ROOT / "bench" / "history.yaml"


def entry(results: Results, name: str, reason: str) -> dict[str, Any]:
    """What is kept of a run: ratios, which can be compared later, and wasmine's times, which hardly can."""
    tier = main_tier(results)
    assert tier is not None
    environment = results["environment"]
    means = {peer: geometric_mean(results, tier, peer) for peer in peer_names(results)}
    times = {name: best(results, name, tier) for name in results["benchmarks"]}
    figures = {
        name: {label: value for label, value in figure["rows"].items() if label.startswith(tier)}
        for name, figure in results["figures"].items()
    }
    return {
        "id": name,
        "reason": reason,
        "date": environment["date"],
        "commit": environment["commit"],
        "cpu": environment["cpu"],
        "load": environment["load"],
        "python": environment["python"],
        "versions": environment["versions"],
        "tier": tier,
        "ratio": {peer: round(mean, 3) for peer, mean in means.items() if mean is not None},
        "milliseconds": {name: round(1000 * time, 3) for name, time in times.items() if time is not None},
        "figures": {name: rows for name, rows in figures.items() if rows},
    }


def main(arguments: list[str]) -> int:
    """Measure, and append the outcome to the history."""
    import yaml

    parser = argparse.ArgumentParser(prog="python -m bench record", description=__doc__)
    parser.add_argument("--id", required=True, help="a short name, such as an issue's number")
    parser.add_argument("--reason", required=True, help="what has changed, or why it is measured")
    parser.add_argument("--quick", action="store_true")
    parser.add_argument("--layer", action="append", default=[])
    parser.add_argument("--only", action="append", default=[])
    parser.add_argument("--tier", default="jit")
    parser.add_argument(
        "--from", dest="sources", type=Path, nargs="+", metavar="FILE", help="record these runs"
    )
    given = parser.parse_args(arguments)
    options = Options(patterns=given.only, layers=given.layer, quick=given.quick, tiers=given.tier.split(","))
    results = merged([read(path) for path in given.sources]) if given.sources else run(options)
    if results["wrong"]:
        return 1
    text = yaml.safe_dump([entry(results, given.id, given.reason)], sort_keys=False, allow_unicode=True)
    with HISTORY.open("a", encoding="utf-8") as file:
        file.write(text)
    print(f"appended to {HISTORY.relative_to(ROOT)}")
    return 0
