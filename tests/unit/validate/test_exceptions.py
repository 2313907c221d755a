"""Exceptions of both generations: the rules that are kept, and broken one by one."""

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


EXCEPTIONS = {
    "throw": Case(body("(throw 0 (i32.const 1))", "", "(tag (param i32))")),
    "throw without value": Case(body("(throw 0)", "", "(tag (param i32))"), MISMATCH),
    "throw unknown": Case(body("(throw 0)"), "unknown tag 0"),
    "throw_ref": Case(body("(throw_ref (local.get 0))", "(param exnref)")),
    "throw_ref of another reference": Case(body("(throw_ref (local.get 0))", "(param anyref)"), MISMATCH),
    "try_table": Case(
        body("(block (result i32) (try_table (catch 0 0)) (i32.const 1)) drop", "", "(tag (param i32))")
    ),
    "catch without the tag's value": Case(
        body("(block (try_table (catch 0 0)))", "", "(tag (param i32))"), MISMATCH
    ),
    "catch with another value": Case(
        body("(block (result f32) (try_table (catch 0 0)) (f32.const 1)) drop", "", "(tag (param i32))"),
        MISMATCH,
    ),
    "catch_ref": Case(
        body(
            "(block (result i32 (ref exn)) (try_table (catch_ref 0 0)) unreachable) drop drop",
            "",
            "(tag (param i32))",
        )
    ),
    "catch_ref without the reference": Case(
        body("(block (result i32) (try_table (catch_ref 0 0)) (i32.const 1)) drop", "", "(tag (param i32))"),
        MISMATCH,
    ),
    "catch_ref to another reference": Case(
        body("(block (result anyref) (try_table (catch_ref 0 0)) unreachable) drop", "", "(tag)"), MISMATCH
    ),
    "catch_all": Case(body("(block (try_table (catch_all 0)))")),
    "catch_all to a value": Case(
        body("(block (result i32) (try_table (catch_all 0)) (i32.const 1)) drop"), MISMATCH
    ),
    "catch_all_ref": Case(body("(block (result exnref) (try_table (catch_all_ref 0)) unreachable) drop")),
    "catch_all_ref to nothing": Case(body("(block (try_table (catch_all_ref 0)))"), MISMATCH),
    "catch unknown tag": Case(body("(try_table (catch 3 0))"), "unknown tag 3"),
    "catch unknown label": Case(body("(try_table (catch_all 1))"), "unknown label 1"),
    "catch labels start outside": Case(
        body("(try_table (result i32) (catch_all 0) (i32.const 1)) drop"),
    ),
    "try_table result": Case(body("(try_table (result i32) (f32.const 1)) drop"), MISMATCH),
}


LEGACY_EXCEPTIONS = {
    "try": Case(body("try (result i32) (i32.const 1) catch 0 end drop", "", "(tag (param i32))")),
    "try without catch": Case(body("try nop end")),
    "try of another result": Case(
        body("try (result i32) (f32.const 1) catch_all (i32.const 1) end drop"), MISMATCH
    ),
    "catch of another result": Case(
        body("try (result i64) (i64.const 1) catch 0 end drop", "", "(tag (param i32))"), MISMATCH
    ),
    "catch leaves its value": Case(body("try catch 0 end", "", "(tag (param i32))"), MISMATCH),
    "catch unknown": Case(body("try catch 0 end"), "unknown tag 0"),
    "catch outside of try": Case(body("block catch 0 end", "", "(tag)"), "END opcode expected"),
    "catch after catch_all": Case(body("try catch_all catch 0 end", "", "(tag)"), "END opcode expected"),
    "catch_all twice": Case(body("try catch_all catch_all end"), "END opcode expected"),
    "rethrow": Case(body("try catch_all (block rethrow 1) end")),
    "rethrow outside of catch": Case(body("try rethrow 0 end"), "invalid rethrow label"),
    "rethrow to a block": Case(body("try catch_all block rethrow 0 end end"), "invalid rethrow label"),
    "rethrow unknown label": Case(body("rethrow 4"), "unknown label 4"),
    "delegate": Case(body("try (result i32) (i32.const 1) delegate 0 drop")),
    "delegate outwards": Case(body("try try nop delegate 0 catch_all end")),
    "delegate unknown label": Case(body("try delegate 1"), "unknown label 1"),
    "delegate outside of try": Case(body("block delegate 0"), "END opcode expected"),
    "delegate after catch": Case(body("try catch_all delegate 0"), "END opcode expected"),
    "delegate of another result": Case(body("try (result i32) (f32.const 1) delegate 0 drop"), MISMATCH),
}


GROUPS = {
    "exceptions": EXCEPTIONS,
    "legacy exceptions": LEGACY_EXCEPTIONS,
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
