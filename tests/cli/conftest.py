"""Modules in files, and the command line run in this process."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import pytest
import wasmtime

from wasmine.cli import main


class Outcome(NamedTuple):
    code: int
    out: str
    err: str


@pytest.fixture
def wasm(tmp_path: Path) -> Callable[..., str]:
    """Write a module, given as text, in binary form to a file, and return its path."""

    def write(text: str, name: str = "module.wasm") -> str:
        path = tmp_path / name
        path.write_bytes(wasmtime.wat2wasm(text))
        return str(path)

    return write


@pytest.fixture
def run(capfd: pytest.CaptureFixture[str]) -> Callable[..., Outcome]:
    """Run the command with arguments, and return its exit code and what it wrote."""

    def call(*arguments: object) -> Outcome:
        code = main([str(argument) for argument in arguments])
        captured = capfd.readouterr()
        return Outcome(code, captured.out, captured.err)

    return call
