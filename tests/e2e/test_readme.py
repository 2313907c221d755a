"""What the README shows runs as it stands there, and prints what the README says."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
TEXT = (ROOT / "README.md").read_text(encoding="utf-8")
FIRST_SCREEN = 40
"""Lines that are seen without scrolling."""


def blocks(language: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```", TEXT, re.DOTALL | re.MULTILINE)


def commands() -> list[tuple[str, list[str]]]:
    """Each command line of the README, with the lines of output below it."""
    found: list[tuple[str, list[str]]] = []
    for line in "".join(blocks("console")).splitlines():
        if line.startswith("$ "):
            found.append((line[2:].partition("  #")[0].strip(), []))
        else:
            found[-1][1].append(line)
    return found


@pytest.mark.parametrize("block", blocks("python"))
def test_python(block: str, capsys: pytest.CaptureFixture[str]) -> None:
    exec(compile(block, "README.md", "exec"), {})
    expected = re.findall(r"print\(.*\)  # (.*)", block)
    assert expected
    assert capsys.readouterr().out.splitlines() == expected


WASMINE = [(line, output) for line, output in commands() if line.startswith("wasmine ")]


@pytest.mark.skipif("WASMINE_EMULATED" in os.environ, reason="needs a shell; only Python starts there")
@pytest.mark.parametrize(("line", "output"), WASMINE)
def test_command_line(line: str, output: list[str], tmp_path: Path) -> None:
    command = tmp_path / "wasmine"
    command.write_text(f'#!/bin/sh\nexec "{sys.executable}" -m wasmine "$@"\n')
    command.chmod(0o755)
    result = subprocess.run(
        ["/bin/sh", "-c", f"PATH={tmp_path}:$PATH; {line}"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert (result.stdout.splitlines(), result.stderr, result.returncode) == (output, "", 0)
    assert output


@pytest.mark.skipif(shutil.which("make") is None, reason="make is not installed")
@pytest.mark.parametrize(
    "target", sorted({line.removeprefix("make ") for line, _ in commands() if line[:5] == "make "})
)
def test_make_knows_its_targets(target: str) -> None:
    """What `make demo` runs is tested below, and `make test` is this run."""
    result = subprocess.run(
        ["make", "--dry-run", target], cwd=ROOT, capture_output=True, text=True, timeout=60, check=False
    )
    assert result.returncode == 0, result.stderr
    assert result.stdout


def test_the_first_screen_shows_how_to_begin() -> None:
    screen = "\n".join(TEXT.splitlines()[:FIRST_SCREEN])
    assert {"make demo", "make test"} <= {line for line, _ in commands()}
    for text in ("$ make demo", "$ make test", *(f"$ {line}" for line, _ in WASMINE), blocks("python")[0]):
        assert text in screen


@pytest.mark.slow
def test_the_demonstration() -> None:
    """`make demo`, behind its set-up: it compares every answer itself."""
    result = subprocess.run(
        [sys.executable, "programs/demo/demo.py"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=280,
        check=False,
    )
    assert result.returncode == 0, result.stdout + result.stderr
    assert result.stdout.endswith("All answers agree.\n")
