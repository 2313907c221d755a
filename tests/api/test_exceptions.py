"""Exceptions thrown and caught, in one function and across calls of every kind, on every tier."""

from typing import Any

import pytest

import wasmine

SOURCE = """(module
  (import "host" "call" (func $host (param i32) (result i32)))
  (import "host" "plain" (tag $imported (param i32)))
  (import "main" "e" (tag $e (param i32)))
  (import "peer" "throw" (func $peer (param i32) (result i32)))
  (import "peer" "call back" (func $peer_back (param i32) (result i32)))
  (tag $other (param i64))
  (tag $none)
  (tag $many (param i32 i64 f32 f64 v128 externref f32 i32))
  (type $i (func (param i32) (result i32)))
  (table 2 funcref)
  (elem (i32.const 0) $throw_if $with_ref)
  (global $g (mut i32) (i32.const 0))

  (func $throw_if (export "throw_if") (param i32) (result i32)
    (if (i32.lt_s (local.get 0) (i32.const 0)) (then (throw $e (local.get 0))))
    (local.get 0))
  (func $with_ref (param i32) (result i32) (local externref)
    (drop (ref.is_null (local.get 1)))
    (i32.add (i32.const 1) (call $throw_if (local.get 0))))

  (func (export "catch") (param i32) (result i32)
    (block $caught (result i32)
      (try_table (result i32) (catch $e $caught) (call $throw_if (local.get 0)))
      (return))
    (i32.add (i32.const 1000)))
  (func (export "indirect") (param i32) (result i32)
    (block $caught (result i32)
      (try_table (result i32) (catch $e $caught)
        (call_indirect (type $i) (local.get 0) (i32.const 1)))
      (return))
    (i32.add (i32.const 2000)))
  (func (export "inside") (param i32) (result i32)
    (block $caught (result i32)
      (try_table (result i32) (catch $e $caught)
        (throw $e (i32.mul (local.get 0) (i32.const 3))))))

  ;; Values that live across calls which throw, in a loop: of every type, changed on each turn.
  (func (export "loop") (param $n i32) (result f64)
    (local $i i32) (local $a i64) (local $b f32) (local $c f64) (local $v v128) (local $caught i32)
    (local.set $b (f32.const 0.5))
    (local.set $v (v128.const i32x4 1 2 3 4))
    (loop $again
      (block $done
        (block $handler (result i32)
          (try_table (catch $e $handler)
            (local.set $a (i64.add (local.get $a) (i64.const 3)))
            (drop (call $throw_if (i32.sub (i32.rem_s (local.get $i) (i32.const 3)) (i32.const 1))))
            (local.set $c (f64.add (local.get $c) (f64.const 1.25)))
            (drop (call $throw_if (i32.sub (i32.rem_s (local.get $i) (i32.const 2)) (i32.const 1))))
            (local.set $b (f32.add (local.get $b) (f32.const 1)))
            (local.set $v (i32x4.add (local.get $v) (v128.const i32x4 1 1 1 1))))
          (br $done))
        (local.set $caught (i32.add (local.get $caught)))
        (local.set $v (i32x4.mul (local.get $v) (v128.const i32x4 1 2 1 3))))
      (local.set $i (i32.add (local.get $i) (i32.const 1)))
      (br_if $again (i32.lt_s (local.get $i) (local.get $n))))
    (f64.add
      (f64.add (f64.convert_i64_s (local.get $a)) (f64.promote_f32 (local.get $b)))
      (f64.add (local.get $c)
        (f64.convert_i32_s (i32.add (i32.mul (i32.const 100) (local.get $caught))
          (i32.xor (i32x4.extract_lane 1 (local.get $v)) (i32x4.extract_lane 3 (local.get $v))))))))

  (func $nested (param i32) (result i32)
    (block $all
      (block $wrong (result i64)
        (try_table (result i32) (catch $other $wrong) (catch_all $all)
          (block $inner
            (try_table (result i32) (catch $none $inner) (call $throw_if (local.get 0)))
            (return))
          (i32.const -5))
        (return))
      (return (i32.wrap_i64)))
    (i32.const 77))
  (func (export "nested") (param i32) (result i32) (call $nested (local.get 0)))

  ;; Rethrown with its reference, after others were thrown.
  (func $again (param i32) (result i32) (local $exn exnref)
    (block $h (result exnref)
      (try_table (result i32) (catch_all_ref $h) (call $throw_if (local.get 0)))
      (return))
    (local.set $exn)
    (drop (call $nested (i32.const -9)))
    (block $h2 (try_table (catch_all $h2) (throw $other (i64.const 1))))
    (throw_ref (local.get $exn)))
  (func (export "rethrow") (param i32) (result i32)
    (block $caught (result i32)
      (try_table (result i32) (catch $e $caught) (call $again (local.get 0)))
      (return))
    (i32.add (i32.const 5000)))
  (func (export "null") (result i32)
    (block $all (try_table (catch_all $all) (throw_ref (ref.null exn))))
    (i32.const 1))

  (func (export "many") (param i32 externref) (result i32 i64 f32 f64 v128 externref f32 i32)
    (block $h (result i32 i64 f32 f64 v128 externref f32 i32)
      (try_table (catch $many $h)
        (throw $many (local.get 0) (i64.const -2) (f32.const 1.5) (f64.const 2.5)
          (v128.const i64x2 5 6) (local.get 1) (f32.const -0.0) (i32.const -7)))
      (unreachable)))

  ;; A trap is no exception.
  (func (export "trap") (param i32) (result i32)
    (block $all
      (try_table (result i32) (catch_all $all)
        (i32.div_s (i32.const 1) (local.get 0)))
      (return))
    (i32.const 3))

  (func (export "host") (param i32) (result i32)
    (block $all
      (block $h (result i32)
        (try_table (result i32) (catch $imported $h) (catch_all $all) (call $host (local.get 0)))
        (return))
      (return (i32.add (i32.const 3000))))
    (i32.const 88))
  (func (export "peer") (param i32) (result i32)
    (block $h (result i32)
      (try_table (result i32) (catch $e $h) (catch $imported $h) (call $peer (local.get 0)))
      (return))
    (i32.add (i32.const 4000)))
  (func (export "through peer") (param i32) (result i32)
    (block $h (result i32)
      (try_table (result i32) (catch $e $h) (call $peer_back (local.get 0)))
      (return))
    (i32.add (i32.const 6000)))

  (func $deep (param i32) (result i32)
    (if (i32.eqz (local.get 0)) (then (throw $e (i32.const 11))))
    (i32.add (i32.const 1) (call $deep (i32.sub (local.get 0) (i32.const 1)))))
  (func (export "deep") (param i32) (result i32)
    (block $h (result i32)
      (try_table (result i32) (catch $e $h) (call $deep (local.get 0)))))
  (func $deep_catch (param i32) (result i32)
    (if (i32.eqz (local.get 0)) (then (throw $e (i32.const 11))))
    (block $h (result i32)
      (try_table (result i32) (catch $e $h) (call $deep_catch (i32.sub (local.get 0) (i32.const 1))))
      (return))
    (throw $e (i32.add (i32.const 1))))
  (func (export "deep_catch") (param i32) (result i32)
    (block $h (result i32)
      (try_table (result i32) (catch $e $h) (call $deep_catch (local.get 0)))))

  (func $outer (export "uncaught") (param i32) (result i32)
    (block $h (result i64)
      (try_table (result i32) (catch $other $h) (call $with_ref (local.get 0)))
      (return))
    (drop)
    (i32.const 0))

  (func $tail (param i32) (result i32) (return_call $throw_if (local.get 0)))
  (func (export "tail") (param i32) (result i32)
    (block $h (result i32)
      (try_table (result i32) (catch $e $h) (call $tail (local.get 0)))
      (return))
    (i32.add (i32.const 7000)))

  (func (export "sum") (param $n i32) (result i32) (local $s i32)
    (loop $l
      (block $done
        (block $h (result i32)
          (try_table (catch $e $h) (throw $e (local.get $n)))
          (br $done))
        (local.set $s (i32.add (local.get $s))))
      (local.set $n (i32.sub (local.get $n) (i32.const 1)))
      (br_if $l (local.get $n)))
    (local.get $s))
)"""
LEGACY = """(module
  (tag $e (param i32))
  (tag $f)
  (func $throw (param i32) (result i32)
    (if (i32.lt_s (local.get 0) (i32.const 0)) (then (throw $e (local.get 0))))
    (if (i32.eqz (local.get 0)) (then (throw $f)))
    (local.get 0))
  (func $rethrow (param i32) (result i32)
    (try (result i32) (do (call $throw (local.get 0)))
      (catch $e (drop) (try (do (throw $f)) (catch_all)) (rethrow 0))))
  (func $delegate (param i32) (result i32)
    (try $out (result i32)
      (do (try (result i32) (do (try (result i32) (do (call $throw (local.get 0))) (delegate $out)))
        (catch_all (i32.const 1))))
      (catch $e (i32.add (i32.const 20)))))
  (func (export "rethrow") (param i32) (result i32)
    (try (result i32) (do (call $rethrow (local.get 0)))
      (catch $f (i32.const 50)) (catch $e (i32.add (i32.const 100)))))
  (func (export "delegate") (param i32) (result i32)
    (try (result i32) (do (call $delegate (local.get 0))) (catch_all (i32.const 60)))))"""


