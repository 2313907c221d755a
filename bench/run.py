"""One run of the benchmarks and figures that were asked for."""

from __future__ import annotations

import fnmatch
import json
import sys
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field

from bench import machine
from bench.catalogue import WORK, layers, select
from bench.display import Display, closing, display, failures, row_line
from bench.figures import FIGURES, Setting, figure_lines
from bench.peers import PEERS, WASMINE
from bench.peers.base import Runtime
from bench.results import Results
from bench.steady import FULL, QUICK, Plan, measure
from bench.workers import Failure, WrongResult


@dataclass
class Options:
    """What the command line asked for. `peers` None stands for all."""

    patterns: Sequence[str] = ()
    layers: Sequence[str] = ()
    quick: bool = False
    rounds: int | None = None
    peers: Sequence[str] | None = None
    tiers: Sequence[str] = field(default_factory=lambda: ["jit"])
    quiet: bool = False
    clock: str | None = None
    warmup: int | None = None

    def plan(self) -> Plan:
        """How often benchmarks run."""
        plan = QUICK if self.quick else FULL
        return Plan(
            plan.warmup if self.warmup is None else self.warmup,
            max(1, plan.rounds if self.rounds is None else self.rounds),
            self.clock or ("wall" if machine.is_quiet() else "cpu"),
        )


def find_runtimes(options: Options) -> tuple[list[Runtime], dict[str, str]]:
    """Those that were asked for and are there, and why the others are not."""
    known = {**{name.removeprefix("wasmine-"): runtime for name, runtime in WASMINE.items()}, **PEERS}
    wanted = [*options.tiers, *(PEERS if options.peers is None else options.peers)]
    if unknown := [name for name in wanted if name not in known]:
        sys.exit(f"no runtime named {', '.join(unknown)}; there are {', '.join(known)}")
    there, missing = [], {}
    for name in wanted:
        reason = known[name].missing()
        if reason is None:
            there.append(known[name])
        else:
            missing[known[name].name] = reason
    return there, missing


def select_figures(options: Options) -> list[str]:
    """The figures that were asked for."""
    if options.layers and "host" not in options.layers:
        return []
    return [
        name
        for name in FIGURES
        if not options.patterns or any(fnmatch.fnmatch(name, p) for p in options.patterns)
    ]


def run(options: Options) -> Results:
    """Measure. A wrong result is told and kept in `wrong`; the rest goes on."""
    runtimes, missing = find_runtimes(options)
    plan = options.plan()
    only_host = list(options.layers) == ["host"]
    chosen = [] if only_host else select(options.patterns, options.layers)
    figures = select_figures(options)
    if not chosen and not figures:
        sys.exit(f"nothing is named {', '.join(options.patterns)}; see --list")
    results: Results = {
        "environment": machine.describe(runtimes),
        "layers": layers(),
        "missing": missing,
        "plan": {**asdict(plan), "quick": options.quick},
        "benchmarks": {},
        "figures": {},
        "wrong": [],
    }
    with display(len(chosen) + len(figures), quiet=options.quiet) as shown:
        head(shown, results)
        steady = [runtime for runtime in runtimes if runtime.worker is not None and not runtime.slow]
        for benchmark in chosen:
            try:
                rows = measure(benchmark, steady, plan, shown.say)
            except WrongResult as wrong:
                results["wrong"].append(str(wrong))
                shown.line(f"{benchmark.name:<18} WRONG RESULT: {wrong}")
            else:
                entry = {"layer": benchmark.layer, "about": benchmark.about, "rows": rows}
                results["benchmarks"][benchmark.name] = entry
                for line in (row_line(benchmark.name, rows), *failures(rows)):
                    shown.line(line)
                keep(results)
            shown.advance()
        # What users get is the tier that decides by itself.
        users = WASMINE["wasmine-auto"]
        named = {runtime.name: runtime for runtime in runtimes}
        if users.missing() is None and options.tiers:
            named = {users.name: users} | named
        setting = Setting(named, quick=options.quick, busy=plan.clock == "cpu")
        for name in figures:
            shown.say(FIGURES[name].about)
            try:
                results["figures"][name] = FIGURES[name].measure(setting)
                for line in figure_lines(results["figures"][name]):
                    shown.line(line)
            except (Failure, WrongResult) as failure:
                results["wrong"].append(f"{name}: {failure}")
                shown.line(f"{name}: {failure}")
            shown.advance()
        keep(results)
        for line in closing(results, [f"wasmine-{tier}" for tier in options.tiers]):
            shown.line(line)
        for wrong_text in results["wrong"]:
            shown.line(f"FAILED: {wrong_text}")
    return results


def keep(results: Results) -> None:
    """Write what there is so far to build/bench/last.json, for `report --from` if the run is cut short."""
    WORK.mkdir(parents=True, exist_ok=True)
    (WORK / "last.json").write_text(json.dumps(results), encoding="utf-8")


def head(shown: Display, results: Results) -> None:
    """Say what is measured on, and who is not there."""
    environment = results["environment"]
    shown.line(
        f"{environment['cpu']}, {environment['cores']} cores, load {environment['load']}; "
        f"{environment['date']}; commit {environment['commit']}"
    )
    shown.line(", ".join(f"{name} {version}" for name, version in environment["versions"].items()))
    if results["plan"]["clock"] == "cpu":
        shown.line("the machine is busy: processor time is measured instead of time (--clock wall)")
    for name, reason in results["missing"].items():
        shown.line(f"without {name}: {reason}")
