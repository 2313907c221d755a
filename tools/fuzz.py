"""Differential fuzzing of wasmine against wasmtime.

    python tools/fuzz.py                          programs of our own generator, until interrupted
    python tools/fuzz.py --source binaryen --time 3600 --jobs 2
    python tools/fuzz.py --seeds 0:500            a fixed slice, as the tests run it
    python tools/fuzz.py --replay findings/own-832

Programs run in child processes: one that dies or hangs is a finding like one that gives a wrong result. Each
finding is made smaller, written to a folder with what replays it, and printed. The exit code is 1 when there were any.
"""

from __future__ import annotations

import argparse
import itertools
import os
import queue
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

ROOT = Path(__file__).resolve().parent.parent
sys.path[:0] = [str(ROOT / "tests" / "fuzz"), str(ROOT / "src")]

if TYPE_CHECKING:
    from generate import Program

BATCH = 50
HANG = 120.0  # seconds without a word from a child
REDUCE_SECONDS = 300.0


# --- in a child


def work(source: str, start: int, stop: int) -> None:
    """Examines programs; says of each that it begins, and what was wrong."""
    import check

    for seed in range(start, stop):
        print(f"seed {seed}", flush=True)
        wrong = check.examine(check.SOURCES[source](seed))
        if wrong:
            print(f"wrong {wrong!r}", flush=True)


def replay(folder: Path) -> None:
    """Examines one program that was saved."""
    import check

    wrong = check.examine(check.load(folder))
    print(f"wrong {wrong!r}" if wrong else "right", flush=True)


# --- in the parent


def child(*args: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-X", "faulthandler", __file__, *args],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        errors="replace",
    )


def lines(process: subprocess.Popen[str]) -> Iterator[str | None]:
    """What a child prints, line by line; None when it has been silent for too long."""
    found: queue.Queue[str | None] = queue.Queue()

    def read() -> None:
        assert process.stdout is not None
        for line in process.stdout:
            found.put(line.rstrip("\n"))
        found.put(None)

    threading.Thread(target=read, daemon=True).start()
    while True:
        try:
            line = found.get(timeout=HANG)
        except queue.Empty:
            process.kill()
            yield None
            return
        if line is None:
            return
        yield line


def end_of(process: subprocess.Popen[str], silent: bool) -> str | None:
    """How a child ended, if badly."""
    assert process.stderr is not None
    errors = process.stderr.read()
    code = process.wait()
    if silent:
        return f"hangs for {HANG:.0f} s"
    if code == 0:
        return None
    return f"exit {code}: {errors[-1000:]}"


class Campaign:
    """Runs seeds of one source in some children at a time."""

    def __init__(self, options: argparse.Namespace) -> None:
        self.options = options
        self.lock = threading.Lock()
        self.done = 0
        self.findings = 0
        self.end = time.monotonic() + options.time if options.time else float("inf")
        first, stop = options.seeds
        self.stop = stop
        self.starts = itertools.count(first, BATCH) if stop is None else iter(range(first, stop, BATCH))

    def run(self) -> int:
        """Until the seeds or the time are used up; the number of findings."""
        began = time.monotonic()
        workers = [threading.Thread(target=self.worker, daemon=True) for _ in range(self.options.jobs)]
        for worker in workers:
            worker.start()
        try:
            for worker in workers:
                worker.join()
        except KeyboardInterrupt:
            print("interrupted")
        seconds = time.monotonic() - began
        print(f"{self.options.source}: {self.done} programs in {seconds:.0f} s, {self.findings} findings")
        return self.findings

    def worker(self) -> None:
        while time.monotonic() < self.end and self.findings < self.options.most:
            with self.lock:
                start = next(self.starts, None)
            if start is None:
                return
            stop = start + BATCH if self.stop is None else min(start + BATCH, self.stop)
            while start < stop:
                start = self.batch(start, stop)

    def batch(self, start: int, stop: int) -> int:
        """Runs a child over seeds; the seed to go on with, behind one that killed it."""
        process = child("--work", self.options.source, f"{start}:{stop}")
        seed = -1
        silent = False
        for line in lines(process):
            if line is None:
                silent = True
            elif line.startswith("seed "):
                seed = int(line[5:])
                self.done += 1
                if time.monotonic() > self.end:
                    process.kill()
                    process.wait()
                    return stop
            elif line.startswith("wrong "):
                self.found(seed, line[6:])
        wrong = end_of(process, silent)
        if wrong is None:
            return stop
        if seed < 0:
            self.findings = self.options.most
            print(f"no child can be started: {wrong}", flush=True)
            return stop
        self.found(seed, wrong)
        return seed + 1

    def found(self, seed: int, wrong: str) -> None:
        import check

        self.findings += 1
        name = f"{self.options.source}-{seed}"
        print(f"{name}: {wrong}", flush=True)
        folder = Path(self.options.save, name)
        program = check.SOURCES[self.options.source](seed)
        check.save(program, folder)
        if self.options.reduce:
            program = smaller(program, folder)
            check.save(program, folder)
        print(f"{name}: {sum(map(len, program.modules))} bytes; to see it again:")
        print(f"    python tools/fuzz.py --replay {folder}", flush=True)


