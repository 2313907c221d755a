"""Tables: bounds, growth, bulk instructions, limits."""

import pytest

import wasmine

TABLE = """
(module
  (table $t (export "t") 3 10 externref)
  (table $u 3 externref)
  (func (export "get") (param i32) (result externref) (table.get $t (local.get 0)))
  (func (export "set") (param i32 externref) (table.set $t (local.get 0) (local.get 1)))
  (func (export "get_u") (param i32) (result externref) (table.get $u (local.get 0)))
  (func (export "size") (result i32) (table.size $t))
  (func (export "grow") (param externref i32) (result i32) (table.grow $t (local.get 0) (local.get 1)))
  (func (export "fill") (param i32 externref i32)
    (table.fill $t (local.get 0) (local.get 1) (local.get 2)))
  (func (export "copy") (param i32 i32 i32)
    (table.copy $t $t (local.get 0) (local.get 1) (local.get 2)))
  (func (export "copy_u") (param i32 i32 i32)
    (table.copy $u $t (local.get 0) (local.get 1) (local.get 2))))
"""
OUT_OF_BOUNDS = "out of bounds table access"


def test_get_and_set(load):
    exports = load(TABLE).exports
    value = object()
    exports.set(2, value)
    assert exports.get(2) is value
    assert exports.get(1) is None
    for index in (3, -1):
        with pytest.raises(wasmine.Trap, match=OUT_OF_BOUNDS):
            exports.get(index)
        with pytest.raises(wasmine.Trap, match=OUT_OF_BOUNDS):
            exports.set(index, value)


def test_growth(load):
    exports = load(TABLE).exports
    assert exports.grow("a", 0) == 3
    assert exports.grow("a", 4) == 3
    assert exports.grow("b", 4) == -1
    assert exports.grow("b", 3) == 7
    assert exports.grow(None, 1) == -1
    assert exports.size() == 10
    assert [exports.get(i) for i in range(10)] == [None] * 3 + ["a"] * 4 + ["b"] * 3


def test_growth_one_by_one_of_a_table_without_maximum(load):
    exports = load(TABLE.replace("3 10 externref", "0 externref")).exports
    for i in range(5000):
        assert exports.grow(i, 1) == i
    assert [exports.get(i) for i in (0, 1, 2500, 4999)] == [0, 1, 2500, 4999]


def test_fill(load):
    exports = load(TABLE).exports
    exports.fill(1, "x", 2)
    assert [exports.get(i) for i in range(3)] == [None, "x", "x"]
    exports.fill(3, "y", 0)
    for start, count in ((2, 2), (4, 0), (0, 4), (1, -1)):
        with pytest.raises(wasmine.Trap, match=OUT_OF_BOUNDS):
            exports.fill(start, "z", count)
    assert [exports.get(i) for i in range(3)] == [None, "x", "x"]


def test_copy(load):
    exports = load(TABLE).exports
    for i, value in enumerate("abc"):
        exports.set(i, value)
    exports.copy(1, 0, 2)
    assert [exports.get(i) for i in range(3)] == ["a", "a", "b"]
    exports.copy(0, 1, 2)
    assert [exports.get(i) for i in range(3)] == ["a", "b", "b"]
    exports.copy_u(1, 0, 2)
    assert [exports.get_u(i) for i in range(3)] == [None, "a", "b"]
    for dst, src, count in ((2, 0, 2), (0, 2, 2), (4, 0, 0), (0, 4, 0)):
        with pytest.raises(wasmine.Trap, match=OUT_OF_BOUNDS):
            exports.copy(dst, src, count)


def test_limit_of_the_store(load):
    exports = load(TABLE, max_table_elements=8).exports
    assert exports.grow(None, 3) == -1
    assert exports.grow(None, 2) == 3
    assert exports.grow(None, 1) == -1
    with pytest.raises(wasmine.ResourceError, match="limit"):
        load(TABLE, max_table_elements=5)


def test_a_table_larger_than_the_default_limit_is_refused(load):
    with pytest.raises(wasmine.ResourceError, match="limit"):
        load("(module (table 0xffffffff funcref))")


def test_initial_value_by_expression(load):
    exports = load(
        """(module (func $f (result i32) (i32.const 9)) (table 4 funcref (ref.func $f))
           (type $t (func (result i32)))
           (func (export "call") (param i32) (result i32) (call_indirect (type $t) (local.get 0))))"""
    ).exports
    assert exports.call(3) == 9
