"""A slice of the fuzzing that `python -m tools.fuzz` goes on with, the same each time.

The programs run in processes of their own, so that one that crashes or hangs fails its test alone.
"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

FUZZ = Path(__file__).parents[2] / "tools" / "fuzz"

SLICES = [
    *(("own", first, 40) for first in range(0, 80, 40)),
    ("mutants", 0, 100),
    ("dispatch", 0, 60),
    ("binaryen", 0, 20),
]


@pytest.mark.parametrize(("source", "first", "count"), SLICES)
def test_engines_agree(source: str, first: int, count: int, tmp_path: Path) -> None:
    where = ["--source", source, "--seed", str(first), "--count", str(count)]
    done = subprocess.run(
        [sys.executable, str(FUZZ), *where, "--jobs", "1", "--no-reduce", "--save", str(tmp_path)],
        capture_output=True,
        text=True,
        timeout=200,
        check=False,
    )
    if done.stdout.startswith("skipped: "):
        pytest.skip(done.stdout[len("skipped: ") :].strip())
    assert done.returncode == 0, done.stdout + done.stderr
    assert f"{source}: {count} programs" in done.stdout
