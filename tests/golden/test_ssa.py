"""SSA before and after passes, in files that people can read.

A file `NAME.ssa` starts with comments: what it shows, and `; run: PASS...`. Then SSA, a line `; ----`, and
what the passes make of it. In `NAME.wat` the first part is a module, and `;; run: INDEX PASS...` names the
function that is built. `REGENERATE=1 pytest tests/golden` writes the second parts anew: look at the
difference before you keep it.
"""

import os
import re
from pathlib import Path

import pytest

from wasmine.binary.decode import decode
from wasmine.jit.ssa.debug import Ssa, build_func, parse
from wasmine.runtime.code import ModuleCodeCore
from wasmine.spec.types import TypeRegistry
from wasmine.text import parse_module
from wasmine.validate.validator import validate

FILES = sorted(Path(__file__).with_name("ssa").glob("*.*"))


def start(path: Path, source: str) -> tuple[Ssa, list[str]]:
    """The function that a file starts with, and the passes to run."""
    run = re.search(r"^;+ run: *(.*)$", source, re.MULTILINE)
    assert run is not None, f"{path.name} does not say what to run"
    words = run[1].split()
    if path.suffix == ".ssa":
        return parse(source), words
    data = decode(parse_module(source), TypeRegistry())
    validate(data)
    return build_func(
        ModuleCodeCore(data), int(words[0]), guarded=0 if "unguarded" in path.stem else 1
    ), words[1:]


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_golden(path: Path) -> None:
    ruler = "; ----\n" if path.suffix == ".ssa" else ";; ----\n"
    source, _, expected = path.read_text(encoding="utf-8").partition(ruler)
    func, passes = start(path, source)
    assert func.fault() is None
    for name in passes:
        func.run(name)
        assert func.fault() is None, f"after {name}: {func.fault()}\n{func}"
    text = str(func)
    assert str(parse(text)) == text
    if os.environ.get("REGENERATE"):
        path.write_text(f"{source.rstrip()}\n{ruler}{text}", encoding="utf-8")
        return
    assert text == expected


def test_there_are_files() -> None:
    assert len(FILES) > 10
