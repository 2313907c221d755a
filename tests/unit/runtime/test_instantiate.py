"""Instantiation: constant expressions, segments, start, limits (core specification, section 4.7.2)."""

import os
import time

import pytest
import wasmtime

import wasmine


def test_constant_expressions(load):
    exports = load(
        """(module
           (global (export "i32") i32 (i32.const -5))
           (global (export "i64") i64 (i64.const -0x8000000000000000))
           (global (export "f32") f32 (f32.const -0x1.8p-3))
           (global (export "f64") f64 (f64.const 0x1.fffffffffffffp+1023))
           (global (export "v128") v128 (v128.const i32x4 1 2 3 4))
           (global (export "null") externref (ref.null extern))
           (func $f (result i32) (i32.const 11))
           (global $ref (export "ref") funcref (ref.func $f))
           (global (export "copy") funcref (global.get $ref))
           (global $base i32 (i32.const 100))
           (global (export "extended") i32
             (i32.mul (i32.add (global.get $base) (i32.const 7)) (i32.sub (i32.const 2) (i32.const 5))))
           (global (export "extended64") i64
             (i64.sub (i64.mul (i64.const 1000000007) (i64.const 1000000009))
               (i64.add (i64.const 1) (i64.const 2)))))"""
    ).exports
    assert exports.i32.value == -5
    assert exports.i64.value == -(2**63)
    assert exports.f32.value == -0.1875
    assert exports.f64.value == 1.7976931348623157e308
    assert exports.v128.value == b"".join(n.to_bytes(4, "little") for n in (1, 2, 3, 4))
    assert exports.null.value is None
    assert exports.ref.value() == 11
    assert exports.copy.value == exports.ref.value
    assert exports.extended.value == -321
    assert exports.extended64.value == 1000000007 * 1000000009 - 3


def test_constant_expression_with_many_operands(load):
    depth = 5000
    body = "(i32.const 1) " * depth + "i32.add " * (depth - 1)
    assert load(f'(module (global (export "g") i32 {body}))').exports.g.value == depth


def test_active_segments_are_written_in_order(load):
    instance = load(
        """(module (memory (export "m") 1)
           (data (i32.const 0) "first")
           (data (i32.const 2) "second")
           (global $at i32 (i32.const 20))
           (data (i32.add (global.get $at) (i32.const 1)) "third"))"""
    )
    assert instance.exports.m[:8] == b"fisecond"
    assert instance.exports.m[21:26] == b"third"


def test_what_segments_wrote_before_a_trap_stays(store, instantiate):
    target = instantiate('(module (memory (export "m") 1) (table (export "t") 2 funcref))')
    with pytest.raises(wasmine.Trap, match="out of bounds memory access"):
        instantiate(
            """(module (import "a" "m" (memory 1)) (import "a" "t" (table 2 funcref))
               (func $f (result i32) (i32.const 5))
               (elem (i32.const 1) $f)
               (data (i32.const 0) "kept")
               (data (i32.const 65535) "no"))""",
            {"a.m": target.exports.m, "a.t": target.exports.t},
        )
    assert target.exports.m[:4] == b"kept"
    assert target.exports.m[65535] == 0
    assert target.exports.t[1]() == 5


def test_an_element_segment_that_does_not_fit(instantiate):
    target = instantiate('(module (table (export "t") 2 funcref))')
    for offset in (1, 3, -1):
        with pytest.raises(wasmine.Trap, match="out of bounds table access"):
            instantiate(
                f"""(module (import "a" "t" (table 2 funcref)) (func $f)
                    (elem (i32.const {offset}) $f $f))""",
                {"a.t": target.exports.t},
            )
    assert target.exports.t[1] is None


def test_active_segments_are_dropped(load):
    exports = load(
        """(module (memory 1) (table 1 funcref) (func $f)
           (data $d (i32.const 0) "x") (elem $e (i32.const 0) $f)
           (func (export "init") (memory.init $d (i32.const 0) (i32.const 0) (i32.const 1)))
           (func (export "elem") (table.init $e (i32.const 0) (i32.const 0) (i32.const 1))))"""
    ).exports
    with pytest.raises(wasmine.Trap, match="out of bounds memory access"):
        exports.init()
    with pytest.raises(wasmine.Trap, match="out of bounds table access"):
        exports.elem()


