"""Calls through tables that never change are compiled for what these hold: nothing else may come out."""

from typing import Literal

import pytest

from wasmine import Config, Engine, Instance, Linker, Module, Store, Trap

FUNCTIONS = """
  (type $of_two (func (param i32 i32) (result i32)))
  (type $two_of_two (func (param i32 i32) (result i32 i64)))
  (func $add (type $of_two) (i32.add (local.get 0) (local.get 1)))
  (func $sub (type $of_two) (i32.sub (local.get 0) (local.get 1)))
  (func $mul (type $of_two) (i32.mul (local.get 0) (local.get 1)))
  (func $div (type $of_two) (i32.div_s (local.get 0) (local.get 1)))
  (func $and (type $of_two) (i32.and (local.get 0) (local.get 1)))
  (func $both (type $two_of_two) (local.get 1) (i64.extend_i32_u (local.get 0)))
  (func (export "run") (param $index i32) (param $times i32) (result i32) (local $sum i32)
    (loop $again
      (local.set $sum
        (i32.add
          (i32.const 1)
          (call_indirect (type $of_two) (local.get $sum) (local.get $times) (local.get $index))))
      (br_if $again (local.tee $times (i32.sub (local.get $times) (i32.const 1)))))
    (local.get $sum))
  (func (export "both") (param $index i32) (result i64) (local $sum i64) (local $high i64) (local $n i32)
    (loop $again
      (call_indirect (type $two_of_two) (local.get $n) (i32.const 3) (local.get $index))
      (local.set $high)
      (local.set $sum (i64.add (i64.extend_i32_u) (i64.mul (local.get $sum) (local.get $high))))
      (br_if $again (i32.lt_u (local.tee $n (i32.add (local.get $n) (i32.const 1))) (i32.const 5))))
    (local.get $sum))
"""

TABLES = {
    "few": "(table 8 funcref) (elem (i32.const 2) $add $both $sub)",
    "many": "(table 8 funcref) (elem (i32.const 1) $add $sub $mul $div $and $add $both)",
    "far": "(table 900 funcref) (elem (i32.const 870) $add $sub) (elem (i32.const 3) $mul)",
    "written over": "(table 8 funcref) (elem (i32.const 0) $add $sub $mul) (elem (i32.const 1) $div)",
    "exported": '(table (export "table") 8 funcref) (elem (i32.const 0) $add $sub)',
    "set": """(table 8 funcref) (elem (i32.const 0) $add $sub) (elem declare func $mul)
              (func $start (table.set (i32.const 1) (ref.func $mul))) (start $start)""",
    "filled": """(table 8 funcref) (elem (i32.const 0) $add $sub) (elem declare func $div)
              (func $start (table.fill (i32.const 0) (ref.func $div) (i32.const 3))) (start $start)""",
    "copied": """(table 8 funcref) (elem (i32.const 0) $add $sub $mul)
              (func $start (table.copy (i32.const 0) (i32.const 1) (i32.const 2))) (start $start)""",
    "from a segment": """(table 8 funcref) (elem (i32.const 0) $add $sub) (elem $late func $mul $both)
              (func $start (table.init $late (i32.const 1) (i32.const 0) (i32.const 2))) (start $start)""",
    "grown": """(table 2 funcref) (elem (i32.const 0) $add $sub) (elem declare func $mul)
              (func $start (drop (table.grow (ref.func $mul) (i32.const 3)))) (start $start)""",
    "full of one": "(table 8 funcref (ref.func $mul)) (elem (i32.const 0) $add) (elem declare func $mul)",
    "expressions": """(table 8 funcref)
              (elem (i32.const 1) funcref (ref.func $sub) (ref.null func) (ref.func $add))""",
    "at a global": "(global $at i32 (i32.const 3)) (table 8 funcref) (elem (global.get $at) $add $sub)",
    "two": """(table 8 funcref) (table $other 8 funcref)
              (elem (i32.const 0) $add) (elem (table $other) (i32.const 0) func $sub)""",
}


def start(source: str, tier: Literal["interp", "jit"]) -> Instance:
    engine = Engine(Config(tier=tier))
    return Linker(engine).instantiate(Store(engine), Module(engine, source))


def outcome(instance: Instance, name: str, *args: int) -> object:
    try:
        return instance.exports[name](*args)
    except Trap as trap:
        return trap.code


@pytest.mark.parametrize("table", TABLES)
def test_it_calls_what_the_interpreter_calls(table: str) -> None:
    source = f"(module {FUNCTIONS} {TABLES[table]})"
    interpreted, native = start(source, "interp"), start(source, "jit")
    for index in [*range(9), 870, 871, 872, 899, 900, -1, 2**31 - 1]:
        for name, args in (("run", (index, 7)), ("both", (index,))):
            assert outcome(native, name, *args) == outcome(interpreted, name, *args), (name, index)


def test_an_exported_table_may_change() -> None:
    instance = start(f'(module {FUNCTIONS} {TABLES["exported"]} (export "mul" (func $mul)))', "jit")
    assert instance.exports.run(0, 3) == 9
    instance.exports.table[0] = instance.exports.mul
    other = start(f"(module {FUNCTIONS} (table 1 funcref) (elem (i32.const 0) $mul))", "interp")
    assert instance.exports.run(0, 3) == other.exports.run(0, 3)
