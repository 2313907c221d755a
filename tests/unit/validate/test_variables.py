"""Locals, globals, select, constant expressions: the rules that are kept, and broken one by one."""

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


MISMATCH = "type mismatch: in function 0, at byte 0x"
CONST_MISMATCH = "type mismatch: at byte 0x"


VARIABLES = {
    "local.get": Case(body("(local.get 1) drop", "(param i32) (local f64)")),
    "local.get of a parameter": Case(body("(local.get 0)", "(param i32) (result i32) (local f64)")),
    "local.get has the local's type": Case(
        body("(local.get 1)", "(param i32) (result i32) (local f64)"), MISMATCH
    ),
    "local.get finds its run": Case(
        body(
            "(local.get 4) f64.neg drop (local.get 3) i64.eqz drop", "(param i32) (local i64 i64 i64 f64 f64)"
        )
    ),
    "local.get unknown": Case(body("(local.get 2) drop", "(param i32) (local f64)"), "unknown local 2"),
    "local.get without locals": Case(body("(local.get 0) drop"), "unknown local 0"),
    "local.set": Case(body("(local.set 0 (f64.const 1))", "(local f64)")),
    "local.set of another type": Case(body("(local.set 0 (i32.const 1))", "(local f64)"), MISMATCH),
    "local.set unknown": Case(body("(local.set 1 (i32.const 1))", "(local i32)"), "unknown local 1"),
    "local.tee": Case(body("(local.tee 0 (f64.const 1)) f64.neg drop", "(local f64)")),
    "local.tee of another type": Case(body("(local.tee 0 (i32.const 1)) drop", "(local f64)"), MISMATCH),
    "local.tee leaves the local's type": Case(
        body("(local.tee 1 (local.get 0)) i31.get_s drop", "(param (ref i31)) (local anyref)"), MISMATCH
    ),
    "local.tee unknown": Case(body("(local.tee 1 (i32.const 1)) drop", "(local i32)"), "unknown local 1"),
    "unset local": Case(body("(local.get 0) drop", "(local (ref func))"), "uninitialized local"),
    "set local": Case(
        body("(local.set 1 (local.get 0)) (local.get 1) drop", "(param (ref any)) (local (ref any))")
    ),
    "local set by local.tee": Case(
        body("(local.tee 1 (local.get 0)) drop (local.get 1) drop", "(param (ref any)) (local (ref any))")
    ),
    "local set in a block is unset after it": Case(
        body("(block (local.set 1 (local.get 0))) (local.get 1) drop", "(param (ref any)) (local (ref any))"),
        "uninitialized local",
    ),
    "local set before a block is set in it": Case(
        body("(local.set 1 (local.get 0)) (block (local.get 1) drop)", "(param (ref any)) (local (ref any))")
    ),
    "local set in then is unset in else": Case(
        body(
            "(if (i32.const 1) (then (local.set 1 (local.get 0))) (else (local.get 1) drop))",
            "(param (ref any)) (local (ref any))",
        ),
        "uninitialized local",
    ),
    "unset in the next function again": Case(
        "(func (param (ref any)) (local (ref any)) (local.set 1 (local.get 0)))"
        "(func (param (ref any)) (local (ref any)) (local.get 1) drop)",
        "uninitialized local: in function 1",
    ),
    "nullable local is null": Case(body("(local.get 0) drop", "(local funcref)")),
    "unset local in unreachable code": Case(
        body("unreachable (local.get 0) drop", "(local (ref any))"), "uninitialized local"
    ),
    "global.get": Case(body("(global.get 0) f32.neg drop", "", "(global f32 (f32.const 1))")),
    "global.get of another type": Case(
        body("(global.get 0) i32.eqz drop", "", "(global f32 (f32.const 1))"), MISMATCH
    ),
    "global.get unknown": Case(
        body("(global.get 1) drop", "", "(global f32 (f32.const 1))"), "unknown global 1"
    ),
    "global.set": Case(body("(global.set 0 (f32.const 1))", "", "(global (mut f32) (f32.const 1))")),
    "global.set of another type": Case(
        body("(global.set 0 (i32.const 1))", "", "(global (mut f32) (f32.const 1))"), MISMATCH
    ),
    "global.set immutable": Case(
        body("(global.set 0 (f32.const 1))", "", "(global f32 (f32.const 1))"), "immutable global"
    ),
    "global.set unknown": Case(body("(global.set 0 (f32.const 1))"), "unknown global 0"),
    "select": Case(body("(select (f32.const 1) (f32.const 2) (i32.const 1)) f32.neg drop")),
    "select of vectors": Case(
        body("(select (local.get 0) (local.get 0) (i32.const 1)) drop", "(param v128)")
    ),
    "select of two types": Case(body("(select (f32.const 1) (f64.const 2) (i32.const 1)) drop"), MISMATCH),
    "select of references": Case(
        body("(select (local.get 0) (local.get 0) (i32.const 1)) drop", "(param funcref)"), MISMATCH
    ),
    "select with another condition": Case(
        body("(select (f32.const 1) (f32.const 2) (i64.const 1)) drop"), MISMATCH
    ),
    "select of one operand": Case(body("(f32.const 1) (i32.const 1) select drop"), MISMATCH),
    "select in unreachable code": Case(body("unreachable select i32.eqz drop")),
    "select in unreachable code, one known": Case(
        body("unreachable (f32.const 1) (i32.const 0) select i32.eqz drop"), MISMATCH
    ),
    "select in unreachable code, first known": Case(
        body("unreachable (block (br 1)) (ref.null func) (i32.const 0) select drop"), MISMATCH
    ),
    "select with a type": Case(
        body("(select (result funcref) (local.get 0) (ref.null func) (i32.const 1)) drop", "(param funcref)")
    ),
    "select with a type, another operand": Case(
        body("(select (result funcref) (ref.null any) (ref.null func) (i32.const 1)) drop"), MISMATCH
    ),
    "select with two types": Case(
        body("(select (result i32 i32) (i32.const 1) (i32.const 1) (i32.const 1)) drop"),
        "invalid result arity",
    ),
}


