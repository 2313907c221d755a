"""The benchmark programs compute what they say: results known from elsewhere, or from the native twin."""

from __future__ import annotations

import hashlib
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent.parent

# The first four are known from elsewhere, the others from the native twin.
RESULTS = [
    ("fib", 20, "6765"),
    ("nqueens", 8, "92"),
    ("sieve", 100_000, "9592"),
    (
        "sha256",
        3,
        str(int.from_bytes(hashlib.sha256(bytes(range(256)) * 12).digest()[:4], "big", signed=True)),
    ),
    ("matrix", 20, "-4440.199999999976"),
    ("nbody", 100, "-0.16904999726874473"),
    ("mandelbrot", 50, "95821"),
    ("json", 100, "1311038752"),
    ("simd_dot", 20, "-187.22664260864258"),
    ("simd_grey", 20, "2057474338"),
    ("simd_mandelbrot", 20, "14861"),
]


@pytest.mark.parametrize(("name", "n", "result"), RESULTS, ids=[name for name, _, _ in RESULTS])
def test_result(name: str, n: int, result: str, runner: list[str]) -> None:
    module = ROOT / "bench" / "bin" / f"{name}.wasm"
    command = [*runner, "--invoke", "run", str(module), str(n)]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=240)
    assert (done.returncode, done.stdout.strip()) == (0, result), done.stderr


CALL = """
import ctypes, sys
run = ctypes.CDLL(sys.argv[1]).run
run.restype = ctypes.c_double if "." in sys.argv[3] else ctypes.c_int32
print(run(int(sys.argv[2])))
"""


@pytest.mark.slow
@pytest.mark.parametrize(("name", "n", "result"), RESULTS, ids=[name for name, _, _ in RESULTS])
def test_result_of_the_native_twin(name: str, n: int, result: str, native: Callable[[str], Path]) -> None:
    command = [sys.executable, "-c", CALL, str(native(name)), str(n), result]
    done = subprocess.run(command, capture_output=True, text=True, check=True, timeout=240)
    assert done.stdout.strip() == result


def test_every_program_has_a_result() -> None:
    sources = {path.stem for path in (ROOT / "bench" / "programs").glob("*.c")}
    assert sources == {path.stem for path in (ROOT / "bench" / "bin").glob("*.wasm")}
    assert sources == {name for name, _, _ in RESULTS}
