"""Backtraces: the same on every tier, whatever mixture of native and interpreted code was running."""

from pathlib import Path
from typing import Any

import pytest

import wasmine

MAIN = """(module
  (import "host" "call" (func $host (param i32)))
  (import "peer" "f" (func $peer (param i32) (result i32)))
  (type $t (func (param i32) (result i32)))
  (memory 1)
  (table 4 funcref)
  (elem (i32.const 0) $leaf $with_ref)
  (func $leaf (param i32) (result i32) (i32.div_u (i32.const 100) (local.get 0)))
  (func $mid (param i32) (result i32) (i32.add (i32.const 3) (call $leaf (local.get 0))))
  (func $with_ref (param i32) (result i32) (local externref)
    (call $mid (local.get 0))
    (drop (ref.is_null (local.get 1))))
  (func (export "inlined") (param i32) (result i32) (i32.mul (call $mid (local.get 0)) (i32.const 3)))
  (func (export "indirect") (param i32) (result i32) (call_indirect (type $t) (local.get 0) (i32.const 0)))
  (func (export "with_ref") (param i32) (result i32) (call_indirect (type $t) (local.get 0) (i32.const 1)))
  (func (export "element") (param i32) (result i32) (call_indirect (type $t) (local.get 0) (local.get 0)))
  (func $endless (export "endless") (param i32) (result i32)
    (i32.add (call $endless (i32.add (local.get 0) (i32.const 1))) (i32.const 1)))
  (func $deep (export "deep") (param i32) (result i32)
    (if (result i32) (local.get 0)
      (then (i32.add (i32.const 1) (call $deep (i32.sub (local.get 0) (i32.const 1)))))
      (else (unreachable))))
  (func (export "load") (param i32) (result i32) (i32.load offset=4 (local.get 0)))
  (func (export "twice") (param i32) (result i32)
    (i32.add (i32.load8_u (i32.const 1)) (i32.load offset=0xfffffff0 (local.get 0))))
  (func (export "store") (param i32) (result i32)
    (i32.store (i32.const 0) (i32.const 1))
    (i64.store offset=9 (local.get 0) (i64.const 1))
    (i32.const 1))
  (func (export "host") (param i32) (result i32) (call $host (local.get 0)) (i32.const 3))
  (func (export "peer") (param i32) (result i32) (call $peer (local.get 0)))
  (func (export "fill") (param i32) (result i32)
    (memory.fill (local.get 0) (i32.const 1) (i32.const 60000)) (i32.const 1))
  (func (export "truncate") (param i32) (result i32)
    (i32.trunc_f32_s (f32.mul (f32.const 1e30) (f32.convert_i32_s (local.get 0)))))
)"""
PEER = """(module
  (import "host" "call" (func $host (param i32)))
  (func $inner (param i32) (result i32) (call $host (local.get 0)) (i32.const 1))
  (func (export "f") (param i32) (result i32)
    (drop (call $inner (local.get 0)))
    (i32.rem_s (i32.const 4) (local.get 0))))"""

# Where code of the engine says that it is from. The tests may be somewhere below a folder "wasmine", too.
ENGINE = ("src/wasmine/", str(Path(wasmine.__file__).parent))

RAISES = 7
CALLS_BACK = 8


class HostError(Exception):
    """What the host function raises."""


def load(tier: Any, **config: Any) -> wasmine.Instance:
    engine = wasmine.Engine(wasmine.Config(tier=tier, **config))
    store = wasmine.Store(engine)
    linker = wasmine.Linker(engine)

    def host(x: int) -> None:
        if x == RAISES:
            raise HostError
        if x == CALLS_BACK:
            main.exports["inlined"](0)

    linker.define("host", "call", wasmine.Func(store, host, params=[wasmine.i32], results=[]))
    peer = linker.instantiate(store, wasmine.Module(engine, PEER))
    linker.define("peer", "f", peer.exports["f"])
    main = linker.instantiate(store, wasmine.Module(engine, MAIN))
    return main


def entries(error: BaseException) -> list[tuple[str, str]]:
    """The traceback without what is in the engine: file and name of each entry."""
    found = []
    at = error.__traceback__
    while at is not None:
        code = at.tb_frame.f_code
        if "wasmine" not in code.co_name and not code.co_filename.startswith(ENGINE):
            found.append((code.co_filename, code.co_name))
        at = at.tb_next
    return found


def outcome(instance: wasmine.Instance, name: str, argument: int) -> tuple[Any, ...]:
    with pytest.raises((wasmine.Trap, HostError)) as caught:
        instance.exports[name](argument)
    return type(caught.value), str(caught.value), getattr(caught.value, "frames", None), entries(caught.value)


CASES = [
    ("inlined", 0, ["leaf", "mid", "inlined"]),
    ("indirect", 0, ["leaf", "indirect"]),
    ("with_ref", 0, ["leaf", "mid", "with_ref", "with_ref"]),
    ("element", 9, ["element"]),
    ("element", 3, ["element"]),
    ("deep", 3, ["deep"] * 4),
    ("load", -1, ["load"]),
    ("load", 65533, ["load"]),
    ("twice", -1, ["twice"]),
    ("store", 65520, ["store"]),
    ("peer", 0, ["f", "peer"]),
    ("fill", 60000, ["fill"]),
    ("truncate", 3, ["truncate"]),
    ("host", CALLS_BACK, ["leaf", "mid", "inlined"]),
    ("peer", CALLS_BACK, ["leaf", "mid", "inlined"]),
]