class HostError(Exception):
    """What the host function raises."""


PEER = """(module
  (import "host" "call" (func $host (param i32) (result i32)))
  (import "main" "e" (tag $e (param i32)))
  (func (export "throw") (param i32) (result i32)
    (if (i32.lt_s (local.get 0) (i32.const 0)) (then (throw $e (local.get 0))))
    (call $host (local.get 0)))
  (func (export "call back") (param i32) (result i32)
    (i32.add (i32.const 1) (call $host (i32.add (local.get 0) (i32.const 10))))))"""


@pytest.fixture(params=["interp", "jit", "jit stress", "auto"])
def exports(request: Any) -> Any:
    tier, _, stress = request.param.partition(" ")
    engine = wasmine.Engine(wasmine.Config(tier=tier, gc_stress=bool(stress)))
    store = wasmine.Store(engine)
    linker = wasmine.Linker(engine)
    tag = wasmine.Tag(store, [wasmine.i32])
    e = wasmine.Tag(store, [wasmine.i32])
    main: wasmine.Instance

    def host(x: int) -> int:
        if x == 1:
            raise wasmine.WasmException(tag, 31)
        if x == 2:
            raise HostError
        if x == 3:
            raise wasmine.WasmException(wasmine.Tag(store, []))
        if x == 11:
            return main.exports["throw_if"](-4)
        if x == 12:
            return main.exports["throw_if"](4)
        return x

    linker.define("host", "call", wasmine.Func(store, host, params=[wasmine.i32], results=[wasmine.i32]))
    linker.define("host", "plain", tag)
    linker.define("main", "e", e)
    peer = linker.instantiate(store, wasmine.Module(engine, PEER))
    linker.define("peer", "throw", peer.exports["throw"])
    linker.define("peer", "call back", peer.exports["call back"])
    main = linker.instantiate(store, wasmine.Module(engine, SOURCE))
    return main.exports