def test_passive_elements(load):
    exports = load(
        """(module (table 3 funcref) (type $t (func (result i32)))
           (func $one (result i32) (i32.const 1)) (func $two (result i32) (i32.const 2))
           (elem $e funcref (ref.func $two) (ref.null func) (ref.func $one))
           (func (export "init") (param i32 i32 i32)
             (table.init $e (local.get 0) (local.get 1) (local.get 2)))
           (func (export "call") (param i32) (result i32) (call_indirect (type $t) (local.get 0))))"""
    ).exports
    exports.init(0, 1, 2)
    with pytest.raises(wasmine.Trap, match="uninitialized element"):
        exports.call(0)
    assert exports.call(1) == 1
    exports.init(2, 0, 1)
    assert exports.call(2) == 2
    for dst, src, count in ((0, 1, 3), (2, 0, 2), (0, 4, 0)):
        with pytest.raises(wasmine.Trap, match="out of bounds table access"):
            exports.init(dst, src, count)


def test_start_function(load):
    seen = []
    load(
        """(module (import "a" "f" (func $f (param i32))) (start $main)
           (func $main (call $f (i32.const 3))))""",
        {"a": {"f": seen.append}},
    )
    assert seen == [3]
    with pytest.raises(wasmine.Trap, match="unreachable"):
        load("(module (func $main unreachable) (start $main))")
    with pytest.raises(ZeroDivisionError):
        load('(module (import "a" "f" (func $f)) (start $f))', {"a": {"f": lambda: 1 // 0}})


def test_constant_expressions_make_objects(load):
    instance = load(
        """(module
          (type $s (struct (field i32) (field (ref null $s))))
          (global $a (ref $s) (struct.new $s (i32.add (i32.const 1) (i32.const 2)) (ref.null $s)))
          (global $b (ref $s) (struct.new $s (i32.const 4) (global.get $a)))
          (func (export "sum") (result i32)
            (i32.add (struct.get $s 0 (global.get $b))
                     (struct.get $s 0 (struct.get $s 1 (global.get $b))))))"""
    )
    assert instance.exports.sum() == 7


def test_a_constant_expression_that_makes_too_much_traps(load):
    text = "(module (type $a (array i64)) (global (ref $a) (array.new_default $a (i32.const -1))))"
    with pytest.raises(wasmine.Trap, match="allocation size too large"):
        load(text)


def test_limits_of_the_store():
    module = wasmine.Module(bytes(wasmtime.wat2wasm("(module (memory 1) (memory 1) (table 1 funcref))")))
    for limits, what in (({"max_instances": 1}, "instances"), ({"max_memories": 3}, "memories")):
        with wasmine.Store(**limits) as store:
            wasmine.Linker().instantiate(store, module)
            with pytest.raises(wasmine.ResourceError, match=what):
                wasmine.Linker().instantiate(store, module)
    with wasmine.Store(max_tables=0) as store, pytest.raises(wasmine.ResourceError, match="tables"):
        wasmine.Linker().instantiate(store, module)


@pytest.mark.skipif("WASMINE_EMULATED" in os.environ, reason="an emulated processor takes ten times as long")
def test_instances_of_a_large_module_are_cheap():
    functions = "".join(f'(func (export "f{i}") (result i32) (i32.const {i}))' for i in range(1500))
    module = wasmine.Module(bytes(wasmtime.wat2wasm(f"(module (memory 1) (table 8 funcref) {functions})")))
    linker = wasmine.Linker()
    with wasmine.Store() as store:
        linker.instantiate(store, module)
        best = 1.0
        for _ in range(200):
            start = time.perf_counter()
            linker.instantiate(store, module)
            best = min(best, time.perf_counter() - start)
    assert best < 100e-6
