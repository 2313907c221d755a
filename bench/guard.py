"""`python -m bench guard BASE`: does this tree run slower than that commit?

Both are built and measured on the same machine, in turn. What is timed is processor time of the thread that
runs, so that a machine with other work to do gives a verdict as well. A case fails when the best time here
is more than 20 % above the best time there, beyond the noise: how far the best quarter of either's times
lies apart.
"""

from __future__ import annotations

import argparse
import filecmp
import io
import os
import shutil
import signal
import subprocess
import sys
import tarfile
import time
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from bench.catalogue import ROOT, WORK, Benchmark, Job, Size, benchmarks
from bench.display import format_time
from bench.peers import WASMINE
from bench.workers import NOTHING, Failure, Worker

BASE = WORK / "guard" / "base"
ALLOWED = 0.20
ROUNDS = 5
"""Rounds before a verdict; up to three times as many where this tree seems slower."""
BUILD_BUDGET = 200.0
"""Seconds that building both trees may take; beyond there is no verdict."""
BUDGET = 80.0
"""Seconds after which no further rounds begin."""


@dataclass(frozen=True)
class Case:
    """Something to time: seconds of one run, and a result that both trees must agree on."""

    name: str
    tier: str
    job: Callable[[], Job]
    times: int = 1
    fresh: bool = False


def sized(name: str, size: Size) -> Callable[[], Job]:
    """A benchmark's job."""

    def job() -> Job:
        found: Benchmark = next(b for b in benchmarks() if b.name == name)
        return found.job(size)

    return job


CASES = (
    Case("call from Python", "jit", lambda: NOTHING, times=200_000),
    Case("fib(35), compiled", "jit", sized("wat/fib", "full")),
    Case("JSON in C, compiled", "jit", sized("c/json", "full"), times=8),
    Case("SIMD blend, compiled", "jit", sized("simd/blend", "full")),
    Case("Lua, interpreted", "interp", sized("real/lua", "check"), times=5),
    Case("SQLite, loaded to first result", "interp", sized("real/sqlite", "check"), fresh=True),
)


