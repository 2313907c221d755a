"""Calling what a module exports: arguments, results, and what goes wrong."""

import copy
import math
import pickle
import struct

import pytest

import wasmine

TYPES = """
(module
  (func (export "none"))
  (func (export "pair") (result i32 i64) i32.const 1 i64.const 2)
  (func (export "i32") (param i32) (result i32) local.get 0)
  (func (export "i64") (param i64) (result i64) local.get 0)
  (func (export "f32") (param f32) (result f32) local.get 0)
  (func (export "f64") (param f64) (result f64) local.get 0)
  (func (export "v128") (param v128) (result v128) local.get 0)
  (func (export "ext") (param externref) (result externref) local.get 0)
  (func $func (export "func") (param funcref) (result funcref) local.get 0)
  (func (export "solid") (param (ref func)) (result (ref func)) local.get 0)
  (func (export "add") (param i32 i32) (result i32) local.get 0 local.get 1 i32.add)
  (func (export "mixed") (param i32 f64 v128 i64) (result i64 v128 f64 i32)
    local.get 3 local.get 2 local.get 1 local.get 0)
  (func (export "div") (param i32 i32) (result i32) local.get 0 local.get 1 i32.div_s)
  (func (export "not an identifier") (result i32) i32.const 7)
)
"""


class Index:
    def __init__(self, value):
        self.value = value

    def __index__(self):
        return self.value


@pytest.fixture
def exports():
    return wasmine.load(TYPES).exports


def test_attribute_and_item_give_the_same_function(exports):
    assert exports.add(2, 40) == 42
    assert exports["add"] is exports.add
    assert exports["not an identifier"]() == 7


def test_one_result_is_a_value_several_are_a_tuple_none_is_none(exports):
    assert exports.none() is None
    assert exports.pair() == (1, 2)
    assert exports.i32(5) == 5
    assert type(exports.i32(5)) is int


