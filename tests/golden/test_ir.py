"""The register IR of small functions, held against the listing at the end of each file.

A change that is meant: `WASMINE_GOLDEN=write pytest tests/golden` writes the listings anew; read the diff.
"""

import os
from pathlib import Path

import pytest

from wasmine.binary.decode import decode
from wasmine.ir.text import format_listing
from wasmine.runtime.code import ModuleCodeCore
from wasmine.spec.types import TypeRegistry
from wasmine.text import parse_module
from wasmine.validate.validator import validate

FILES = sorted((Path(__file__).parent / "ir").glob("*.wat"))
MARK = "\n(; register IR:\n"


def listings(source: str) -> str:
    """The IR of all functions that the module defines."""
    data = decode(parse_module(source), TypeRegistry())
    validate(data)
    metered = "fuel" in source.splitlines()[0]
    code = ModuleCodeCore(data, metered)
    texts = []
    index = 0
    while True:
        try:
            texts.append(format_listing(code.listing(index)))
        except IndexError:
            return "\n".join(line.rstrip() for line in "\n".join(texts).splitlines())
        index += 1


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_listing(path: Path) -> None:
    source, _, expected = path.read_text(encoding="utf-8").partition(MARK)
    found = listings(source)
    if os.environ.get("WASMINE_GOLDEN") == "write":
        path.write_text(f"{source.rstrip()}\n{MARK}{found}\n;)\n", encoding="utf-8")
        return
    assert found == expected.removesuffix("\n;)\n")
