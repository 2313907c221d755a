"""The script that counts instructions reads qemu's log, and finds the loop that matters."""

import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).resolve().parents[3] / "tools"))
from arm64_loops import ENGINES, INTERRUPTIBLE, Loop, Program, Run, hottest_loop, programs, read_log, report

# A function with a loop of ten turns: of them nine enter at its start, and one leaves it in the middle.
LOG = """----------------
IN:
0x5500000000:  d2800000  movz     x0, #0
0x5500000004:  8b010000  add      x0, x0, x1
0x5500000008:  b4000060  cbz      x0, #0x5500000014

Trace 0: 0x7f0 [0000000001009331/0000005500000000/00000001/00080200]
----------------
IN:
0x550000000c:  f1000421  sub      x1, x1, #1
0x5500000010:  b5ffffa1  cbnz     x1, #0x5500000004

----------------
IN: wasm:run
0x5500000004:  8b010000  add      x0, x0, x1
0x5500000008:  b4000060  cbz      x0, #0x5500000014

{turns}----------------
IN:
0x5500000014:  d65f03c0  ret

Trace 0: 0x7f3 [0000000001009331/0000005500000014/00000001/00080200]
"""
TURN = """Trace 0: 0x7f1 [0000000001009331/000000550000000c/00000001/00080200]
Trace 0: 0x7f2 [0000000001009331/0000005500000004/00000001/00080200]
"""


@pytest.fixture
def run(tmp_path: Path) -> Run:
    log = tmp_path / "log"
    log.write_text(LOG.format(turns=TURN * 9))
    return Run(*read_log(log))


def test_each_instruction_is_counted(run: Run) -> None:
    times = [run.counts[0x5500000000 + 4 * k] for k in range(6)]
    assert times == [1, 10, 10, 9, 9, 1]
    assert run.total == 40


def test_the_loop(run: Run) -> None:
    lines = ("add x0, x0, x1", "cbz x0, out", "sub x1, x1, #1", "cbnz x1, loop+0")
    assert hottest_loop(run) == Loop(lines, 3.8)


def test_no_loop() -> None:
    assert hottest_loop(Run()) is None


def test_the_report(run: Run) -> None:
    runs = {engine: {"c/it": run} for engine in (*ENGINES, INTERRUPTIBLE)}
    text = report([Program("c/it", ())], runs, ["c/it", "c/other"])
    assert "| c/it | 40 | 40 | 1.00 | 40 | 1.00 | 3.8 | 3.8 | 3.8 |" in text
    assert "sub x1, x1, #1                          sub x1, x1, #1\n" in text
    assert "c/other" not in text


def test_programs_are_those_of_the_benchmarks() -> None:
    assert programs(["wat/fib"]) == [Program("wat/fib", (20,))]
    assert all(program.module.exists() for program in programs([]))
