"""Loops that count poll once in many turns: they end in time all the same."""

import time

import pytest

from wasmine import Config, Engine, Linker, Module, Store, Timeout

# A condition that stays true, over a counter that takes steps of a constant.
LOOP = """
(module
  (memory 1)
  (func (export "run") (param {type}) (local {type})
    (loop
      (i32.store8 (i32.const 8) (i32.const 1))
      (local.set 1 ({type}.add (local.get 1) ({type}.const {step})))
      (br_if 0 ({type}.ne (local.get 1) ({type}.const {end}))))))
"""

NESTED = """
(module
  (func (export "run") (param i32) (local i32)
    (loop $outer
      (local.set 1 (i32.const 0))
      (loop $inner
        (local.set 1 (i32.add (local.get 1) (i32.const 1)))
        (br_if $inner (i32.lt_u (local.get 1) (i32.const 100))))
      (br_if $outer (i32.eqz (local.get 0))))))
"""


def run(source: str, argument: int, timeout: float | None) -> None:
    engine = Engine(Config(tier="jit"))
    store = Store(engine, timeout=timeout)
    Linker(engine).instantiate(store, Module(engine, source)).exports.run(argument)


@pytest.mark.parametrize(
    ("type", "step", "end"),
    [("i32", 2, 1), ("i32", -2, 1), ("i64", 1, -1), ("i64", -(2**20), 1), ("i32", 2**28, 1)],
)
def test_a_loop_that_counts_ends_in_time(type: str, step: int, end: int) -> None:
    start = time.monotonic()
    with pytest.raises(Timeout):
        run(LOOP.format(type=type, step=step, end=end), 0, 0.05)
    assert time.monotonic() - start < 5


def test_a_loop_around_short_loops_ends_in_time() -> None:
    with pytest.raises(Timeout):
        run(NESTED, 0, 0.05)


def test_a_loop_that_counts_ends_by_itself() -> None:
    run(LOOP.format(type="i32", step=3, end=3 * 5000), 0, None)
