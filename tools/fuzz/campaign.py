"""Campaigns: programs of many seeds run in child processes, and what is found is made smaller and kept."""

from __future__ import annotations

import contextlib
import itertools
import os
import queue
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from fuzz.check import SOURCES
from fuzz.child import ENGINE, SEED, WRONG
from fuzz.program import Program, load, save

BATCH = 50
HANG = 60.0
"""Seconds of processor time that a child uses without a word, after which it counts as one that hangs."""
WAIT = 600.0
"""Seconds without a word, after which it does so whatever it used: it may wait for something."""
LOOK = 5.0
REDUCE_SECONDS = 300.0


@dataclass(frozen=True)
class Options:
    """What a campaign is to do."""

    source: str
    engines: tuple[str, ...]
    first: int
    stop: int | None
    """The seed to end before; None goes on."""
    seconds: float | None
    jobs: int
    most: int
    """Findings after which to end."""
    folder: Path
    reduces: bool


class Child:
    """A process that examines programs. With `with`, it has ended behind that."""

    def __init__(self, *args: str) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-X", "faulthandler", str(Path(__file__).parent), *args],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            errors="replace",
        )
        self.engine = "the start"
        self.is_silent = False
        self.errors = ""
        self.said: queue.Queue[str | None] = queue.Queue()
        self.readers = [
            threading.Thread(target=read, daemon=True) for read in (self.read_lines, self.read_errors)
        ]
        for reader in self.readers:
            reader.start()

    def __enter__(self) -> Child:
        return self

    def __exit__(self, *_: object) -> None:
        self.process.kill()
        self.wait()

    def wait(self) -> int:
        """The exit code, when it has ended and all is read."""
        code = self.process.wait()
        for reader in self.readers:
            reader.join()
        return code

    def read_lines(self) -> None:
        assert self.process.stdout is not None
        with self.process.stdout as stream:
            for line in stream:
                self.said.put(line.rstrip("\n"))
        self.said.put(None)

    def read_errors(self) -> None:
        assert self.process.stderr is not None
        with self.process.stderr as stream:
            self.errors = stream.read()

    def lines(self) -> Iterator[str]:
        """What it prints, until it ends or has been silent for too long."""
        spoke, used = time.monotonic(), self.processor_time()
        while True:
            try:
                line = self.said.get(timeout=LOOK)
            except queue.Empty:
                if self.processor_time() - used < HANG and time.monotonic() - spoke < WAIT:
                    continue
                self.is_silent = True
                self.process.kill()
                return
            if line is None:
                return
            spoke, used = time.monotonic(), self.processor_time()
            if line.startswith(ENGINE):
                self.engine = line[len(ENGINE) :]
            yield line

    def processor_time(self) -> float:
        """Seconds of all its threads, so that a busy machine makes no child look hung; 0 when ended."""
        try:
            stat = Path(f"/proc/{self.process.pid}/stat").read_text(errors="replace")
        except OSError:
            return 0.0
        user, system = stat.rpartition(")")[2].split()[11:13]
        return (int(user) + int(system)) / os.sysconf("SC_CLK_TCK")

    def bad_end(self) -> str | None:
        """How it ended, if badly, in the engine that was the last to begin."""
        code = self.wait()
        if self.is_silent:
            return (
                f"{self.engine}: hangs: {HANG:.0f} s of processor time or {WAIT:.0f} s in all without a word"
            )
        return f"{self.engine}: exit {code}: {self.errors[:1000].strip()}" if code else None


class Campaign:
    """Runs seeds of one source in some children at a time."""

    def __init__(self, options: Options) -> None:
        self.options = options
        self.lock = threading.Lock()
        self.done = 0
        self.findings = 0
        self.end = float("inf") if options.seconds is None else time.monotonic() + options.seconds
        first, stop = options.first, options.stop
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
        rate = self.done / max(seconds, 0.001)
        print(
            f"{self.options.source}: {self.done} programs in {seconds:.0f} s ({rate:.1f} a second), "
            f"{self.findings} findings"
        )
        return self.findings

    def worker(self) -> None:
        while not self.is_over():
            with self.lock:
                start = next(self.starts, None)
            if start is None:
                return
            stop = start + BATCH
            if self.options.stop is not None:
                stop = min(stop, self.options.stop)
            while start < stop:
                start = self.batch(start, stop)

    def is_over(self) -> bool:
        return time.monotonic() > self.end or self.findings >= self.options.most

    def batch(self, start: int, stop: int) -> int:
        """Runs a child over seeds; the seed to go on with, behind one that killed it."""
        seed = -1
        with self.child("--work", f"{start}:{stop}", "--source", self.options.source) as child:
            for line in child.lines():
                if line.startswith(SEED):
                    seed = int(line[len(SEED) :])
                    if self.is_over():
                        return stop
                    with self.lock:
                        self.done += 1
                elif line.startswith(WRONG):
                    self.found(seed, line[len(WRONG) :])
            wrong = child.bad_end()
        if wrong is None:
            return stop
        if seed < 0:
            print(f"no child can be started: {wrong}", flush=True)
            self.findings = self.options.most
            return stop
        self.found(seed, wrong)
        return stop if self.is_over() else seed + 1

    def child(self, *args: str) -> Child:
        return Child(*args, "--engines", ",".join(self.options.engines))

    # --- findings

    def found(self, seed: int, wrong: str) -> None:
        """Keeps the program of a seed, and makes it smaller."""
        with self.lock:
            self.findings += 1
        name = f"{self.options.source}-{seed}"
        print(f"{name}: {wrong}", flush=True)
        folder = self.options.folder / name
        program = SOURCES[self.options.source](seed)
        save(program, folder)
        (folder / "finding.txt").write_text(wrong + "\n")
        if self.options.reduces:
            program = self.smaller(folder)
        print(f"{name}: {sum(map(len, program.modules))} bytes in {folder}; to see it again:")
        print(f"    python -m tools.fuzz --replay {folder}", flush=True)

    def smaller(self, folder: Path) -> Program:
        """The program of the folder made smaller, as far as the time goes that there is for it."""
        with self.child("--reduce", str(folder)) as child, contextlib.suppress(subprocess.TimeoutExpired):
            child.process.wait(REDUCE_SECONDS)
        return load(folder)
