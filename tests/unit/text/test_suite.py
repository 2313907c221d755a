"""The official suite, as far as text alone can judge it."""

import os
from pathlib import Path

import pytest

from wasmine.text import TextError, parse_script
from wasmine.text.commands import AssertInvalid, AssertMalformed, Command, ModuleSource

SUITE = Path(os.environ.get("WASMINE_TESTSUITE", Path(__file__).parents[4] / "shared/testsuite"))
SCRIPTS = sorted(path for path in SUITE.rglob("*.wast") if "custom-descriptors" not in path.parts)

if not SCRIPTS:
    pytest.skip(f"the official suite is not in {SUITE}; set WASMINE_TESTSUITE", allow_module_level=True)

# Malformed for the first version of the standard, which that proposal has not left; since, it is invalid.
SINCE_WELL_FORMED = {("memory.wast", "i32 constant out of range")}


def modules(command: Command) -> list[ModuleSource]:
    candidates = (getattr(command, "module", None), getattr(command, "action", None))
    return [candidate for candidate in candidates if isinstance(candidate, ModuleSource)]


def check_malformed(command: AssertMalformed, path: Path) -> None:
    if command.module.form == "binary" or (path.name, command.message) in SINCE_WELL_FORMED:
        return
    with pytest.raises(TextError) as error:
        command.module.encode()
    assert error.value.message.startswith(command.message), f"line {command.line}"


@pytest.mark.slow
@pytest.mark.parametrize("path", SCRIPTS, ids=lambda path: str(path.relative_to(SUITE)))
def test_script(path: Path) -> None:
    for command in parse_script(path.read_bytes(), path.name):
        if isinstance(command, AssertMalformed):
            check_malformed(command, path)
        elif isinstance(command, AssertInvalid) and command.custom:
            with pytest.raises(TextError) as error:
                command.module.encode()
            assert error.value.message.startswith(command.message)
        else:
            for module in modules(command):
                module.encode()
