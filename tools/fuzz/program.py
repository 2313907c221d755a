"""Programs, and how they are kept."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import wasmine
from wasmine.text.printer import print_module

Value = int | float | str | None


@dataclass
class Call:
    """A call of an export of a module, by its number; a string among the arguments is a host value."""

    module: int
    name: str
    args: list[Value]


@dataclass
class Program:
    """What all engines run: modules, of which the second may import from the first, then calls in turn."""

    modules: list[bytes]
    calls: list[Call]
    memories: list[tuple[int, str]] = field(default_factory=list)
    """Exports to read when all is done."""
    ours_alone: bool = False
    """Whether wasmine's interpreter takes the place of wasmtime, which does some instructions otherwise."""


def save(program: Program, folder: Path) -> None:
    """Writes a program so that `load` finds it again."""
    folder.mkdir(parents=True, exist_ok=True)
    for number, binary in enumerate(program.modules):
        (folder / f"{number}.wasm").write_bytes(binary)
        (folder / f"{number}.wat").write_text(as_text(binary))
    rest: dict[str, Any] = {
        "modules": len(program.modules),
        "calls": [[one.module, one.name, one.args] for one in program.calls],
        "memories": program.memories,
        "ours_alone": program.ours_alone,
    }
    (folder / "program.json").write_text(json.dumps(rest) + "\n")


def load(folder: Path) -> Program:
    """Reads a program that `save` wrote."""
    rest = json.loads((folder / "program.json").read_text())
    return Program(
        [(folder / f"{number}.wasm").read_bytes() for number in range(rest["modules"])],
        [Call(*one) for one in rest["calls"]],
        [(index, name) for index, name in rest["memories"]],
        rest.get("ours_alone", False),
    )


def as_text(binary: bytes) -> str:
    """The text of a module, as far as it has one."""
    try:
        return print_module(binary)
    except wasmine.ModuleError as error:
        return f";; {error}\n"
