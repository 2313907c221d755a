"""What a child process does: it examines programs, and says line by line what it does and what was wrong."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from fuzz.check import SOURCES, examine
from fuzz.peer import peer_accepts
from fuzz.program import Program, load, save
from fuzz.reduce import reduce

WRONG, SEED, ENGINE = "wrong ", "seed ", "engine "
"""How lines begin; what follows is a message, a number, a name."""


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
    """Makes a saved program smaller in this process; the folder holds the smallest so far at any time."""

    def fails(candidate: Program) -> bool:
        if not all(map(peer_accepts, candidate.modules)) or examine(candidate, engines) is None:
            return False
        save(candidate, folder)
        return True

    save(reduce(load(folder), fails), folder)
