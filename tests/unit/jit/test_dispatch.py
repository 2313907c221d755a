"""Functions that dispatch on an argument: what their copy without a dispatcher does is the same."""

from typing import Literal

import pytest

from wasmine import Config, Engine, Instance, Linker, Module, Store, Timeout

# 0: set up; 1: count down, back to 1; 2: leave, or go on for ever if memory says so. Others are as the last.
SOURCE = """
(module
  (memory (export "memory") 1)
  (global $sp (mut i32) (i32.const 64))
  (func $run (export "run") (param $pc i32) (result i32) (local $sp i32) (local $n i32) (local $sum i32)
    (local.set $sp (global.get $sp))
    (loop $dispatch
      (block $exit
        (block $body
          (block $start
            (br_table $start $body $exit (local.get $pc)))
          (local.set $n (i32.load (i32.const 8))))
        (local.set $sum (i32.add (local.get $sum) (i32.mul (local.get $n) (i32.const 5))))
        (local.set $n (i32.sub (local.get $n) (i32.const 3)))
        (if (i32.gt_s (local.get $n) (i32.const 0))
          (then (local.set $pc (i32.const 1)) (br $dispatch)))
        (local.set $pc (i32.load (i32.const 12)))
        (br $dispatch))
      (if (i32.load (i32.const 16)) (then (local.set $pc (i32.const 9)) (br $dispatch)))
      (global.set $sp (i32.sub (local.get $sp) (i32.const 8))))
    (i32.add (local.get $sum) (local.get $sp)))
  (func (export "twice") (param i32) (result i32)
    (i32.add (call $run (i32.const 0)) (call $run (local.get 0)))))
"""

# Both labels of the loop are jumped to from outside of it.
TWO_ENTRIES = """
(module
  (global $sp (mut i32) (i32.const 0))
  (func (export "run") (param $pc i32) (param $n i32) (result i32) (local $sum i32)
    (drop (global.get $sp))
    (loop $dispatch
      (block $two
        (block $one
          (block $start
            (br_table $start $one $two (local.get $pc)))
          (if (i32.and (local.get $n) (i32.const 1))
            (then (local.set $pc (i32.const 2)) (br $dispatch))
            (else (local.set $pc (i32.const 1)) (br $dispatch))))
        (local.set $sum (i32.add (local.get $sum) (i32.const 100)))
        (local.set $pc (i32.const 2))
        (br $dispatch))
      (local.set $n (i32.sub (local.get $n) (i32.const 1)))
      (local.set $sum (i32.add (local.get $sum) (local.get $n)))
      (if (i32.gt_s (local.get $n) (i32.const 0))
        (then (local.set $pc (i32.const 1)) (br $dispatch))))
    (local.get $sum)))
"""


def start(
    source: str, tier: Literal["interp", "jit"], fuel: int | None = None, timeout: float | None = None
) -> Instance:
    engine = Engine(Config(tier=tier, fuel=fuel is not None))
    store = Store(engine, fuel=fuel, timeout=timeout)
    return Linker(engine).instantiate(store, Module(engine, source))


def set_words(instance: Instance, **words: int) -> None:
    for place, value in words.items():
        at = int(place.removeprefix("at"))
        instance.exports.memory[at : at + 4] = value.to_bytes(4, "little")


@pytest.mark.parametrize("leave", [2, 7, 1])
@pytest.mark.parametrize("pc", [0, 1, 2, 3, -1])
def test_it_goes_where_the_interpreter_goes(pc: int, leave: int) -> None:
    results = []
    tiers: tuple[Literal["interp", "jit"], ...] = ("interp", "jit")
    for tier in tiers:
        instance = start(SOURCE, tier, fuel=3_000)
        set_words(instance, at8=50, at12=leave)
        seen: list[object] = []
        for name, argument in (("run", pc), ("twice", pc)):
            try:
                seen.append(instance.exports[name](argument))
            except Exception as error:
                seen.append(type(error))
            seen.append(instance.store.fuel)
        results.append(seen)
    assert results[0] == results[1]


def test_its_loops_can_be_interrupted() -> None:
    for words in ({"at8": 50, "at12": 1}, {"at8": 50, "at12": 2, "at16": 1}):
        instance = start(SOURCE, "jit", timeout=0.05)
        set_words(instance, **words)
        with pytest.raises(Timeout):
            instance.exports.run(0)


@pytest.mark.parametrize("pc", [0, 1, 2])
def test_loops_with_two_entries_stay_as_they_are(pc: int) -> None:
    for n in (1, 10, 11):
        expected = start(TWO_ENTRIES, "interp").exports.run(pc, n)
        assert start(TWO_ENTRIES, "jit").exports.run(pc, n) == expected


# Nobody comes back to the dispatcher.
ONCE = """
(module
  (global $sp (mut i32) (i32.const 3))
  (func (export "run") (param $pc i32) (param $n i32) (result i32) (local $sp i32)
    (local.set $sp (global.get $sp))
    (loop $dispatch
      (block $two
        (block $one
          (br_table $one $two (local.get $pc)))
        (local.set $n (i32.add (local.get $n) (i32.const 10))))
      (local.set $n (i32.mul (local.get $n) (local.get $sp))))
    (local.get $n)))
"""


@pytest.mark.parametrize("fuel", [None, 100])
def test_a_dispatcher_that_nobody_comes_back_to(fuel: int | None) -> None:
    for pc, result in ((0, 45), (1, 15), (9, 15)):
        assert start(ONCE, "jit", fuel=fuel).exports.run(pc, 5) == result
