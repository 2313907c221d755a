"""Constants that an instruction takes as its immediate."""

import pytest

import wasmine


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        ("(i64.add (local.get 0) (i64.extend_i32_u (i32.const -1)))", 5 + 0xFFFF_FFFF),
        ("(i64.sub (local.get 0) (i64.extend_i32_u (i32.const -1)))", 5 - 0xFFFF_FFFF),
        ("(i64.or (i64.extend_i32_u (i32.const 0x80000000)) (local.get 0))", 0x8000_0005),
        ("(i64.extend_i32_u (i64.lt_u (local.get 0) (i64.extend_i32_u (i32.const -2))))", 1),
        ("(i64.add (local.get 0) (i64.reinterpret_f64 (f64.const -0)))", 5 - 2**63),
    ],
)
def test_constant_changed_in_type(code: str, expected: int) -> None:
    """An i32 extended without sign, or the bits of a float, stand for all their 64 bits."""
    text = f'(module (func (export "f") (param i64) (result i64) {code}))'
    with wasmine.load(text) as instance:
        assert instance.exports.f(5) == expected


def test_float_bits_as_i32() -> None:
    text = """(module (func (export "f") (param i32) (result i32)
      (i32.sub (local.get 0) (i32.reinterpret_f32 (f32.const -nan:0x1)))))"""
    with wasmine.load(text) as instance:
        assert instance.exports.f(5) == (5 - 0xFF80_0001 + 2**32)
