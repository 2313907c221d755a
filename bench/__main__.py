"""The command line of the benchmarks."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Sequence
from pathlib import Path

from bench.catalogue import benchmarks, layers

COMMANDS = """\
commands:
  (none)                      measure: benchmarks in steady state, and figures
  peers [--install]           which peers there are; install those that come by package name
  expect [NAME ...]           find out anew what results must be
  record --id X --reason "…"  measure, and append the outcome to bench/history.yaml
  report [--from FILE]        measure all, and write docs/performance.md with its charts
  guard BASE                  compare this tree with a commit; fails where it is slower

examples:
  python -m bench --layer c --quick
  python -m bench fib json --peers wasmtime
  python -m bench 'simd/*' --tier jit,interp --peers node,bun
  python -m bench --layer host
"""


def parser() -> argparse.ArgumentParser:
    """What measuring takes."""
    made = argparse.ArgumentParser(
        prog="python -m bench",
        description="Measures wasmine beside its peers, in one run and in turn.",
        epilog=COMMANDS,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    made.add_argument("names", nargs="*", metavar="NAME", help="benchmarks or figures, by name or pattern")
    made.add_argument("--only", action="append", default=[], metavar="NAME", help="the same")
    made.add_argument("--layer", action="append", default=[], choices=[*layers(), "host"], help="one layer")
    made.add_argument("--quick", action="store_true", help="one run each, without warm-up")
    made.add_argument("--rounds", type=int, metavar="N", help="rounds that are timed")
    made.add_argument("--warmup", type=int, metavar="N", help="runs before")
    made.add_argument(
        "--clock",
        choices=["wall", "cpu"],
        help="default: wall; cpu, processor time, while the machine is busy",
    )
    made.add_argument(
        "--peers", metavar="A,B", help="these peers only; 'none' for none; default: all there are"
    )
    made.add_argument(
        "--tier", default="jit", metavar="TIER", help="wasmine's: interp, jit, auto, or several with commas"
    )
    made.add_argument(
        "--json", metavar="FILE", help="write what was measured to a file; - for standard output"
    )
    made.add_argument("--list", action="store_true", help="name the benchmarks and figures")
    return made


def show_list() -> int:
    from bench.figures import FIGURES

    for benchmark in benchmarks():
        print(f"{benchmark.name:<20} {layers()[benchmark.layer]:<24} {benchmark.about}")
    for name, figure in FIGURES.items():
        print(f"{name:<20} {'host':<24} {figure.about}")
    return 0


def measure(arguments: Sequence[str]) -> int:
    from bench.run import Options, run

    given = parser().parse_args(arguments)
    if given.list:
        return show_list()
    options = Options(
        patterns=[*given.names, *given.only],
        layers=given.layer,
        quick=given.quick,
        rounds=given.rounds,
        warmup=given.warmup,
        clock=given.clock,
        peers=None if given.peers is None else [p for p in given.peers.split(",") if p != "none"],
        tiers=given.tier.split(","),
        quiet=given.json == "-",
    )
    results = run(options)
    if given.json == "-":
        json.dump(results, sys.stdout, indent=1)
    elif given.json:
        Path(given.json).write_text(json.dumps(results, indent=1), encoding="utf-8")
    return 1 if results["wrong"] else 0


def main(arguments: list[str]) -> int:
    """Dispatch to a command."""
    command, rest = (arguments[0], arguments[1:]) if arguments else ("", [])
    if command == "peers":
        from bench.install import main as peers

        return peers(rest)
    if command == "expect":
        from bench.expect import main as expect

        return expect(rest)
    if command == "record":
        from bench.history import main as record

        return record(rest)
    if command == "report":
        from bench.report import main as report

        return report(rest)
    if command == "guard":
        from bench.guard import main as guard

        return guard(rest)
    return measure(arguments)


if __name__ == "__main__":
    try:
        sys.exit(main(sys.argv[1:]))
    except KeyboardInterrupt:
        sys.exit(130)
