"""`python -m bench report`: everything is measured, and docs/performance.md says what came out."""

from __future__ import annotations

import argparse
import json
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from bench import charts
from bench.catalogue import ROOT, benchmarks
from bench.display import format_time
from bench.figures import format_value
from bench.results import (
    COMPILED_PEERS,
    Results,
    against_best,
    geometric_mean,
    main_tier,
    peer_names,
    ratios,
    tiers,
)
from bench.run import Options, run
from bench.targets import TARGETS

COMPARISON = ROOT / "bench" / "runtime_comparison.yaml"
PAGE = ROOT / "docs" / "performance.md"
PICTURES = ROOT / "docs" / "performance"
REASONS = ROOT / "bench" / "reasons.toml"
LOSS = 1.2
"""How many times slower than the best peer a loss is that needs a reason."""

CLOCKS = {
    "wall": "Times are what a user waits.",
    "cpu": "The machine was busy with other work, which takes its turns in the middle of a run. So times are "
    "processor time: of the thread that runs, and of the whole process where modules are compiled.",
}
METHOD = """\
Each runtime runs each benchmark in a process of its own, compiled and warmed up by {warmup} runs; then all
take turns for {rounds} rounds (fewer for runs of more than 0.8 s). Start-up is not in it: Node's and Bun's
times are taken inside of their processes. Programs of the real layer get a new instance for each run.
Tables give the median, and half of the distance between the quartiles; ratios are wasmine's best time over
the peer's best: below 1, wasmine is faster. Every result is compared with the one that is expected. *First
result* is wasmine's time from the module's bytes to the result of a small run.

`wasmine` is the tier `{tier}`: each function is compiled before its first call. `wasmine-auto` is what
users get: interpreted first, compiled when it runs often. `wasmine-interp` never compiles.
"""


def table(head: list[str], rows: list[list[str]]) -> str:
    """A table in Markdown."""
    lines = ["| " + " | ".join(head) + " |", "| --- |" + " ---: |" * (len(head) - 1)]
    return "\n".join([*lines, *("| " + " | ".join(row) + " |" for row in rows)]) + "\n"


def cell(row: dict[str, Any] | None) -> str:
    """A median and its spread."""
    if not row or "median" not in row:
        return "-"
    return f"{format_time(row['median'])} ± {row['spread'] * 50:.0f} %"


def layer_table(results: Results, layer: str) -> str:
    """Medians and spreads of all runtimes; ratios of the best times."""
    tier, peers = main_tier(results), peer_names(results)
    assert tier is not None
    others = [name for name in tiers(results) if name != tier]
    head = ["benchmark", "wasmine", *peers, *(f"over {p}" for p in peers), *others, "first result"]
    rows = []
    for name, entry in results["benchmarks"].items():
        if entry["layer"] != layer:
            continue
        measured = entry["rows"]
        row = [f"{name}: {entry['about']}", cell(measured.get(tier))]
        row += [cell(measured.get(peer)) for peer in peers]
        for peer in peers:
            ratio = ratios(results, tier, peer).get(name)
            row.append("-" if ratio is None else f"{ratio:.2f}")
        row += [cell(measured.get(other)) for other in others]
        first = measured.get(tier, {}).get("first")
        row.append("-" if first is None else format_time(first))
        rows.append(row)
    means = []
    for peer in peers:
        mean = geometric_mean(results, tier, peer, layer)
        means.append("-" if mean is None else f"**{mean:.2f}**")
    blanks = [""] * (len(peers) + 1)
    rows.append(["**geometric mean**", *blanks, *means, *([""] * (len(others) + 1))])
    return table(head, rows)


def first_results(results: Results) -> str:
    """The wait for a first result on all runtimes, for what is large enough to wait for."""
    runtimes = [*tiers(results), *peer_names(results)]
    rows = []
    for name, entry in results["benchmarks"].items():
        if entry["layer"] == "real" or name == "go/text":
            times = [entry["rows"].get(runtime, {}).get("first") for runtime in runtimes]
            rows.append([name, *("-" if time is None else format_time(time) for time in times)])
    if not rows:
        return ""
    told = (
        "Reading and compiling, and a small run, in a process that has the runtime loaded. wasmtime compiles "
        "all of a module before, the others what runs.\n"
    )
    return f"### From a module's bytes to a first result\n\n{told}\n{table(['', *runtimes], rows)}"


def failures(results: Results) -> Iterator[str]:
    """What runtimes could not do."""
    for name, entry in results["benchmarks"].items():
        for runtime, row in entry["rows"].items():
            if "failed" in row:
                yield f"- {name} on {runtime}: {row['failed']}"


def losses(results: Results, reasons: dict[str, str]) -> str:
    """Each benchmark where the best peer is clearly faster, and why."""
    tier = main_tier(results)
    assert tier is not None
    rows = []
    compared = sorted(against_best(results, tier).items(), key=lambda item: -item[1][0])
    for name, (ratio, peer) in compared:
        if ratio > LOSS:
            rows.append([name, f"{ratio:.2f} x {peer}", reasons.get(name, "not looked into yet")])
    if not rows:
        return f"None by more than {LOSS} times.\n"
    return table(["benchmark", "wasmine", "reason"], rows).replace("| ---: | ---: |", "| ---: | --- |")


def verdicts(results: Results) -> str:
    """The targets, one row each."""
    words = {True: "reached", False: "**not reached**", None: "not measured"}
    rows = []
    for target in TARGETS:
        verdict = target.judge(results)
        rows.append([target.what, target.limit, verdict.measured, verdict.peers, words[verdict.reached]])
    return table(["what", "target", "wasmine", "peers", "verdict"], rows).replace("---:", "---")


