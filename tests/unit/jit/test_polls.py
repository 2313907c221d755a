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


# The inner loop leaves polls to the outer one, which counts, or not; in the third, clearing ends nothing.
BITS = """
(module
  (func (export "counted") (local i32 i32 i32)
    (loop $outer
      (local.set 0 (i32.const 0x55555555))
      (loop $inner
        (local.set 2 (i32.add (local.get 2) (i32.ctz (local.get 0))))
        (br_if $inner (local.tee 0 (i32.and (local.get 0) (i32.sub (local.get 0) (i32.const 1))))))
      (local.set 1 (i32.add (local.get 1) (i32.const 2)))
      (br_if $outer (i32.ne (local.get 1) (i32.const 1)))))
  (func (export "plain") (local i32 i32)
    (loop $outer
      (local.set 0 (i32.const -1))
      (loop $inner
        (local.set 1 (i32.add (local.get 1) (local.get 0)))
        (br_if $inner (local.tee 0 (i32.shr_u (local.get 0) (i32.const 5)))))
      (br $outer)))
  (func (export "endless") (local i32 i32)
    (loop $outer
      (loop $inner
        (local.set 1 (i32.add (local.get 1) (local.get 0)))
        (local.set 0 (i32.shr_u (local.get 0) (i32.const 1)))
        (br_if $inner (i32.eqz (local.get 0))))
      (br $outer))))
"""


@pytest.mark.parametrize("name", ["counted", "plain", "endless"])
def test_loops_that_clear_bits_end_in_time(name: str) -> None:
    engine = Engine(Config(tier="jit"))
    instance = Linker(engine).instantiate(Store(engine, timeout=0.05), Module(engine, BITS))
    start = time.monotonic()
    with pytest.raises(Timeout):
        instance.exports[name]()
    assert time.monotonic() - start < 5


# A counter that is compared before its step: below a bound, at its edges, beyond it from the start, negative.
COMPARED = """
(module
  (func (export "run") (result i32) (local $i i32) (local $sum i32) (local $on i32)
    (local.set $i (i32.const {start}))
    (loop $more
      (local.set $sum (i32.add (i32.mul (local.get $sum) (i32.const 3)) (local.get $i)))
      (local.set $on ({op} (local.get $i) (i32.const {bound})))
      (local.set $i (i32.add (local.get $i) (i32.const {step})))
      (br_if $more (local.get $on)))
    (local.get $sum)))
"""


@pytest.mark.parametrize("op", ["i32.lt_u", "i32.lt_s"])
@pytest.mark.parametrize(
    ("start", "bound", "step"),
    [
        (0, 64, 16),
        (0, 65, 16),
        (63, 64, 1),
        (80, 64, 16),
        (79, 64, 16),
        (-3, 64, 7),
        (200, 64, 16),
        (0, 1, 2),
    ],
)
def test_a_counter_is_compared_before_its_step(op: str, start: int, bound: int, step: int) -> None:
    source = COMPARED.format(op=op, start=start, bound=bound, step=step)
    value = start if op == "i32.lt_s" else start % 2**32
    expected, on = 0, True
    while on:
        expected = (expected * 3 + value) % 2**32
        on = value < bound
        value += step
    engine = Engine(Config(tier="jit"))
    result = Linker(engine).instantiate(Store(engine), Module(engine, source)).exports.run()
    assert result % 2**32 == expected
