"""Machine code of whole functions, for chosen processors, in files that people can read.

A file starts with a comment that says what it shows, and lines `;; features: NAME...`. Then a module, and for
each of those lines, behind `;; ---- NAME...`, the instructions of its exported functions in order. Where a
constant lies counts for nothing. `REGENERATE=1 pytest tests/golden` writes the second parts anew: look at the
difference before you keep it.
"""

import os
import platform
import re
from pathlib import Path

import capstone
import pytest

import wasmine
from wasmine.jit.x64.features import features, limit_features
from wasmine.text import parse_module

FILES = sorted(Path(__file__).with_name("x64").glob("*.wat"))
pytestmark = pytest.mark.skipif(
    platform.machine() not in ("x86_64", "AMD64"), reason="this is code for x86-64"
)


def instructions(code: bytes) -> list[str]:
    found = []
    decoder = capstone.Cs(capstone.CS_ARCH_X86, capstone.CS_MODE_64)
    for instruction in decoder.disasm(code, 0):
        if instruction.mnemonic in ("int3", "call"):
            break  # what stands out of line, constants
        text = f"{instruction.mnemonic} {instruction.op_str}".strip()
        text = re.sub(r"(\w+ ptr )?\[rip [+-] \w+\]", "constant", text)
        found.append(text)
    return found


def compiled(source: str, choice: list[str]) -> str:
    engine = wasmine.Engine(wasmine.Config(tier="jit"))
    limit_features(choice)
    try:
        module = wasmine.Module(engine, parse_module(source))
        instance = wasmine.Linker(engine).instantiate(wasmine.Store(engine), module)
        text = f";; ---- {' '.join(choice)}\n"
        for index, name in enumerate(instance.exports):
            function = instance.exports[name]
            function(*(bytes(16) if str(kind) == "v128" else 0 for kind in function.type.params))
            code = "".join(f"    {line}\n" for line in instructions(module._code.native.machine_code(index)))
            text += f"{name}:\n{code}"
    finally:
        limit_features()
    return text


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_golden(path: Path) -> None:
    source, _, rest = path.read_text(encoding="utf-8").partition(";; ----")
    choices = [choice.split() for choice in re.findall(r"^;; features: (.*)$", source, re.MULTILINE)]
    assert choices, f"{path.name} does not say which features"
    if os.environ.get("REGENERATE"):
        text = "".join(compiled(source, choice) for choice in choices)
        path.write_text(source + text, encoding="utf-8")
        return
    expected = {part.partition("\n")[0].strip(): f";; ----{part}" for part in rest.split(";; ----")}
    assert set(expected) == {" ".join(choice) for choice in choices}
    for choice in choices:
        if set(choice) <= set(features()):
            assert compiled(source, choice) == expected[" ".join(choice)]