@pytest.mark.parametrize(("name", "argument", "names"), CASES)
def test_the_tiers_agree(name, argument, names):
    plain = outcome(load("interp"), name, argument)
    assert [frame.func_name for frame in plain[2]] == names
    assert outcome(load("jit"), name, argument) == plain
    assert outcome(load("jit", guard=False), name, argument) == plain


def test_a_host_function_that_raises_shows_who_called_it():
    plain = outcome(load("interp"), "peer", RAISES)
    assert [name for _, name in plain[3]][-4:] == ["peer", "f", "inner", "host"]
    assert outcome(load("jit"), "peer", RAISES) == plain


@pytest.mark.parametrize("tier", ["interp", "jit"])
def test_a_deep_backtrace_names_the_innermost_frames_and_counts_the_others(tier):
    with pytest.raises(wasmine.Trap) as caught:
        load(tier).exports["deep"](300)
    *shown, rest = caught.value.frames
    assert len(shown) == 64
    assert str(rest) == f"... {301 - 64} more"


@pytest.mark.parametrize("tier", ["interp", "jit"])
def test_endless_recursion_shows_its_innermost_frames(tier):
    instance = load(tier)
    for _ in range(2):
        with pytest.raises(wasmine.StackExhausted) as caught:
            instance.exports["endless"](0)
        assert [frame.func_name for frame in caught.value.frames[:3]] == ["endless"] * 3
        assert str(caught.value.frames[-1]).startswith("... ")


@pytest.mark.parametrize("tier", ["interp", "jit"])
def test_a_trap_after_one_that_was_reported_has_its_own_frames_only(tier):
    instance = load(tier)
    for name, argument, names in CASES * 2:
        with pytest.raises(wasmine.Trap) as caught:
            instance.exports[name](argument)
        assert [frame.func_name for frame in caught.value.frames] == names


def test_places_in_a_function_with_many():
    calls = "".join(
        f"(if (i32.eq (local.get 0) (i32.const {i})) (then (drop (call $boom (local.get 1)))))"
        for i in range(300)
    )
    source = f"""(module
      (func $boom (param i32) (result i32) (i32.div_u (i32.const 9) (local.get 0)))
      (func (export "f") (param i32 i32) {calls}))"""
    shown = []
    for tier in ("interp", "jit"):
        engine = wasmine.Engine(wasmine.Config(tier=tier))
        instance = wasmine.load(wasmine.Module(engine, source))
        places = []
        for i in (0, 1, 31, 32, 33, 63, 64, 65, 150, 298, 299):
            with pytest.raises(wasmine.Trap) as caught:
                instance.exports["f"](i, 0)
            places.append(caught.value.frames)
        shown.append(places)
    assert shown[0] == shown[1]
    assert len(set(shown[0])) == len(shown[0])


@pytest.mark.parametrize("tier", ["interp", "jit"])
def test_a_stack_of_frames_larger_than_a_page_ends_in_a_trap(tier):
    n = 1500
    sets = "".join(f"(local.set {i} (i64.mul (local.get 0) (i64.const {i + 3})))" for i in range(1, n))
    sums = "".join(f"(i64.add (local.get {i}))" for i in range(1, n))
    source = f"""(module
      (func $f (export "f") (param i64) (result i64) (local{" i64" * n}) {sets}
        (if (i64.eqz (local.get 0)) (then (return (i64.const 1))))
        (call $f (i64.sub (local.get 0) (i64.const 1))) {sums}))"""
    engine = wasmine.Engine(wasmine.Config(tier=tier))
    instance = wasmine.load(wasmine.Module(engine, source))
    factor = sum(i + 3 for i in range(1, n))
    assert instance.exports["f"](5) == 1 + factor * 15
    for _ in range(2):
        with pytest.raises(wasmine.StackExhausted):
            instance.exports["f"](1 << 40)
    assert instance.exports["f"](5) == 1 + factor * 15


@pytest.mark.parametrize("guard", [True, False])
@pytest.mark.parametrize("tier", ["interp", "jit"])
def test_what_follows_an_access_that_traps_has_no_effect(tier, guard):
    source = """(module
      (memory (export "memory") 1)
      (global $g (export "g") (mut i32) (i32.const 0))
      (table (export "t") 2 funcref)
      (func (export "sunk") (param i32) (result i32) (local $x i32)
        (local.set $x (i32.load (local.get 0)))
        (global.set $g (i32.const 1))
        (i32.add (local.get $x) (i32.const 5)))
      (func (export "unused") (param i32)
        (drop (i32.load (local.get 0)))
        (i32.store (i32.const 0) (i32.const 1))
        (global.set $g (i32.const 2)))
      (func (export "loop") (param i32) (param i32)
        (loop
          (i32.store (i32.const 4) (local.get 1))
          (global.set $g (i32.load offset=8 (local.get 0)))
          (br_if 0 (local.tee 1 (i32.sub (local.get 1) (i32.const 1))))))
      (func (export "changed") (param i32)
        (i32.store (local.get 0) (i32.add (i32.load (local.get 0)) (global.get $g)))
        (global.set $g (i32.const 3))))"""
    engine = wasmine.Engine(wasmine.Config(tier=tier, guard=guard))
    instance = wasmine.load(wasmine.Module(engine, source))
    exports = instance.exports
    for name, *arguments in (("sunk", -1), ("unused", 65533), ("changed", 65534), ("loop", -1, 7)):
        with pytest.raises(wasmine.Trap, match="out of bounds memory access"):
            exports[name](*arguments)
        assert exports["g"].value == 0
    assert exports["memory"].read(0, 8) == bytes((0, 0, 0, 0, 7, 0, 0, 0))
