"""Blocks, branches, calls: what keeps a rule is accepted, what breaks it is rejected with its reason."""

from collections.abc import Callable
from typing import NamedTuple

import pytest


class Case(NamedTuple):
    text: str
    """Fields of a module."""
    reason: str | None = None
    """How the message starts; None if the module is valid."""


def body(code: str, signature: str = "", fields: str = "") -> str:
    return f"{fields} (func {signature} {code})"


VOID_TYPES = "(type $i (func (param i32) (result i32))) (type $v (func)) (type $two (func (result i32 i64)))"
MISMATCH = "type mismatch: in function 0, at byte 0x"


CONTROL = {
    "empty": Case(body("")),
    "value remains": Case(body("(i32.const 1)"), MISMATCH),
    "result missing": Case(body("", "(result i32)"), MISMATCH),
    "result of another type": Case(body("(f32.const 1)", "(result i32)"), MISMATCH),
    "several results": Case(body("(i32.const 1) (i64.const 2)", "(result i32 i64)")),
    "several results swapped": Case(body("(i64.const 2) (i32.const 1)", "(result i32 i64)"), MISMATCH),
    "unreachable then anything": Case(body("unreachable i32.add drop", "(result f64 i32)")),
    "unreachable then a wrong value": Case(body("unreachable (i32.const 1) f32.neg drop"), MISMATCH),
    "unreachable then too many values": Case(body("unreachable (i32.const 1) (i32.const 1)"), MISMATCH),
    "unreachable ends with its block": Case(body("(block unreachable) i32.add drop"), MISMATCH),
    "block": Case(body("(block (result i32) (i32.const 1)) drop")),
    "block takes nothing from outside": Case(body("(i32.const 1) (block drop)"), MISMATCH),
    "block with a parameter": Case(body("(i32.const 1) (block (param i32) drop)")),
    "block with a parameter of another type": Case(body("(f32.const 1) (block (param i32) drop)"), MISMATCH),
    "block type of an index": Case(body("(i32.const 1) (block (type $i)) drop", "", VOID_TYPES)),
    "block type unknown": Case(body("(block (type 9))"), "unknown type 9"),
    "block type is no function": Case("(type (struct)) (func (block (type 0)))", MISMATCH),
    "loop": Case(body("(loop (result i32) (i32.const 1)) drop")),
    "loop takes its parameters": Case(body("(i32.const 1) (loop (param i32) (br_if 0 (i32.const 1)) drop)")),
    "branch to loop leaves its result": Case(
        body("(loop (result i32) (i32.const 1) (br_if 0 (i32.const 1)))  drop")
    ),
    "branch to loop without its parameter": Case(
        body("(i32.const 1) (loop (param i32) drop (br 0))"), MISMATCH
    ),
    "if": Case(body("(if (i32.const 1) (then nop))")),
    "if with another condition": Case(body("(if (i64.const 1) (then nop))"), MISMATCH),
    "if else": Case(body("(if (result i32) (i32.const 1) (then (i32.const 1)) (else (i32.const 2))) drop")),
    "else with another type": Case(
        body("(if (result i32) (i32.const 1) (then (i32.const 1)) (else (f32.const 2))) drop"), MISMATCH
    ),
    "then with another type": Case(
        body("(if (result i32) (i32.const 1) (then (f32.const 1)) (else (i32.const 2))) drop"), MISMATCH
    ),
    "else starts with the parameters": Case(
        body("(i64.const 1) (if (param i64) (i32.const 1) (then drop) (else drop))")
    ),
    "else does not see values of then": Case(
        body("(if (i32.const 1) (then unreachable (i32.const 1) drop) (else drop))"), MISMATCH
    ),
    "if without else passes its parameters": Case(
        body("(i64.const 1) (if (param i64) (result i64) (i32.const 1) (then)) drop")
    ),
    "if without else, with a result": Case(
        body("(if (result i32) (i32.const 1) (then (i32.const 1))) drop"), MISMATCH
    ),
    "if without else, other result": Case(
        body("(i64.const 1) (if (param i64) (result i32) (i32.const 1) (then drop (i32.const 1))) drop"),
        MISMATCH,
    ),
    "nop, drop": Case(body("nop (v128.const i64x2 0 0) drop")),
    "drop of nothing": Case(body("drop"), MISMATCH),
}