@pytest.mark.parametrize(
    ("name", "argument", "result"),
    [
        ("catch", 5, 5),
        ("catch", -5, 995),
        ("indirect", 5, 6),
        ("indirect", -5, 1995),
        ("inside", 7, 21),
        ("nested", 3, 3),
        ("nested", -3, 77),
        ("rethrow", 8, 8),
        ("rethrow", -8, 4992),
        ("host", 1, 3031),
        ("host", 3, 88),
        ("host", 5, 5),
        ("peer", 7, 7),
        ("peer", -7, 3993),
        ("peer", 1, 4031),
        ("through peer", 1, 5996),
        ("through peer", 2, 5),
        ("deep", 3, 11),
        ("deep", 2000, 11),
        ("deep_catch", 3, 14),
        ("deep_catch", 500, 511),
        ("tail", 3, 3),
        ("tail", -3, 6997),
        ("sum", 100, 5050),
    ],
)
def test_what_is_caught_and_where(exports, name, argument, result):
    for _ in range(3):
        assert exports[name](argument) == result


def test_values_that_live_across_throwing_calls(exports):
    # By hand: the same loop in Python.
    a, b, c, v, caught = 0, 0.5, 0.0, [1, 2, 3, 4], 0
    for i in range(50):
        a += 3
        thrown = None
        if i % 3 - 1 < 0:
            thrown = -1
        else:
            c += 1.25
            if i % 2 - 1 < 0:
                thrown = -1
            else:
                b += 1
                v = [x + 1 for x in v]
        if thrown is not None:
            caught += thrown
            v = [x * m & 0xFFFFFFFF for x, m in zip(v, (1, 2, 1, 3), strict=True)]
    lanes = v[1] ^ v[3]
    number = (100 * caught + lanes) & 0xFFFFFFFF
    number -= (number & 0x80000000) << 1
    assert exports["loop"](50) == a + b + c + number