def smaller(program: Program, folder: Path) -> Program:
    """The program made smaller, as far as the time goes that there is for it."""
    import check
    import reduce

    kind = verdict(folder)
    if kind is None:
        print("    it does not happen again")
    elif not all(map(check.peer_accepts, program.modules)):
        pass  # it takes a valid module to be cut into pieces
    elif kind == "wrong":
        # The quick way: one child tries all candidates, and writes down what it has so far.
        process = child("--reduce", str(folder))
        try:
            process.communicate(timeout=REDUCE_SECONDS)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
        return check.load(folder)
    else:
        end = time.monotonic() + REDUCE_SECONDS

        def fails(candidate: Program) -> bool:
            if time.monotonic() > end or not all(map(check.peer_accepts, candidate.modules)):
                return False
            check.save(candidate, folder / "trial")
            return verdict(folder / "trial") == kind

        return reduce.reduce(program, fails)
    return program


def reduce_here(folder: Path) -> None:
    """Makes a saved program smaller in this process."""
    import check
    import reduce

    program = check.load(folder)

    def fails(candidate: Program) -> bool:
        if not all(map(check.peer_accepts, candidate.modules)) or check.examine(candidate) is None:
            return False
        check.save(candidate, folder)
        return True

    check.save(reduce.reduce(program, fails), folder)


def verdict(folder: Path) -> str | None:
    """The kind of failure of a saved program, seen in a child of its own; None when there is none."""
    process = child("--replay", str(folder))
    try:
        out, _ = process.communicate(timeout=HANG)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
        return "hangs"
    if process.returncode != 0:
        return f"exit {process.returncode}"
    return "wrong" if out.startswith("wrong ") else None


def seed_range(text: str) -> tuple[int, int | None]:
    first, _, stop = text.partition(":")
    return int(first or 0), int(stop) if stop else None


def arguments() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--source", default="own", help="own, binaryen or mutants (default: own)")
    parser.add_argument("--seeds", type=seed_range, default=None, help="FIRST:STOP; without STOP for ever")
    parser.add_argument("--time", type=float, default=0.0, help="seconds to run")
    parser.add_argument("--jobs", type=int, default=os.cpu_count() or 1, help="children at a time")
    parser.add_argument("--most", type=int, default=20, help="findings after which to stop (default: 20)")
    parser.add_argument("--save", default="findings", help="folder for what is found (default: findings)")
    parser.add_argument("--no-reduce", dest="reduce", action="store_false", help="leave findings as they are")
    parser.add_argument("--replay", type=Path, help="run one finding again")
    parser.add_argument("--reduce", dest="reduce_folder", type=Path, help="make one finding smaller")
    parser.add_argument("--work", nargs=2, metavar=("SOURCE", "SEEDS"), help=argparse.SUPPRESS)
    return parser


def main() -> int:
    options = arguments().parse_args()
    if options.work:
        first, stop = seed_range(options.work[1])
        work(options.work[0], first, stop or first)
        return 0
    if options.replay:
        replay(options.replay)
        return 0
    if options.reduce_folder:
        reduce_here(options.reduce_folder)
        return 0
    import check

    if options.seeds is None:
        options.seeds = (time.time_ns() // 1_000_000 * 1000 % 10**15, None)
        print(f"seeds from {options.seeds[0]} on")
    lacking = check.missing(options.source)
    if lacking:
        print(f"skipped: {lacking}")
        return 0
    return min(Campaign(options).run(), 1)


if __name__ == "__main__":
    sys.exit(main())
