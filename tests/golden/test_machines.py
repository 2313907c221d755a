"""Machine code of the same functions for both machines, in files that people can read.

A file starts with a comment that says what it shows, then a module; behind `;; ---- x64` and `;; ---- arm64`
the instructions of its functions in order, for the newest processor that the compiler knows, as `tier="jit"`
has them: 32-bit memories are guarded. Constants and what they are do not count. `REGENERATE=1 pytest
tests/golden` writes these parts anew: look at the difference before you keep it.
"""

import os
import re
from pathlib import Path

import capstone
import pytest

import wasmine
from wasmine.jit.cross import machine_code
from wasmine.text import parse_module

FILES = sorted(Path(__file__).with_name("machines").glob("*.wat"))
DECODERS = {
    "x64": capstone.Cs(capstone.CS_ARCH_X86, capstone.CS_MODE_64),
    "arm64": capstone.Cs(capstone.CS_ARCH_ARM64, capstone.CS_MODE_ARM),
}
# What follows the code: gaps, and words that are no instructions.
ENDS = ("int3", "brk", "udf")


def instructions(code: bytes, machine: str) -> list[str]:
    found = []
    for _, _, mnemonic, operands in DECODERS[machine].disasm_lite(code, 0):
        if mnemonic in ENDS:
            break
        text = f"{mnemonic} {operands}".strip()
        found.append(re.sub(r"(\w+ ptr )?\[rip [+-] \w+\]", "constant", text))
    return found


def compiled(source: str, machine: str) -> str:
    engine = wasmine.Engine(wasmine.Config(tier="jit"))
    module = wasmine.Module(engine, parse_module(source))
    text = f";; ---- {machine}\n"
    for index, function in enumerate(module.exports):
        code = machine_code(module._code, index, machine)
        text += f"{function.name}:\n"
        text += "".join(f"    {line}\n" for line in instructions(code, machine))
    return text


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_golden(path: Path) -> None:
    source, _, rest = path.read_text(encoding="utf-8").partition(";; ----")
    if os.environ.get("REGENERATE"):
        path.write_text(source + "".join(compiled(source, machine) for machine in DECODERS), encoding="utf-8")
        return
    expected = {part.partition("\n")[0].strip(): f";; ----{part}" for part in rest.split(";; ----")}
    assert set(expected) == set(DECODERS)
    for machine in DECODERS:
        assert compiled(source, machine) == expected[machine]


def test_there_is_no_other_machine() -> None:
    module = wasmine.Module(wasmine.Engine(), parse_module('(module (func (export "f")))'))
    with pytest.raises(ValueError, match="no machine is called z80"):
        machine_code(module._code, 0, "z80")
    with pytest.raises(IndexError):
        machine_code(module._code, 1, "arm64")
    with pytest.raises(IndexError, match="no instruction at 1000"):
        machine_code(module._code, 0, "arm64", enter_at=1000)