@dataclass
class Side:
    """One of the two trees: its process for a case, and what it took."""

    name: str
    worker: Worker
    case: Case
    times: list[float] = field(default_factory=list)

    def begin(self) -> None:
        if not self.case.fresh:
            self.worker.open(self.case.job())
        self.once()
        self.times.clear()

    def once(self) -> Any:
        if self.case.fresh:
            answer = self.worker.fresh(self.case.job(), clock="cpu")
            self.times.append(float(answer["seconds"]))
            return answer["result"]
        seconds, result = self.worker.run(self.case.times, clock="cpu")
        self.times.append(seconds)
        return result

    @property
    def noise(self) -> float:
        """How far the best quarter of the times lies apart."""
        return sorted(self.times)[len(self.times) // 4] / min(self.times) - 1


@dataclass(frozen=True)
class Outcome:
    """A case's verdict."""

    name: str
    base: float
    head: float
    noise: float

    @property
    def slower(self) -> float:
        return self.head / self.base - 1

    @property
    def failed(self) -> bool:
        return self.slower > ALLOWED + self.noise

    def __str__(self) -> str:
        word = "FAILED" if self.failed else "ok"
        return (
            f"{self.name:<32} {format_time(self.base):>9} -> {format_time(self.head):>9}  "
            f"{self.slower:+7.1%}  noise {self.noise:5.1%}  {word}"
        )


def judge(base: Side, head: Side) -> Outcome:
    return Outcome(base.case.name, min(base.times), min(head.times), max(base.noise, head.noise))


def compare(case: Case, trees: dict[str, Path], deadline: float) -> Outcome | str:
    """Time a case on both trees in turn; the reason where the base cannot do it."""
    runtime = WASMINE[f"wasmine-{case.tier}"]
    with ExitStack() as stack:
        sides = []
        for name, tree in trees.items():
            path = os.pathsep.join((str(tree / "src"), str(ROOT)))
            side = Side(name, stack.enter_context(Worker(runtime, PYTHONPATH=path)), case)
            try:
                side.begin()
            except Failure as failure:
                if name == "base":
                    return f"{case.name:<32} not compared: {name}: {failure}"
                raise
            sides.append(side)
        base, head = sides
        for number in range(3 * ROUNDS):
            turn = sides if number % 2 == 0 else sides[::-1]
            results = [side.once() for side in turn]
            if results[0] != results[1]:
                raise Failure(f"{case.name}: the results differ: {results}")
            enough = judge(base, head).slower <= ALLOWED or time.monotonic() > deadline
            if number + 1 >= ROUNDS and enough:
                break
        return judge(base, head)


def git(*arguments: str) -> bytes:
    """What git answers. Raises `Failure`."""
    done = subprocess.run(["git", *arguments], cwd=ROOT, capture_output=True, check=False)
    if done.returncode:
        raise Failure(f"git {' '.join(arguments)}: {done.stderr.decode(errors='replace').strip()}")
    return done.stdout


def check_out(commit: str) -> None:
    """Have a commit's files in BASE, and beside them what this tree was built to.

    A file that is the same in both gets this tree's time. What it was built to is then up to date, as if the
    others had just been edited.
    """
    shutil.rmtree(BASE, ignore_errors=True)
    BASE.mkdir(parents=True)
    with tarfile.open(fileobj=io.BytesIO(git("archive", "--format=tar", commit))) as archive:
        archive.extractall(BASE, filter="data")
    if not filecmp.cmp(ROOT / "setup.py", BASE / "setup.py", shallow=False):
        return
    now = time.time()
    for file in (BASE / "setup.py", *(path for path in (BASE / "src").rglob("*") if path.is_file())):
        here = ROOT / file.relative_to(BASE)
        if here.is_file() and filecmp.cmp(here, file, shallow=False):
            shutil.copystat(here, file)
        else:
            os.utime(file, (now, now))
    for built in (ROOT / "build").iterdir():
        if built.name == "cython" or built.name.startswith(("temp.", "lib.")):
            shutil.copytree(built, BASE / "build" / built.name)
    for library in (ROOT / "src").rglob("*.so"):
        shutil.copy2(library, BASE / library.relative_to(ROOT))


def build(tree: Path, seconds: float) -> str | None:
    """Build a tree in place; what is up to date is not built again. Says why that failed."""
    environment = dict(os.environ)
    if "CC" not in environment and shutil.which("ccache"):
        environment["CC"] = "ccache cc"
    process = subprocess.Popen(
        [sys.executable, "setup.py", "-q", "build_ext", "--inplace"],
        cwd=tree,
        env=environment,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    try:
        _, errors = process.communicate(timeout=max(seconds, 1))
    except subprocess.TimeoutExpired:
        os.killpg(process.pid, signal.SIGKILL)
        process.communicate()
        return f"not built within {seconds:.0f} s"
    return None if process.returncode == 0 else f"cannot be built: {errors[-2000:]}"


def main(arguments: list[str]) -> int:
    """Build both, compare, and say what came out. 1 if something is slower."""
    parser = argparse.ArgumentParser(prog="python -m bench guard", description=__doc__)
    parser.add_argument("base", help="the commit to compare with")
    given = parser.parse_args(arguments)
    started = time.monotonic()
    commit = git("rev-parse", "--verify", f"{given.base}^{{commit}}").decode().strip()
    if trouble := build(ROOT, BUILD_BUDGET):
        print(f"guard: this tree: {trouble}")
        return 1
    check_out(commit)
    if trouble := build(BASE, BUILD_BUDGET - (time.monotonic() - started)):
        # Not the fault of what is to be judged.
        print(f"guard: no verdict: {commit[:12]}: {trouble}")
        return 0
    trees = {"base": BASE, "head": ROOT}
    print(f"guard: built {commit[:12]} and this tree in {time.monotonic() - started:.0f} s", flush=True)
    deadline = time.monotonic() + BUDGET
    failed = 0
    for case in CASES:
        outcome = compare(case, trees, deadline)
        print(outcome, flush=True)
        failed += isinstance(outcome, Outcome) and outcome.failed
    verdict = "slower" if failed else "not slower"
    print(f"guard: {verdict} than {commit[:12]}; {time.monotonic() - started:.0f} s")
    return 1 if failed else 0
