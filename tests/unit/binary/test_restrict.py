"""Features that are switched off: what uses them is refused, all else is as before."""

import pytest

from wasmine.binary.decode import decode
from wasmine.binary.restrict import restrict
from wasmine.spec.errors import InvalidError, MalformedError, ModuleError
from wasmine.spec.features import SWITCHES, closure
from wasmine.spec.opcodes import OPS, Op
from wasmine.spec.types import TypeRegistry
from wasmine.text import TextError, parse_module

MALFORMED_TYPE = "malformed value type"
ILLEGAL = "illegal opcode"
USES = {
    "sign-extension": [("(func (drop (i32.extend8_s (i32.const 1))))", ILLEGAL)],
    "nontrapping-float-to-int": [("(func (drop (i32.trunc_sat_f32_s (f32.const 1))))", ILLEGAL)],
    "reference-types": [
        ("(table 1 funcref) (table 1 funcref)", "multiple tables"),
        ('(import "" "" (table 1 funcref)) (table 1 funcref)', "multiple tables"),
        ("(func (param externref))", MALFORMED_TYPE),
        ("(func (local funcref))", MALFORMED_TYPE),
        ("(global funcref (ref.null func))", MALFORMED_TYPE),
        ("(func (drop (ref.null func)))", ILLEGAL),
        ("(table 1 externref)", MALFORMED_TYPE),
        ("(func (drop (select (result i32) (i32.const 1) (i32.const 2) (i32.const 3))))", ILLEGAL),
        ("(func $f) (elem funcref (ref.func $f))", "malformed elements segment kind"),
        ("(func (block (result externref) unreachable) drop)", MALFORMED_TYPE),
    ],
    "simd": [
        ("(func (result v128) unreachable)", MALFORMED_TYPE),
        ("(func (local v128))", MALFORMED_TYPE),
        ("(func (block (result v128) unreachable) drop)", MALFORMED_TYPE),
        ("(global v128 (v128.const i32x4 0 0 0 0))", MALFORMED_TYPE),
        ("(global i32 (i32x4.extract_lane 0 (v128.const i32x4 0 0 0 0)))", ILLEGAL),
        ("(func unreachable (select (result v128)) drop)", MALFORMED_TYPE),
    ],
    "relaxed-simd": [("(func unreachable f32x4.relaxed_min drop)", ILLEGAL)],
    "tail-call": [
        ("(func $f (return_call $f))", ILLEGAL),
        ("(type $t (func)) (func (param (ref $t)) (return_call_ref $t (local.get 0)))", ILLEGAL),
    ],
    "multi-memory": [
        ("(memory 1) (memory 1)", "multiple memories"),
        ('(import "" "" (memory 1)) (memory 1)', "multiple memories"),
    ],
    "memory64": [
        ("(memory i64 1)", "malformed limits flags"),
        ("(table i64 1 funcref)", "malformed limits flags"),
    ],
    "function-references": [
        ("(func (param (ref func)))", MALFORMED_TYPE),
        ("(type $t (func)) (func (param (ref null $t)))", MALFORMED_TYPE),
        ("(type $t (func)) (func unreachable (call_ref $t))", ILLEGAL),
        ("(table 1 funcref (ref.null func))", "malformed reference type"),
    ],
    "gc": [
        ("(type (struct))", "malformed definition type"),
        ("(type (array i8))", "malformed definition type"),
        ("(rec (type (func)) (type (func)))", "malformed definition type"),
        ("(type (sub (func)))", "malformed definition type"),
        ("(func (param anyref))", MALFORMED_TYPE),
        ("(func (param nullfuncref))", MALFORMED_TYPE),
        ("(func (drop (ref.null any)))", MALFORMED_TYPE),
        ("(global i32 (i31.get_s (ref.i31 (i32.const 1))))", ILLEGAL),
    ],
    "exceptions": [
        ("(func (param exnref))", MALFORMED_TYPE),
        ("(func (try_table))", ILLEGAL),
    ],
    "legacy-exceptions": [("(func (try (do) (catch_all)))", ILLEGAL)],
    "threads": [
        ("(memory 1 1 shared)", "malformed limits flags"),
        ("(memory 1) (func (drop (i32.atomic.load (i32.const 0))))", ILLEGAL),
        ("(func atomic.fence)", ILLEGAL),
    ],
    "wide-arithmetic": [("(func unreachable i64.add128 drop drop)", ILLEGAL)],
    "custom-page-sizes": [("(memory 1 (pagesize 1))", "malformed limits flags")],
}
CASES = [(feature, text, reason) for feature, uses in USES.items() for text, reason in uses]
PLAIN = parse_module(
    """
    (type (func (param i32) (result i32)))
    (import "m" "f" (func (type 0)))
    (table 2 funcref) (memory 1 2) (global (mut f64) (f64.const 0))
    (elem (i32.const 0) 0 1) (data (i32.const 0) "x")
    (func (type 0) (local i64 f32)
      (block (loop (br_if 1 (local.get 0)) (br_table 0 1 (local.get 0))))
      (if (result i32) (local.get 0)
        (then (call_indirect (type 0) (i32.load offset=4 align=2 (local.get 0)) (i32.const 0)))
        (else (select (i32.const 1) (i32.const 2) (local.get 0)))))
    (export "f" (func 1))
    """
)