BRANCHES = {
    "br": Case(body("(block (br 0))")),
    "br to the function": Case(body("(br 0 (i32.const 1))", "(result i32)")),
    "br leaves values behind": Case(body("(block (result i32) (f32.const 1) (br 0 (i32.const 1))) drop")),
    "br without its value": Case(body("(block (result i32) (br 0)) drop"), MISMATCH),
    "br unknown label": Case(body("(block (br 2))"), "unknown label 2"),
    "br_if": Case(body("(block (br_if 0 (i32.const 1)))")),
    "br_if with another condition": Case(body("(block (br_if 0 (i64.const 1)))"), MISMATCH),
    "br_if keeps its values": Case(
        body("(block (result i32) (br_if 0 (i32.const 1) (i32.const 1)) i32.eqz) drop")
    ),
    "br_if of another type": Case(
        body("(block (result i32) (br_if 0 (f32.const 1) (i32.const 1))) drop"), MISMATCH
    ),
    "br_if leaves the label's type": Case(
        body(
            "(block (result anyref) (br_if 0 (local.get 0) (i32.const 1)) (ref.as_non_null) drop"
            " (ref.null any)) drop",
            "(param (ref i31))",
        )
    ),
    "br_if forgets the narrower type": Case(
        body(
            "(block (result anyref) (br_if 0 (local.get 0) (i32.const 1)) i31.get_s drop"
            " (ref.null any)) drop",
            "(param (ref i31))",
        ),
        MISMATCH,
    ),
    "br_if unknown label": Case(body("(br_if 1 (i32.const 1))"), "unknown label 1"),
    "br_table": Case(body("(block (block (br_table 0 1 0 2 (i32.const 1))))")),
    "br_table with values": Case(
        body("(block (result i32) (block (result i32) (br_table 0 1 (i32.const 1) (i32.const 1)))) drop")
    ),
    "br_table with another index": Case(body("(block (br_table 0 0 (i64.const 1)))"), MISMATCH),
    "br_table unknown label": Case(body("(block (br_table 0 3 0 (i32.const 1)))"), "unknown label 3"),
    "br_table unknown default": Case(body("(block (br_table 0 3 (i32.const 1)))"), "unknown label 3"),
    "br_table arities": Case(
        body("(block (result i32) (block (br_table 0 1 (i32.const 1))) (i32.const 1)) drop"), MISMATCH
    ),
    "br_table types": Case(
        body(
            "(block (result i32) (block (result f32)"
            " (br_table 0 1 (f32.const 1) (i32.const 1))) drop (i32.const 1)) drop"
        ),
        MISMATCH,
    ),
    "br_table value of no label": Case(
        body("(block (result i32) (br_table 0 0 (f32.const 1) (i32.const 1))) drop"), MISMATCH
    ),
    "br_table in unreachable code": Case(
        body("(block (result i32) (block (result f32) unreachable (br_table 0 1)) drop (i32.const 1)) drop")
    ),
    "br_table in unreachable code, arities": Case(
        body("(block (result i32) (block unreachable (br_table 0 1)) (i32.const 1)) drop"), MISMATCH
    ),
    "return": Case(body("(f32.const 1) (return (i32.const 1))", "(result i32)")),
    "return without value": Case(body("(block (return))", "(result i32)"), MISMATCH),
    "return of another type": Case(body("(return (f32.const 1))", "(result i32)"), MISMATCH),
    "br_on_null": Case(
        body("(block (br_on_null 0 (local.get 0)) (call_ref $v))", "(param (ref null $v))", VOID_TYPES)
    ),
    "br_on_null of a number": Case(body("(block (br_on_null 0 (i32.const 1)) drop)"), MISMATCH),
    "br_on_null with a value": Case(
        body("(block (result i32) (i32.const 1) (br_on_null 0 (local.get 0)) drop) drop", "(param funcref)")
    ),
    "br_on_null without the value": Case(
        body("(block (result i32) (br_on_null 0 (local.get 0)) drop (i32.const 1)) drop", "(param funcref)"),
        MISMATCH,
    ),
    "br_on_non_null": Case(
        body("(block (result (ref func)) (br_on_non_null 0 (local.get 0)) (return)) drop", "(param funcref)")
    ),
    "br_on_non_null to an empty label": Case(
        body("(block (br_on_non_null 0 (local.get 0)))", "(param funcref)"), MISMATCH
    ),
    "br_on_non_null to a number": Case(
        body("(block (result i32) (br_on_non_null 0 (local.get 0)) (i32.const 1)) drop", "(param funcref)"),
        MISMATCH,
    ),
    "br_on_non_null of another hierarchy": Case(
        body("(block (result anyref) (br_on_non_null 0 (local.get 0)) (return)) drop", "(param funcref)"),
        MISMATCH,
    ),
}