def figures(results: Results) -> str:
    """All figures, a table each."""
    parts = []
    for figure in results["figures"].values():
        rows = [
            [label, format_value(value, figure["unit"], format_time)]
            for label, value in figure["rows"].items()
        ]
        note = f"{figure['note']}\n\n" if figure["note"] else ""
        parts.append(f"### {figure['title']}\n\n{note}{table(['', ''], rows)}")
    return "\n".join(parts)


def summary(results: Results) -> str:
    """The first sentence."""
    tier = main_tier(results)
    assert tier is not None
    told = []
    for peer in COMPILED_PEERS:
        mean = geometric_mean(results, tier, peer)
        if mean is not None:
            won = sum(ratio <= 1 for ratio in ratios(results, tier, peer).values())
            told.append(f"{mean:.2f} of {peer}'s ({won} of {len(ratios(results, tier, peer))} won or level)")
    return (
        "Compiled and warm, wasmine takes, in the geometric mean of the benchmarks' times, "
        + "; ".join(told)
        + "."
    )


def page(results: Results, drawn: list[str], reasons: dict[str, str], note: str = "") -> str:
    """docs/performance.md."""
    environment, plan = results["environment"], results["plan"]
    tier = main_tier(results)
    versions = ", ".join(f"{name} {version}" for name, version in environment["versions"].items())
    absent = "".join(f"- {name}: {reason}\n" for name, reason in results["missing"].items())
    failed = "\n".join(failures(results))
    parts = [
        "# Performance\n",
        "Written by `python -m bench report`; edit `bench/` instead.\n",
        summary(results) + "\n",
        "![Speed, wait, memory and calls of wasmine and its peers](performance/story.svg)\n"
        if "story" in drawn
        else "",
        "## Targets\n",
        verdicts(results),
        "## How this was taken\n",
        f"On {environment['date']}, commit {environment['commit']}: {environment['cpu']}, "
        f"{environment['cores']} cores, {environment['system']}, Python {environment['python']}. The "
        f"system's load was {environment['load']} when it began: the more others run, the less absolute "
        "times mean. Ratios come from runs in turn.\n",
        f"Versions: {versions}.\n",
        f"Not there:\n\n{absent}" if absent else "",
        METHOD.format(tier=(tier or "").removeprefix("wasmine-"), **plan),
        CLOCKS[plan.get("clock", "wall")] + "\n",
        note,
        "    python -m bench peers --install    # once: the peers, by package name\n"
        "    python -m bench report\n",
    ]
    for layer, title in results["layers"].items():
        if any(entry["layer"] == layer for entry in results["benchmarks"].values()):
            parts.append(f"## {title}\n")
            if layer in drawn:
                parts.append(f"![{title}: time over wasmtime's](performance/{layer}.svg)\n")
            parts.append(layer_table(results, layer))
    parts += [
        f"Not done:\n\n{failed}\n" if failed else "",
        "## Where wasmine loses\n",
        f"By more than {LOSS} times the fastest of wasmtime, Node and Bun:\n",
        losses(results, reasons),
        "## Beside running\n" if results["figures"] else "",
        first_results(results),
        figures(results),
    ]
    return "\n".join(part for part in parts if part)


def write(results: Results) -> None:
    """Write everything that is derived from a run."""
    import yaml

    told: dict[str, Any] = tomllib.loads(REASONS.read_text(encoding="utf-8"))
    COMPARISON.write_text(
        yaml.safe_dump(results, sort_keys=False, allow_unicode=True, width=110), encoding="utf-8"
    )
    drawn = charts.draw(results, PICTURES)
    PAGE.write_text(page(results, drawn, told.get("loss", {}), told.get("note", "")), encoding="utf-8")
    print(f"written: {COMPARISON.relative_to(ROOT)}, {PAGE.relative_to(ROOT)}, {PICTURES.relative_to(ROOT)}")


def read(path: Path) -> Results:
    """A run that was kept, as JSON or YAML."""
    if path.suffix == ".json":
        found: Results = json.loads(path.read_text(encoding="utf-8"))
        return found
    import yaml

    loaded: Results = yaml.safe_load(path.read_text(encoding="utf-8"))
    return loaded


def merged(parts: list[Results]) -> Results:
    """Several runs as one, such as one a layer. The first tells of the machine and the versions."""
    whole = parts[0]
    for part in parts[1:]:
        for key in ("benchmarks", "figures", "missing"):
            whole[key] |= part[key]
        whole["environment"]["versions"] |= part["environment"]["versions"]
        whole["wrong"] += part["wrong"]
        whole["plan"] = part["plan"]
    order = [benchmark.name for benchmark in benchmarks()]
    whole["benchmarks"] = dict(sorted(whole["benchmarks"].items(), key=lambda item: order.index(item[0])))
    return whole


def main(arguments: list[str]) -> int:
    """Measure everything, or take what was measured, and write the report."""
    parser = argparse.ArgumentParser(prog="python -m bench report", description=__doc__)
    parser.add_argument(
        "--from", dest="sources", type=Path, nargs="+", metavar="FILE", help="take these runs; do not measure"
    )
    parser.add_argument("--quick", action="store_true", help="one run each: to try it out")
    parser.add_argument("--tier", default="jit,auto,interp", help="wasmine's tiers")
    parser.add_argument("--rounds", type=int)
    given = parser.parse_args(arguments)
    if given.sources:
        results = merged([read(path) for path in given.sources])
    else:
        results = run(Options(quick=given.quick, rounds=given.rounds, tiers=given.tier.split(",")))
    if results["wrong"]:
        print("no report: a result was wrong")
        return 1
    write(results)
    return 0
