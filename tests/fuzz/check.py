"""What is asked of one program: that each way of running it on wasmine leaves the trace that wasmtime leaves."""

from __future__ import annotations

import itertools
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import binaryen
import generate
import validity
from engines import Endless, Trace, peer_accepts, run_ours, run_peer
from generate import Call, Program

# Names of what a campaign can be made of; each makes a program of a seed.
SOURCES: dict[str, Callable[[int], Program]] = {
    "own": generate.generate,
    "binaryen": binaryen.generate,
    "mutants": validity.generate,
}


def missing(source: str) -> str | None:
    """Why a source cannot be used here, or None."""
    return binaryen.missing() if source == "binaryen" else None


def examine(program: Program) -> str | None:
    """What is wrong with a run of the program, in words; None when nothing is."""
    for number, binary in enumerate(program.modules):
        wrong = validity.disagreement(binary)
        if wrong:
            return f"module {number}: {wrong}"
        if not peer_accepts(binary):
            return None
    try:
        expected = run_peer(program)
    except Endless:
        return None
    for fuel, guard in ((False, True), (True, False), (True, True)):
        trace, used = run_ours(program, fuel=fuel, guard=guard)
        how = f"with fuel={fuel}, guard={guard}"
        difference = first_difference(expected, trace)
        if difference:
            return f"{how}: {difference}"
        if fuel and not guard:
            first_used = used
    # The same code, not lowered by its first calls, must cost the same.
    return None if used == first_used else f"fuel used: {first_used} without guard, {used} with it"


def first_difference(expected: Trace, trace: Trace) -> str | None:
    for theirs, ours in itertools.zip_longest(expected, trace):
        if theirs != ours:
            return f"wasmtime {theirs}, wasmine {ours}"
    return None


def save(program: Program, folder: Path) -> None:
    """Writes a program so that `load` finds it again."""
    folder.mkdir(parents=True, exist_ok=True)
    for number, binary in enumerate(program.modules):
        (folder / f"{number}.wasm").write_bytes(binary)
    rest: dict[str, Any] = {
        "modules": len(program.modules),
        "calls": [[one.module, one.name, one.args] for one in program.calls],
        "memories": program.memories,
    }
    (folder / "program.json").write_text(json.dumps(rest) + "\n")


def load(folder: Path) -> Program:
    """Reads a program that `save` wrote."""
    rest = json.loads((folder / "program.json").read_text())
    return Program(
        [(folder / f"{number}.wasm").read_bytes() for number in range(rest["modules"])],
        [Call(*one) for one in rest["calls"]],
        [(index, name) for index, name in rest["memories"]],
    )
