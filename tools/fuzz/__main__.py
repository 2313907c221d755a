"""Holds wasmine against wasmtime with programs made from seeds.

python -m tools.fuzz                                    until interrupted
python -m tools.fuzz --minutes 60 --jobs 2 --engines interp,jit,jit-fuel
python -m tools.fuzz --source binaryen --seed 1000 --count 500
python -m tools.fuzz --replay findings/own-832

Programs run in child processes: one that dies or hangs is a finding like one that gives a wrong result.
Each finding is made smaller, and kept in a folder with its text. The exit code is 1 when there were any.
"""

from __future__ import annotations

import argparse
import os
import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "src"))
sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from fuzz import child
from fuzz.campaign import Campaign, Options
from fuzz.check import SOURCES, missing
from fuzz.ours import DEFAULT, ENGINES


def engine_names(text: str) -> tuple[str, ...]:
    names = tuple(text.split(","))
    unknown = [name for name in names if name not in ENGINES]
    if unknown:
        raise argparse.ArgumentTypeError(f"no engine is called {unknown[0]}; there are {', '.join(ENGINES)}")
    return names


def seed_range(text: str) -> tuple[int, int]:
    first, _, stop = text.partition(":")
    return int(first), int(stop)


def arguments() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m tools.fuzz",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument(
        "--source", default="own", choices=SOURCES, help="what makes the programs (default: own)"
    )
    parser.add_argument(
        "--engines",
        type=engine_names,
        default=DEFAULT,
        metavar="NAME,...",
        help=f"engines of wasmine, of {', '.join(ENGINES)} (default: {','.join(DEFAULT)})",
    )
    parser.add_argument("--seed", type=int, help="the first seed (default: of the clock)")
    parser.add_argument("--count", type=int, help="programs to run (default: no end)")
    parser.add_argument("--minutes", type=float, help="how long to run (default: no end)")
    parser.add_argument("--jobs", type=int, default=os.cpu_count() or 1, help="children at a time")
    parser.add_argument("--most", type=int, default=20, help="findings after which to stop (default: 20)")
    parser.add_argument(
        "--save", type=Path, default=Path("findings"), help="folder for what is found (default: findings)"
    )
    parser.add_argument(
        "--no-reduce", dest="reduces", action="store_false", help="leave findings as they are"
    )
    parser.add_argument("--replay", type=Path, metavar="FOLDER", help="run one finding again")
    parser.add_argument("--reduce", type=Path, metavar="FOLDER", help="make one finding smaller")
    parser.add_argument("--work", type=seed_range, help=argparse.SUPPRESS)
    return parser


def main() -> int:
    options = arguments().parse_args()
    if options.work:
        first, stop = options.work
        child.work(options.source, first, stop, options.engines)
        return 0
    if options.replay:
        return 0 if child.replay(options.replay, options.engines) else 1
    if options.reduce:
        child.reduce_here(options.reduce, options.engines)
        return 0
    lacking = missing(options.source)
    if lacking:
        print(f"skipped: {lacking}")
        return 0
    first = options.seed
    if first is None:
        first = time.time_ns() // 1_000_000 * 1000 % 10**15
        print(f"seeds from {first} on")
    campaign = Campaign(
        Options(
            source=options.source,
            engines=options.engines,
            first=first,
            stop=None if options.count is None else first + options.count,
            seconds=None if options.minutes is None else 60 * options.minutes,
            jobs=options.jobs,
            most=options.most,
            folder=options.save,
            reduces=options.reduces,
        )
    )
    return min(campaign.run(), 1)


if __name__ == "__main__":
    sys.exit(main())