def test_values_of_every_type_arrive(exports):
    thing = object()
    values = exports["many"](4, thing)
    assert values[:4] == (4, -2, 1.5, 2.5)
    assert values[4] == (5).to_bytes(8, "little") + (6).to_bytes(8, "little")
    assert values[5] is thing
    assert str(values[6]) == "-0.0"
    assert values[7] == -7


def test_traps_are_not_caught(exports):
    assert exports["trap"](1) == 1
    with pytest.raises(wasmine.Trap, match="integer divide by zero"):
        exports["trap"](0)
    with pytest.raises(wasmine.Trap, match="null exception reference"):
        exports["null"]()


def test_python_exceptions_pass_and_are_not_caught(exports):
    with pytest.raises(HostError):
        exports["host"](2)
    with pytest.raises(HostError):
        exports["peer"](2)
    assert exports["host"](1) == 3031


def test_an_uncaught_exception_has_its_values_and_frames(exports):
    for _ in range(2):
        with pytest.raises(wasmine.WasmException) as caught:
            exports["uncaught"](-6)
        assert caught.value.payload == (-6,)
        assert [frame.func_name for frame in caught.value.frames] == ["throw_if", "with_ref", "outer"]
        # What was caught on the way leaves no frames behind.
        assert exports["catch"](-5) == 995
        with pytest.raises(wasmine.Trap) as trap:
            exports["trap"](0)
        assert [frame.func_name for frame in trap.value.frames] == ["trap"]


@pytest.mark.parametrize("tier", ["interp", "jit"])
def test_legacy_exceptions(tier):
    engine = wasmine.Engine(wasmine.Config(tier=tier))
    with wasmine.load(wasmine.Module(engine, LEGACY)) as instance:
        assert instance.exports["rethrow"](4) == 4
        assert instance.exports["rethrow"](-4) == 96
        assert instance.exports["rethrow"](0) == 50
        assert instance.exports["delegate"](4) == 4
        assert instance.exports["delegate"](-4) == 16
        assert instance.exports["delegate"](0) == 60


@pytest.mark.parametrize("stress", [False, True])
def test_no_function_is_refused(stress):
    module = wasmine.Module(wasmine.Engine(wasmine.Config(tier="jit", gc_stress=stress)), LEGACY)
    with wasmine.load(module) as instance:
        for value in (-3, 0, 3):
            instance.exports["rethrow"](value)
            instance.exports["delegate"](value)
    assert {status for _, status, _, _ in module._code.native.outcomes()} <= {"compiled", "not called"}
