"""The benchmarks' own arithmetic, and that they measure, check and compare."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest
from bench import inputs
from bench.catalogue import benchmarks, select
from bench.display import format_time
from bench.guard import Outcome
from bench.machine import commit
from bench.peers import WASMINE
from bench.report import page
from bench.results import against_best, geometric_mean
from bench.steady import QUICK, summary
from bench.targets import TARGETS
from bench.workers import Failure, Worker, WrongResult, check

ROOT = Path(__file__).resolve().parent.parent.parent.parent


def row(best: float) -> dict[str, float]:
    return {"best": best, "median": best * 1.1, "spread": 0.02, "rounds": 5, "load": 0.001, "first": 0.002}


RESULTS = {
    "environment": {
        "date": "2026-01-01 00:00 UTC",
        "commit": "abc",
        "cpu": "a processor",
        "cores": 2,
        "load": 0.1,
        "system": "Linux 6",
        "python": "3.11.0",
        "versions": {"wasmine-jit": "0.1", "node": "24"},
    },
    "layers": {"c": "C kernels"},
    "missing": {"bun": "no bun"},
    "plan": {"warmup": 3, "rounds": 5, "quick": False},
    "benchmarks": {
        "c/a": {"layer": "c", "about": "x", "rows": {"wasmine-jit": row(0.1), "node": row(0.2)}},
        "c/b": {
            "layer": "c",
            "about": "y",
            "rows": {"wasmine-jit": row(0.4), "node": row(0.2), "wasmtime": {"failed": "no y here"}},
        },
    },
    "figures": {
        "call": {
            "title": "A call",
            "unit": "s",
            "rows": {"wasmine-jit": 120e-9, "wasmtime": 66e-6},
            "note": "",
        }
    },
    "wrong": [],
}


def test_ratios() -> None:
    assert geometric_mean(RESULTS, "wasmine-jit", "node") == pytest.approx(1.0)
    assert geometric_mean(RESULTS, "wasmine-jit", "bun") is None
    assert against_best(RESULTS, "wasmine-jit") == {"c/a": (0.5, "node"), "c/b": (2.0, "node")}


def test_summary() -> None:
    found = summary([3.0, 1.0, 2.0])
    assert (found["best"], found["median"], found["rounds"]) == (1.0, 2.0, 3)
    assert found["spread"] == pytest.approx(1.0)


def test_times_have_three_digits() -> None:
    assert [format_time(x) for x in (2.5, 0.123456, 1.5e-6, 66e-9)] == [
        "2.50 s",
        "123 ms",
        "1.50 µs",
        "66.0 ns",
    ]


def test_the_guard_fails_beyond_a_fifth_and_the_noise() -> None:
    assert not Outcome("a", base=1.0, head=1.19, noise=0.0).failed
    assert Outcome("a", base=1.0, head=1.25, noise=0.04).failed
    assert not Outcome("a", base=1.0, head=1.25, noise=0.06).failed


def test_the_page_tells_losses_reasons_and_verdicts() -> None:
    text = page(RESULTS, [], {"c/b": "because of b"})
    assert "| c/b | 2.00 x node | because of b |" in text
    assert "| c/a | 0.50" not in text
    assert "c/b on wasmtime: no y here" in text
    assert "bun: no bun" in text
    call = next(line for line in text.splitlines() if line.startswith("| Python → Wasm call"))
    assert call == "| Python → Wasm call, add(i32, i32) | ≤ 150 ns | 120 ns | wasmtime 66.0 µs | reached |"
    assert all(target.what in text for target in TARGETS)


def test_selection() -> None:
    assert {b.name for b in select(["fib"], [])} == {"wat/fib", "c/fib"}
    assert {b.layer for b in select(["*/fib"], ["wat"])} == {"wat"}
    assert len(select([], [])) == len(benchmarks()) == len({b.name for b in benchmarks()})
    assert select(["no such thing"], []) == []


@pytest.mark.parametrize("name", sorted(inputs.MAKERS))
def test_inputs_are_the_same_each_time(name: str, tmp_path: Path) -> None:
    path = Path(inputs.file(tmp_path, name, 3))
    assert path.read_text(encoding="utf-8") == inputs.MAKERS[name](3)


def test_a_wrong_result_is_an_error() -> None:
    benchmark = next(b for b in benchmarks() if b.name == "wat/fib")
    check(benchmark, WASMINE["wasmine-interp"], "check", 6765)
    with pytest.raises(WrongResult, match="6764"):
        check(benchmark, WASMINE["wasmine-interp"], "check", 6764)


def test_a_worker_answers_and_says_what_fails() -> None:
    benchmark = next(b for b in benchmarks() if b.name == "real/json")
    with Worker(WASMINE["wasmine-interp"]) as worker:
        assert worker.fresh(benchmark.job("check"))["result"] == benchmark.expected("check")
        with pytest.raises(Failure, match="KeyError"):
            worker.fresh(
                {**next(b for b in benchmarks() if b.name == "wat/fib").job("check"), "export": "none"}
            )


def test_the_commit_is_unknown_where_git_is_not_installed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "")
    assert commit() == "unknown"


def test_the_command_measures_and_writes_json(tmp_path: Path) -> None:
    assert QUICK.rounds == 1
    out = tmp_path / "out.json"
    command = [sys.executable, "-m", "bench", "wat/tak", "--quick", "--peers", "none", "--tier", "interp"]
    done = subprocess.run(
        [*command, "--json", str(out)], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    found = json.loads(out.read_text(encoding="utf-8"))
    assert found["benchmarks"]["wat/tak"]["rows"]["wasmine-interp"]["best"] > 0
    assert "wat/tak" in done.stdout
