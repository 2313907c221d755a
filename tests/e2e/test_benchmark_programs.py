"""The benchmark programs compute what they say: results known from elsewhere, or from the native twin."""

from __future__ import annotations

import hashlib
import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from bench.catalogue import Benchmark, benchmarks

ROOT = Path(__file__).resolve().parent.parent.parent

EXPECTED = json.loads((ROOT / "bench" / "expected.json").read_text(encoding="utf-8"))
KERNELS = [benchmark for benchmark in benchmarks() if not benchmark.argv]
COMMANDS = [benchmark for benchmark in benchmarks() if benchmark.argv]


def name_of(benchmark: Benchmark) -> str:
    return benchmark.name


def invoke(runner: list[str], module: Path, benchmark: Benchmark) -> str:
    command = [*runner, "--invoke", benchmark.export, str(module), *map(str, benchmark.check)]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=240)
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


# Go's module is a reactor, which has to be initialised before: the benchmarks themselves do that.
@pytest.mark.parametrize("benchmark", [b for b in KERNELS if not b.name.startswith("go/")], ids=name_of)
def test_result(benchmark: Benchmark, runner: list[str]) -> None:
    printed = invoke(runner, benchmark.path(), benchmark)
    assert float(printed) == EXPECTED[benchmark.name]["check"]


@pytest.mark.parametrize("benchmark", COMMANDS, ids=name_of)
def test_output(benchmark: Benchmark, runner: list[str]) -> None:
    job = benchmark.job("check")
    stdin = Path(job["stdin"]).read_bytes() if job["stdin"] else b""
    command = [*runner, job["module"], *job["argv"][1:]]
    done = subprocess.run(command, input=stdin, capture_output=True, check=False, timeout=240)
    digest = hashlib.sha256(done.stdout).hexdigest()[:16]
    found = f"exit {done.returncode}, {len(done.stdout)} bytes, {digest}"
    assert found == EXPECTED[benchmark.name]["check"], done.stderr


# Known from elsewhere.
@pytest.mark.parametrize(
    ("name", "result"),
    [
        ("wat/fib", 6765),
        ("wat/tak", 5),
        ("wat/sieve", 168),
        ("wat/nqueens", 2 * 4),
        ("wat/collatz", 871),
        ("c/sieve", 9592),
        ("c/nqueens", 92),
        ("c/ackermann", 61),
        (
            "c/sha256",
            int.from_bytes(hashlib.sha256(bytes(range(256)) * 12).digest()[:4], "big", signed=True),
        ),
        # The first lane of the state after one permutation of zeros.
        ("c/keccak", (0xF1258F79 ^ 0x40E1DDE7) - (1 << 32)),
        ("go/trees", 2047),
    ],
)
def test_what_is_expected_is_right(name: str, result: int) -> None:
    assert EXPECTED[name]["check"] == result


CALL = """
import ctypes, sys
run = ctypes.CDLL(sys.argv[1]).run
run.restype = ctypes.c_double if "." in sys.argv[3] else ctypes.c_int32
print(run(int(sys.argv[2])))
"""


@pytest.mark.slow
@pytest.mark.parametrize(
    "benchmark", [b for b in benchmarks() if b.name.startswith(("c/", "simd/"))], ids=name_of
)
def test_result_of_the_native_twin(benchmark: Benchmark, native: Callable[[str], Path]) -> None:
    expected = EXPECTED[benchmark.name]["check"]
    twin, n = native(benchmark.name.replace("/", "-")), benchmark.check[0]
    command = [sys.executable, "-c", CALL, str(twin), str(n), str(expected)]
    done = subprocess.run(command, capture_output=True, text=True, check=True, timeout=240)
    assert float(done.stdout) == expected


def test_every_benchmark_has_a_module_and_a_result() -> None:
    assert set(EXPECTED) == {benchmark.name for benchmark in benchmarks()}
    assert all(benchmark.path().exists() for benchmark in benchmarks())