CONSTANTS = {
    "number": Case(
        "(global i32 (i32.const 1)) (global i64 (i64.const 1)) (global f32 (f32.const 1))"
        " (global f64 (f64.const 1))"
    ),
    "vector": Case("(global v128 (v128.const i64x2 0 0))"),
    "of another type": Case("(global i32 (i64.const 1))", CONST_MISMATCH),
    "empty": Case("(global i32)", CONST_MISMATCH),
    "two values": Case("(global i32 (i32.const 1) (i32.const 1))", CONST_MISMATCH),
    "extended": Case(
        "(global i32 (i32.mul (i32.sub (i32.const 1) (i32.const 2)) (i32.add (i32.const 1) (i32.const 2))))"
    ),
    "extended i64": Case(
        "(global i64 (i64.mul (i64.sub (i64.const 1) (i64.const 2)) (i64.add (i64.const 1) (i64.const 2))))"
    ),
    "not constant": Case(
        "(global i32 (i32.and (i32.const 1) (i32.const 2)))", "constant expression required"
    ),
    "not constant, nop": Case("(global i32 nop (i32.const 1))", "constant expression required"),
    "call": Case("(func (result i32) (i32.const 1)) (global i32 (call 0))", "constant expression required"),
    "block": Case("(global i32 (block (result i32) (i32.const 1)))", "constant expression required"),
    "global.get of an import": Case('(import "" "" (global i32)) (global i32 (global.get 0))'),
    "global.get of an earlier global": Case("(global i32 (i32.const 1)) (global i32 (global.get 0))"),
    "global.get of itself": Case("(global i32 (global.get 0))", "unknown global 0"),
    "global.get of a later global": Case(
        "(global i32 (global.get 1)) (global i32 (i32.const 1))", "unknown global 1"
    ),
    "global.get of a mutable global": Case(
        '(import "" "" (global (mut i32))) (global i32 (global.get 0))', "constant expression required"
    ),
    "global.get of another type": Case(
        "(global i32 (i32.const 1)) (global f32 (global.get 0))", CONST_MISMATCH
    ),
    "ref.null": Case("(global anyref (ref.null none))"),
    "ref.null of another hierarchy": Case("(global anyref (ref.null func))", CONST_MISMATCH),
    "ref.func": Case("(type $t (func)) (func $f (type $t)) (global (ref $t) (ref.func $f))"),
    "ref.func of another type": Case(
        "(type $t (func)) (type $u (func (param i32))) (func $f (type $t)) (global (ref $u) (ref.func $f))",
        CONST_MISMATCH,
    ),
    "gc": Case(
        "(type $s (struct (field i32) (field i31ref))) (type $a (array (ref $s)))"
        "(global (ref $a) (array.new_fixed $a 2 (struct.new $s (i32.const 1) (ref.i31"
        " (i32.const 1))) (struct.new_default $s)))"
        "(global (ref $a) (array.new $a (struct.new_default $s) (i32.const 3)))"
        "(global externref (extern.convert_any (any.convert_extern (ref.null extern))))"
    ),
    "struct.get is not constant": Case(
        "(type $s (struct (field i32))) (global i32 (struct.get $s 0 (struct.new_default $s)))",
        "constant expression required",
    ),
    "table": Case("(func $f) (table 1 (ref func) (ref.func $f))"),
    "table of another type": Case("(table 1 (ref any) (ref.null any))", CONST_MISMATCH),
    "table sees imported globals": Case(
        '(import "" "" (global (ref func))) (table 1 (ref func) (global.get 0))'
    ),
    "table sees no other globals": Case(
        "(func $f) (table 1 (ref func) (global.get 0)) (global (ref func) (ref.func $f))", "unknown global 0"
    ),
    "table without value": Case("(table 1 (ref func))", "type mismatch"),
    "data offset": Case('(memory 1) (data (i32.const 1) "a")'),
    "data offset of 64 bits": Case('(memory i64 1) (data (i64.const 1) "a")'),
    "data offset of another type": Case('(memory i64 1) (data (i32.const 1) "a")', CONST_MISMATCH),
    "data offset sees all globals": Case('(memory 1) (global i32 (i32.const 1)) (data (global.get 0) "a")'),
    "elem offset": Case("(table 1 funcref) (elem (i32.const 1))"),
    "elem offset of another type": Case("(table 1 funcref) (elem (i64.const 1))", CONST_MISMATCH),
    "elem offset of 64 bits": Case("(table i64 1 funcref) (elem (i64.const 1))"),
    "elem items": Case("(func $f) (elem (ref func) (ref.func $f) (ref.func $f))"),
    "elem item of another type": Case(
        "(func $f) (elem anyref (ref.null none) (ref.func $f))", CONST_MISMATCH
    ),
    "elem item not constant": Case(
        "(elem funcref (table.get 0 (i32.const 1))) (table 1 funcref)", "constant expression required"
    ),
}


GROUPS = {
    "variables": VARIABLES,
    "constants": CONSTANTS,
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