CALLS = {
    "call": Case("(func (call 1 (i32.const 1)) drop) (func (param i32) (result f32) (f32.const 1))"),
    "call without argument": Case("(func (call 1)) (func (param i32))", MISMATCH),
    "call with another argument": Case("(func (call 1 (f32.const 1))) (func (param i32))", MISMATCH),
    "call with swapped arguments": Case(
        "(func (call 1 (f32.const 1) (i32.const 1))) (func (param i32 f32))", MISMATCH
    ),
    "call unknown": Case(body("(call 1)"), "unknown function 1"),
    "call_indirect": Case(
        body(
            "(call_indirect (type $i) (i32.const 1) (i32.const 0)) drop", "", VOID_TYPES + "(table 1 funcref)"
        )
    ),
    "call_indirect, 64-bit table": Case(
        body("(call_indirect (type $v) (i64.const 0))", "", VOID_TYPES + "(table i64 1 funcref)")
    ),
    "call_indirect, 64-bit table, 32-bit index": Case(
        body("(call_indirect (type $v) (i32.const 0))", "", VOID_TYPES + "(table i64 1 funcref)"), MISMATCH
    ),
    "call_indirect without index": Case(
        body("(call_indirect (type $v))", "", VOID_TYPES + "(table 1 funcref)"), MISMATCH
    ),
    "call_indirect unknown table": Case(
        body("(call_indirect (type $v) (i32.const 0))", "", VOID_TYPES), "unknown table 0"
    ),
    "call_indirect unknown type": Case(
        body("(call_indirect (type 7) (i32.const 0))", "", "(table 1 funcref)"), "unknown type 7"
    ),
    "call_indirect through references": Case(
        body("(call_indirect (type $v) (i32.const 0))", "", VOID_TYPES + "(table 1 externref)"), MISMATCH
    ),
    "call_indirect of a structure": Case(
        "(type (struct)) (table 1 funcref) (func (call_indirect (type 0) (i32.const 0)))", MISMATCH
    ),
    "call_ref": Case(
        body("(call_ref $i (i32.const 1) (local.get 0)) drop", "(param (ref null $i))", VOID_TYPES)
    ),
    "call_ref of another type": Case(
        body("(call_ref $i (i32.const 1) (local.get 0)) drop", "(param (ref null $v))", VOID_TYPES), MISMATCH
    ),
    "call_ref of funcref": Case(body("(call_ref $v (local.get 0))", "(param funcref)", VOID_TYPES), MISMATCH),
    "call_ref of a structure": Case("(type (struct)) (func unreachable (call_ref 0))", MISMATCH),
    "call_ref unknown type": Case(body("unreachable (call_ref 9)"), "unknown type 9"),
    "return_call": Case(
        "(func (result i32) (return_call 1 (i32.const 1))) (func (param i32) (result i32) (i32.const 1))"
    ),
    "return_call of other results": Case(
        "(func (result i32) (return_call 1)) (func (result f32) (f32.const 1))", MISMATCH
    ),
    "return_call of more results": Case(
        "(func (result i32) (return_call 1)) (func (result i32 i32) (i32.const 1) (i32.const 1))", MISMATCH
    ),
    "return_call of a subtype": Case(
        "(func (result anyref) (return_call 1)) (func (result eqref) (ref.null eq))"
    ),
    "return_call of a supertype": Case(
        "(func (result eqref) (return_call 1)) (func (result anyref) (ref.null any))", MISMATCH
    ),
    "return_call without argument": Case("(func (return_call 1)) (func (param i32))", MISMATCH),
    "return_call unknown": Case(body("(return_call 4)"), "unknown function 4"),
    "return_call_indirect": Case(
        body("(return_call_indirect (type $v) (i32.const 0))", "", VOID_TYPES + "(table 1 funcref)")
    ),
    "return_call_indirect of other results": Case(
        body("(return_call_indirect (type $two) (i32.const 0))", "", VOID_TYPES + "(table 1 funcref)"),
        MISMATCH,
    ),
    "return_call_ref": Case(body("(return_call_ref $v (local.get 0))", "(param (ref $v))", VOID_TYPES)),
    "return_call_ref of other results": Case(
        body("(return_call_ref $two (local.get 0))", "(param (ref $two))", VOID_TYPES), MISMATCH
    ),
}


GROUPS = {
    "control": CONTROL,
    "branches": BRANCHES,
    "calls": CALLS,
}


@pytest.mark.parametrize(
    "case",
    [
        pytest.param(case, id=f"{group}: {name}")
        for group, cases in GROUPS.items()
        for name, case in cases.items()
    ],
)
def test_rule(case: Case, check_rule: Callable[[str, str | None], None]) -> None:
    check_rule(case.text, case.reason)
