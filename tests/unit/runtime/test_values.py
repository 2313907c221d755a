"""Conversion between Wasm values and Python objects."""

import math
import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st

import wasmine

ECHO = """
(module
  (import "a" "host" (func $host (param f32 i64 externref) (result f32)))
  (func (export "i32") (param i32) (result i32) (local.get 0))
  (func (export "i64") (param i64) (result i64) (local.get 0))
  (func (export "f32") (param f32) (result f32) (local.get 0))
  (func (export "f64") (param f64) (result f64) (local.get 0))
  (func (export "v128") (param v128) (result v128) (local.get 0))
  (func (export "func") (param funcref) (result funcref) (local.get 0))
  (func (export "extern") (param externref) (result externref) (local.get 0))
  (func (export "bits32") (param f32) (result i32) (i32.reinterpret_f32 (local.get 0)))
  (func (export "float32") (param i32) (result f32) (f32.reinterpret_i32 (local.get 0)))
  (func (export "bits64") (param f64) (result i64) (i64.reinterpret_f64 (local.get 0)))
  (func (export "through_host") (param f32 i64 externref) (result f32)
    (call $host (local.get 0) (local.get 1) (local.get 2))))
"""


@pytest.fixture(scope="module")
def echo():
    import wasmtime

    instance = wasmine.load(bytes(wasmtime.wat2wasm(ECHO)), {"a": {"host": lambda x, n, o: x}})
    with instance:
        yield instance.exports


@given(st.integers(-(2**31), 2**32 - 1))
def test_i32(echo, value):
    assert echo.i32(value) == (value + 2**31) % 2**32 - 2**31


@given(st.integers(-(2**63), 2**64 - 1))
def test_i64(echo, value):
    assert echo.i64(value) == (value + 2**63) % 2**64 - 2**63


@pytest.mark.parametrize("value", [2**32, -(2**31) - 1, 2**63, 2**64, 2**100, -(2**100)])
def test_i32_out_of_range(echo, value):
    with pytest.raises(OverflowError):
        echo.i32(value)


@pytest.mark.parametrize("value", [2**64, -(2**63) - 1, 2**200, -(2**200)])
def test_i64_out_of_range(echo, value):
    with pytest.raises(OverflowError):
        echo.i64(value)


class Index:
    def __index__(self):
        return 2**64 - 2


def test_anything_with_index(echo):
    assert echo.i32(True) == 1
    assert echo.i64(Index()) == -2
    with pytest.raises(OverflowError):
        echo.i32(Index())


@pytest.mark.parametrize("value", [1.0, "1", None, b"1", [1]])
def test_not_an_integer(echo, value):
    for function in (echo.i32, echo.i64):
        with pytest.raises(TypeError):
            function(value)


@given(st.floats())
def test_f64(echo, value):
    assert struct.pack("d", echo.f64(value)) == struct.pack("d", value)


@given(st.floats(width=32))
def test_f32(echo, value):
    assert struct.pack("d", echo.f32(value)) == struct.pack("d", value)


@given(st.floats(allow_nan=False))
def test_f64_is_rounded_to_f32(echo, value):
    assert echo.f32(value) == pytest.approx(value, rel=1e-6) or not abs(value) > 1e-37 or abs(value) > 3.4e38
    if abs(value) < 3.4e38:
        assert echo.f32(value) == struct.unpack("f", struct.pack("f", value))[0]


def test_f32_overflow_is_infinity(echo):
    assert echo.f32(1e39) == math.inf
    assert echo.f32(-1e300) == -math.inf


@given(st.integers(0, 2**23 - 1), st.booleans())
def test_every_nan_of_f32_survives(echo, payload, sign):
    bits = 0x7F800000 | max(payload, 1) | sign << 31
    assert echo.bits32(echo.float32(bits)) & 0xFFFFFFFF == bits


@given(st.integers(1, 2**52 - 1), st.booleans())
def test_every_nan_of_f64_survives(echo, payload, sign):
    bits = 0x7FF << 52 | payload | sign << 63
    value = struct.unpack("d", struct.pack("Q", bits))[0]
    assert echo.bits64(value) & 0xFFFFFFFFFFFFFFFF == bits


def test_floats_accept_integers(echo):
    assert echo.f64(3) == 3.0
    assert echo.f32(True) == 1.0
    for function in (echo.f32, echo.f64):
        for value in ("1.5", None, [1.0], 1j):
            with pytest.raises(TypeError):
                function(value)
        with pytest.raises(OverflowError):
            function(10**400)


def test_v128(echo):
    value = bytes(range(16))
    assert echo.v128(value) == value
    assert echo.v128(bytearray(value)) == value
    for wrong in (value[:15], value + b"x", 5, None, "x" * 16):
        with pytest.raises(TypeError):
            echo.v128(wrong)


def test_funcref(echo):
    assert echo.func(None) is None
    assert echo.func(echo.i32) == echo.i32
    assert echo.func(echo.i32)(5) == 5
    for wrong in (5, len, "f"):
        with pytest.raises(TypeError):
            echo.func(wrong)


def test_funcref_of_another_store(echo, load):
    other = load('(module (func (export "f")))').exports.f
    with pytest.raises((ValueError, TypeError), match="another store"):
        echo.func(other)


@pytest.mark.parametrize("value", [None, 0, "text", (1, 2), object(), float("nan"), True])
def test_externref_keeps_identity(echo, value):
    assert echo.extern(value) is value


def test_values_through_a_host_function(echo):
    assert echo.through_host(1.5, -1, "x") == 1.5
    assert math.isnan(echo.through_host(math.nan, 2**64 - 1, None))
