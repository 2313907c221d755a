"""What is asked of a program: that each engine of wasmine leaves the trace that wasmtime leaves."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from fuzz import binaryen, dispatch, generate, mutants
from fuzz.ours import ENGINES, run_ours
from fuzz.peer import peer_accepts, run_peer
from fuzz.program import Program
from fuzz.trace import Endless, first_difference, meets_limit

FUEL = "fuel used"
"""How a finding begins that is about nothing else."""

# Each makes a program of a seed.
SOURCES: dict[str, Callable[[int], Program]] = {
    "own": generate.generate,
    "binaryen": binaryen.generate,
    "mutants": mutants.generate,
    "dispatch": dispatch.generate,
}


def missing(source: str) -> str | None:
    """Why a source cannot be used here, or None."""
    return binaryen.missing() if source == "binaryen" else None


def silent(engine: str) -> None:
    """Tells nobody which engine runs next."""


def examine(program: Program, engines: Iterable[str], begins: Callable[[str], None] = silent) -> str | None:
    """What is wrong with a run of the program, in words; None when nothing is.

    Args:
        program: what is run, first on wasmtime, then on each of wasmine's engines.
        engines: names in `ours.ENGINES`.
        begins: is told the name of each engine before it runs, so that it is known should it not come back.
    """
    begins("wasmine's validation")
    for number, binary in enumerate(program.modules):
        wrong = mutants.disagreement(binary)
        if wrong:
            return f"module {number}: {wrong}"
        if not peer_accepts(binary):
            return None
    first = "interp" if program.ours_alone else "wasmtime"
    begins(first)
    try:
        expected = run_ours(program, first)[0] if program.ours_alone else run_peer(program)
    except Endless:
        return None
    fuel_used: dict[str, int | None] = {}
    for name in engines:
        begins(name)
        trace, used = run_ours(program, name)
        difference = first_difference(expected, trace)
        if difference:
            return f"{name}: {first} {difference}"
        if ENGINES[name].get("fuel"):
            fuel_used[name] = used
    # How deep a call may go, and what it costs to get there, differs between tiers.
    if len(set(fuel_used.values())) < 2 or any(map(meets_limit, expected)):
        return None
    return f"{FUEL}: {fuel_used}"