def refusal(binary: bytes, *disabled: str) -> ModuleError | None:
    module = decode(binary, TypeRegistry())
    try:
        restrict(module, closure(disabled))
    except ModuleError as error:
        return error
    return None


def test_every_switch_is_tried() -> None:
    assert USES.keys() == SWITCHES


@pytest.mark.parametrize(("feature", "text", "reason"), CASES)
def test_use_is_refused(feature: str, text: str, reason: str) -> None:
    binary = parse_module(text)
    assert refusal(binary) is None
    error = refusal(binary, feature)
    assert error is not None
    assert error.text.startswith(reason)
    assert isinstance(error, InvalidError if reason.startswith("multiple") else MalformedError)


@pytest.mark.parametrize("feature", sorted(SWITCHES))
def test_other_uses_are_not(feature: str) -> None:
    assert refusal(PLAIN, feature) is None
    off = closure([feature])
    for other, text, _ in CASES:
        if other not in off and not off & needs(other, text):
            assert refusal(parse_module(text), feature) is None, text


def needs(feature: str, text: str) -> set[str]:
    """The features that the examples of one use besides."""
    more = {
        "tail-call": {"function-references"},
        "gc": {"function-references"},
        "relaxed-simd": {"simd"},
        "simd": {"reference-types"} if "(select (result" in text else set(),
    }
    return more.get(feature, set())


def test_nothing_is_left_of_the_first_version() -> None:
    assert refusal(PLAIN, *SWITCHES) is None


def instruction(op: Op) -> bytes:
    """The opcode with immediates that can be stepped over."""
    code = bytes([op.prefix, op.code & 0x7F | 0x80, op.code >> 7]) if op.prefix else bytes([op.code])
    sizes = {"f32": 4, "f64": 8, "v128": 16, "lanes16": 16, "memarg": 2, "labels": 2}
    return code + b"".join(
        {"block": b"\x40", "heap": b"\x70"}.get(kind, bytes(sizes.get(kind, 1))) for kind in op.immediates
    )


@pytest.mark.parametrize("feature", sorted({op.feature for op in OPS} & SWITCHES))
def test_every_instruction(feature: str) -> None:
    for op in OPS:
        if op.feature != feature or op.name in ("throw", "catch", "catch_all", "delegate"):
            continue
        body = b"\0\0" + instruction(op) + b"\x0b"
        size = bytes([len(body)])
        binary = b"\0asm\1\0\0\0\x01\x04\x01\x60\0\0\x03\x02\x01\0\x05\x03\x01\0\1"
        binary += b"\x0a" + bytes([len(body) + 2]) + b"\1" + size + body
        error = refusal(binary, feature)
        assert error is not None, op.name
        assert error.text.startswith(ILLEGAL), op.name


def test_tags_need_one_of_the_two() -> None:
    binary = parse_module("(tag) (func (throw 0))")
    assert refusal(binary, "exceptions") is None
    assert refusal(binary, "legacy-exceptions") is None
    error = refusal(binary, "exceptions", "legacy-exceptions")
    assert error is not None
    assert error.text == "malformed section id"


def test_text_without_memory64() -> None:
    for text in ("(memory 0x1_0000_0000)", "(memory 0 0x1_0000_0000)", "(table 0x1_0000_0000 funcref)"):
        parse_module(text)
        with pytest.raises(TextError, match="i32 constant out of range"):
            parse_module(text, disabled={"memory64"})
    with pytest.raises(TextError, match="unexpected token"):
        parse_module("(memory i64 1)", disabled={"memory64"})


def test_closure() -> None:
    assert closure(()) == frozenset()
    assert closure(["simd"]) == {"simd", "relaxed-simd"}
    assert closure(["reference-types"]) == {"reference-types", "function-references", "gc", "exceptions"}
    with pytest.raises(ValueError, match="mvp"):
        closure(["mvp", "simd"])
