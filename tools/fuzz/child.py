"""What a child process does: it examines programs, and says line by line what it does and what was wrong."""

from __future__ import annotations

import multiprocessing
import os
from collections.abc import Sequence
from pathlib import Path

from fuzz.check import FUEL, SOURCES, examine
from fuzz.peer import peer_accepts
from fuzz.program import Program, load, save
from fuzz.reduce import reduce

WRONG, SEED, ENGINE = "wrong ", "seed ", "engine "
"""How lines begin; what follows is a message, a number, a name."""

FORK = multiprocessing.get_context("fork")
TRIAL_SECONDS = 30.0
RIGHT, DIFFERENT, FUEL_DIFFERS = 0, 9, 10
"""Exit codes of a trial; an exception gives 1."""


def say(word: str, what: object) -> None:
    print(f"{word}{what}", flush=True)


def work(source: str, start: int, stop: int, engines: Sequence[str]) -> None:
    """Examines the programs of seeds from `start` to before `stop`."""
    for seed in range(start, stop):
        say(SEED, seed)
        report(SOURCES[source](seed), engines)


def replay(folder: Path, engines: Sequence[str]) -> bool:
    """Examines one program that was saved; whether nothing was wrong."""
    return report(load(folder), engines)


def report(program: Program, engines: Sequence[str]) -> bool:
    wrong = examine(program, engines, lambda name: say(ENGINE, name))
    if wrong:
        say(WRONG, wrong.encode("unicode_escape").decode())
    return not wrong


def reduce_here(folder: Path, engines: Sequence[str]) -> None:
    """Makes a saved program smaller; the folder holds the smallest so far at any time.

    Each trial is a fork of this process, which itself runs nothing, so that a crash ends the trial alone.
    """
    program = load(folder)
    wanted = trial(program, engines)
    if wanted == RIGHT:
        print("it does not happen again, or takes an invalid module")
        return

    def fails(candidate: Program) -> bool:
        if trial(candidate, engines) != wanted:
            return False
        save(candidate, folder)
        return True

    save(reduce(program, fails), folder)


def trial(program: Program, engines: Sequence[str]) -> int | None:
    """RIGHT, or how it goes wrong: the exit code, negative for a signal, and None when it takes too long."""
    process = FORK.Process(target=attempt, args=(program, engines))
    process.start()
    process.join(TRIAL_SECONDS)
    if process.exitcode is None:
        process.kill()
        process.join()
        return None
    return process.exitcode


def attempt(program: Program, engines: Sequence[str]) -> None:
    valid = all(map(peer_accepts, program.modules))
    # Without the ends of objects: what they would do is no part of it.
    wrong = examine(program, engines) if valid else None
    # A program that gets smaller must go on to fail in the same way.
    os._exit(RIGHT if not wrong else FUEL_DIFFERS if wrong.startswith(FUEL) else DIFFERENT)