@pytest.mark.parametrize(
    ("name", "bits"),
    [("i32", 32), ("i64", 64)],
)
def test_integers_are_taken_signed_or_unsigned_and_given_signed(exports, name, bits):
    same = exports[name]
    top = 1 << bits
    assert same(-top // 2) == -top // 2
    assert same(top // 2 - 1) == top // 2 - 1
    assert same(top // 2) == -top // 2
    assert same(top - 1) == -1
    assert same(True) == 1
    assert same(Index(-3)) == -3
    for wrong in (top, -top // 2 - 1, 1 << 200, -1 << 200, Index(top)):
        with pytest.raises(OverflowError, match=rf"{name}\(\) argument 0 \({name}\).*out of range"):
            same(wrong)


@pytest.mark.parametrize("wrong", [1.0, "1", None, b"1", [1], 1j])
@pytest.mark.parametrize("name", ["i32", "i64"])
def test_what_is_no_integer_is_a_type_error(exports, name, wrong):
    with pytest.raises(TypeError, match=rf"{name}\(\) argument 0 \({name}\)"):
        exports[name](wrong)


def test_floats_accept_integers_and_give_floats(exports):
    assert exports.f64(3) == 3.0
    assert type(exports.f64(3)) is float
    assert exports.f64(0.1) == 0.1
    assert exports.f32(0.1) == struct.unpack("f", struct.pack("f", 0.1))[0]
    assert exports.f32(1e300) == math.inf
    assert math.copysign(1, exports.f64(-0.0)) == -1
    assert math.isnan(exports.f64(math.nan))
    for wrong in ("1", None, 1j, b"1"):
        with pytest.raises(TypeError, match=r"f64\(\) argument 0 \(f64\)"):
            exports.f64(wrong)


def test_a_nan_keeps_its_payload(exports):
    bits = 0xFFF8_0000_0000_1234
    value = struct.unpack("<d", struct.pack("<Q", bits))[0]
    assert struct.unpack("<Q", struct.pack("<d", exports.f64(value)))[0] == bits


def test_a_v128_is_sixteen_bytes(exports):
    data = bytes(range(16))
    assert exports.v128(data) == data
    assert exports.v128(bytearray(data)) == data
    for wrong in (b"", b"x" * 15, 5, None):
        with pytest.raises(TypeError, match=r"v128\(\) argument 0"):
            exports.v128(wrong)


def test_an_externref_is_any_object(exports):
    thing = object()
    assert exports.ext(thing) is thing
    assert exports.ext(None) is None
    assert exports.ext(exports.add) is exports.add


def test_a_funcref_is_a_func_or_none(exports):
    assert exports.func(None) is None
    back = exports.func(exports.add)
    assert back == exports.add
    assert hash(back) == hash(exports.add)
    assert back(1, 2) == 3
    assert exports.solid(exports.add)(1, 2) == 3
    for wrong in (len, 3, object()):
        with pytest.raises(TypeError, match=r"func\(\) argument 0 \(funcref\)"):
            exports.func(wrong)
    with pytest.raises(TypeError, match=r"solid\(\) argument 0 \(\(ref func\)\)"):
        exports.solid(None)


def test_values_of_all_sizes_in_one_call(exports):
    lanes = bytes(range(16, 32))
    assert exports.mixed(-1, 2.5, lanes, -(1 << 40)) == (-(1 << 40), lanes, 2.5, -1)


def test_many_parameters_and_results():
    n = 100
    text = f"""(module (func (export "f") (param {"i32 v128 " * n}) (result {"v128 i32 " * n})
      {" ".join(f"local.get {i}" for i in reversed(range(2 * n)))}))"""
    args = [x for i in range(n) for x in (i, bytes([i] * 16))]
    assert wasmine.load(text).exports.f(*args) == tuple(reversed(args))


@pytest.mark.parametrize("args", [(), (1,), (1, 2, 3)])
def test_a_wrong_count_names_function_and_signature(exports, args):
    with pytest.raises(
        TypeError, match=rf"add\(\) takes 2 arguments, {len(args)} given.*\(i32, i32\) -> i32"
    ):
        exports.add(*args)


def test_a_wrong_argument_names_function_parameter_and_signature(exports):
    with pytest.raises(TypeError, match=r"add\(\) argument 1 \(i32\).*'str'.*\(i32, i32\) -> i32"):
        exports.add(1, "2")


def test_a_wrong_argument_is_named_when_the_module_names_it():
    exports = wasmine.load('(module (func (export "f") (param $width i32) (param $height i64)))').exports
    with pytest.raises(TypeError, match=r"argument 1 \(height: i64\)"):
        exports.f(1, "2")


def test_keywords_are_a_type_error(exports):
    with pytest.raises(TypeError):
        exports.add(1, b=2)


def test_what_index_raises_arrives_unchanged(exports):
    class Bad:
        def __index__(self):
            raise LookupError("from __index__")

    with pytest.raises(LookupError, match="from __index__"):
        exports.add(1, Bad())


def test_a_trap_has_the_text_of_the_standard_and_frames(exports):
    with pytest.raises(wasmine.Trap, match="integer divide by zero") as info:
        exports.div(1, 0)
    assert [frame.func_name for frame in info.value.frames] == ["div"]
    assert exports.div(6, 3) == 2


def test_exports_are_a_mapping_of_names(exports):
    assert len(exports) == 14
    assert list(exports)[:2] == ["none", "pair"]
    assert "add" in exports
    assert "sub" not in exports
    assert 3 not in exports
    assert "add" in dir(exports)
    with pytest.raises(AttributeError, match=r"'sub'.*none, pair"):
        _ = exports.sub
    with pytest.raises(KeyError, match=r"'sub'"):
        exports["sub"]
    with pytest.raises(KeyError):
        exports[0]
    with pytest.raises(AttributeError, match=r"\.value"):
        exports.add = 3
    with pytest.raises(AttributeError):
        del exports.add


def test_an_export_may_have_any_name():
    names = ["", "__class__", "find", "keys", "🐍", "a b"]
    funcs = "".join(f'(func (export "{name}") (result i32) i32.const {i})' for i, name in enumerate(names))
    exports = wasmine.load(f"(module {funcs})").exports
    assert list(exports) == names
    assert [exports[name]() for name in names] == list(range(len(names)))
    assert exports.keys() == 3
    assert exports.find() == 2


def test_a_function_describes_itself(exports):
    assert exports.add.name == "add"
    assert exports.add.type == wasmine.FuncType(["i32", "i32"], ["i32"])
    assert repr(exports.add) == "<Func add (i32, i32) -> i32>"
    assert repr(exports.none) == "<Func none () -> ()>"


def test_a_function_is_named_by_the_name_section():
    exports = wasmine.load('(module (func $inner (export "outer")))').exports
    assert exports.outer.name in ("inner", "outer")
    with pytest.raises(TypeError, match=exports.outer.name):
        exports.outer(1)


def test_what_belongs_to_a_store_is_neither_copied_nor_pickled(exports):
    instance = wasmine.load("(module)")
    for thing in (exports, exports.add, instance, instance.store):
        for attempt in (copy.copy, copy.deepcopy, pickle.dumps):
            with pytest.raises(TypeError):
                attempt(thing)


@pytest.mark.parametrize(
    "use", [repr, len, list, dir, lambda e: e.add, lambda e: e["add"], lambda e: "add" in e]
)
def test_exports_that_were_never_made_raise_and_do_not_crash(exports, use):
    use(exports)
    kind = type(exports)
    with pytest.raises(AttributeError):
        use(kind.__new__(kind))


@pytest.mark.parametrize(
    "use", [repr, lambda i: i.exports.add, lambda i: i.store.fuel, lambda i: i.module.name]
)
def test_an_instance_that_was_never_made_raises_and_does_not_crash(use):
    with pytest.raises(AttributeError):
        use(wasmine.Instance.__new__(wasmine.Instance))
    wasmine.Instance.__new__(wasmine.Instance).close()
