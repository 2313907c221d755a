"""The modules of the official test suite: valid ones are accepted, other ones rejected with their reason."""

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from wasmine.spec.errors import InvalidError, MalformedError, ModuleError
from wasmine.text import TextError, parse_script
from wasmine.text.commands import (
    AssertInvalid,
    AssertMalformed,
    AssertTrap,
    AssertUnlinkable,
    Command,
    Module,
    ModuleSource,
)

ROOT = Path(os.environ.get("WASMINE_TESTSUITE", Path(__file__).resolve().parents[4] / "shared/testsuite"))
EXCLUDED = "proposals/custom-descriptors"  # no part of WebAssembly 3.0

# The threads proposal is written against a standard without several memories and tables.
VALID_BY_NOW = {
    ("proposals/threads/imports.wast", "multiple tables"),
    ("proposals/threads/imports.wast", "multiple memories"),
    ("proposals/threads/memory.wast", "multiple memories"),
}
INVALID_BY_NOW = {("proposals/threads/memory.wast", "i32 constant out of range")}


SCRIPTS = sorted(path.relative_to(ROOT).as_posix() for path in ROOT.rglob("*.wast"))
MISSING = pytest.param(
    "", marks=pytest.mark.skip("the official test suite is not there: set WASMINE_TESTSUITE")
)


def module_of(command: Command) -> ModuleSource | None:
    """The module that a command is about, if there is one."""
    if isinstance(command, Module | AssertInvalid | AssertMalformed | AssertUnlinkable):
        return command.module
    if isinstance(command, AssertTrap) and isinstance(command.action, ModuleSource):
        return command.action
    return None


@pytest.mark.slow
@pytest.mark.parametrize(
    "script", [script for script in SCRIPTS if not script.startswith(EXCLUDED)] or [MISSING]
)
def test_script(script: str, outcome: Callable[[bytes], ModuleError | None]) -> None:
    for command in parse_script((ROOT / script).read_bytes(), script):
        source = module_of(command)
        if source is None:
            continue
        place = f"{script}:{command.line}"
        try:
            error = outcome(source.encode())
        except TextError:
            assert isinstance(command, AssertInvalid | AssertMalformed), place
        else:
            if isinstance(command, AssertInvalid | AssertMalformed):
                check_reason(script, command, error)
            else:
                assert error is None, place


def check_reason(script: str, command: AssertInvalid | AssertMalformed, error: ModuleError | None) -> None:
    place = f"{script}:{command.line}"
    key = (script, command.message)
    if command.custom:
        return  # the contents of custom sections are read by who wants them
    if key in VALID_BY_NOW:
        assert error is None, place
    elif key in INVALID_BY_NOW:
        assert isinstance(error, InvalidError), place
    else:
        assert isinstance(error, MalformedError if isinstance(command, AssertMalformed) else InvalidError), (
            place
        )
        assert error.text.startswith(command.message.partition(":")[0]), place
