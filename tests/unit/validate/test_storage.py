"""Memories, tables, segments, lanes: the rules that are kept, and broken one by one."""

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
MEMORY32 = "(memory 1)"
MEMORIES = "(memory 1) (memory i64 1) (memory 1)"


CASES = {
    "load": Case(body("(i64.load32_u offset=8 align=4 (i32.const 0)) i64.eqz drop", "", MEMORY32)),
    "load of another memory": Case(body("(i32.load 1 (i64.const 0)) drop", "", MEMORIES)),
    "load with another address": Case(body("(i32.load (i64.const 0)) drop", "", MEMORY32), MISMATCH),
    "load from a 64-bit memory with a 32-bit address": Case(
        body("(i32.load 1 (i32.const 0)) drop", "", MEMORIES), MISMATCH
    ),
    "load without memory": Case(body("(i32.load (i32.const 0)) drop"), "unknown memory 0"),
    "load of an unknown memory": Case(
        body("(i32.load 3 (i32.const 0)) drop", "", MEMORIES), "unknown memory 3"
    ),
    "load over-aligned": Case(
        body("(i32.load8_u align=2 (i32.const 0)) drop", "", MEMORY32),
        "alignment must not be larger than natural",
    ),
    "offset of 64 bits": Case(body("(i32.load 1 offset=0x100000000 (i64.const 0)) drop", "", MEMORIES)),
    "store": Case(body("(f64.store align=1 (i32.const 0) (f64.const 1))", "", MEMORY32)),
    "store of another type": Case(body("(f64.store (i32.const 0) (f32.const 1))", "", MEMORY32), MISMATCH),
    "store swapped": Case(body("(f64.store (f64.const 1) (i32.const 0))", "", MEMORY32), MISMATCH),
    "vector load": Case(body("(v128.load16x4_s align=8 (i32.const 0)) drop", "", MEMORY32)),
    "vector load over-aligned": Case(
        body("(v128.load32_splat align=8 (i32.const 0)) drop", "", MEMORY32),
        "alignment must not be larger than natural",
    ),
    "lane load": Case(
        body("(v128.load8_lane 15 (i32.const 0) (local.get 0)) drop", "(param v128)", MEMORY32)
    ),
    "lane load of no lane": Case(
        body("(v128.load64_lane 2 (i32.const 0) (local.get 0)) drop", "(param v128)", MEMORY32),
        "invalid lane index",
    ),
    "lane store": Case(body("(v128.store32_lane 3 (i32.const 0) (local.get 0))", "(param v128)", MEMORY32)),
    "lane store of no lane": Case(
        body("(v128.store32_lane 4 (i32.const 0) (local.get 0))", "(param v128)", MEMORY32),
        "invalid lane index",
    ),
    "extract_lane of no lane": Case(
        body("(i16x8.extract_lane_s 8 (local.get 0)) drop", "(param v128)"), "invalid lane index"
    ),
    "replace_lane": Case(body("(f64x2.replace_lane 1 (local.get 0) (f64.const 1)) drop", "(param v128)")),
    "replace_lane of no lane": Case(
        body("(f64x2.replace_lane 2 (local.get 0) (f64.const 1)) drop", "(param v128)"), "invalid lane index"
    ),
    "shuffle": Case(
        body(
            "(i8x16.shuffle 0 1 2 3 4 5 6 7 8 9 10 11 12 13 14 31 (local.get 0) (local.get 0)) drop",
            "(param v128)",
        )
    ),
    "shuffle of no lane": Case(
        body(
            "(i8x16.shuffle 0 1 2 3 4 5 6 7 8 9 10 11 12 13 14 32 (local.get 0) (local.get 0)) drop",
            "(param v128)",
        ),
        "invalid lane index",
    ),
    "atomic": Case(
        body("(i32.atomic.rmw.cmpxchg (i32.const 0) (i32.const 1) (i32.const 2)) drop", "", MEMORY32)
    ),
    "atomic under-aligned": Case(
        body("(i32.atomic.load align=2 (i32.const 0)) drop", "", MEMORY32), "atomic alignment must be natural"
    ),
    "atomic over-aligned": Case(
        body("(i32.atomic.load align=8 (i32.const 0)) drop", "", MEMORY32),
        "alignment must not be larger than natural",
    ),
    "atomic wait on 64 bits": Case(
        body("(memory.atomic.wait64 1 (i64.const 0) (i64.const 0) (i64.const 0)) drop", "", MEMORIES)
    ),
    "fence": Case(body("atomic.fence")),
    "memory.size": Case(body("memory.size i32.eqz drop memory.size 1 i64.eqz drop", "", MEMORIES)),
    "memory.size of another type": Case(body("memory.size i64.eqz drop", "", MEMORIES), MISMATCH),
    "memory.size unknown": Case(body("memory.size drop"), "unknown memory 0"),
    "memory.grow": Case(body("(memory.grow 1 (i64.const 1)) i64.eqz drop", "", MEMORIES)),
    "memory.grow of another type": Case(body("(memory.grow 1 (i32.const 1)) drop", "", MEMORIES), MISMATCH),
    "memory.fill": Case(body("(memory.fill 1 (i64.const 1) (i32.const 1) (i64.const 1))", "", MEMORIES)),
    "memory.fill of another type": Case(
        body("(memory.fill 1 (i64.const 1) (i32.const 1) (i32.const 1))", "", MEMORIES), MISMATCH
    ),
    "memory.copy": Case(body("(memory.copy 0 2 (i32.const 1) (i32.const 1) (i32.const 1))", "", MEMORIES)),
    "memory.copy of 64 bits": Case(
        body("(memory.copy 1 1 (i64.const 1) (i64.const 1) (i64.const 1))", "", MEMORIES)
    ),
    "memory.copy to 64 bits": Case(
        body("(memory.copy 1 0 (i64.const 1) (i32.const 1) (i32.const 1))", "", MEMORIES)
    ),
    "memory.copy from 64 bits": Case(
        body("(memory.copy 0 1 (i32.const 1) (i64.const 1) (i32.const 1))", "", MEMORIES)
    ),
    "memory.copy between, 64-bit size": Case(
        body("(memory.copy 0 1 (i32.const 1) (i64.const 1) (i64.const 1))", "", MEMORIES), MISMATCH
    ),
    "memory.copy unknown": Case(
        body("(memory.copy 0 3 (i32.const 1) (i32.const 1) (i32.const 1))", "", MEMORIES), "unknown memory 3"
    ),
    "memory.init": Case(
        body("(memory.init 1 0 (i64.const 1) (i32.const 1) (i32.const 1))", "", MEMORIES + '(data "a")')
    ),
    "memory.init of another type": Case(
        body("(memory.init 1 0 (i64.const 1) (i64.const 1) (i32.const 1))", "", MEMORIES + '(data "a")'),
        MISMATCH,
    ),
    "memory.init unknown segment": Case(
        body("(memory.init 1 1 (i64.const 1) (i32.const 1) (i32.const 1))", "", MEMORIES + '(data "a")'),
        "unknown data segment 1",
    ),
    "memory.init unknown memory": Case(
        body("(memory.init 0 (i32.const 1) (i32.const 1) (i32.const 1))", "", '(data "a")'),
        "unknown memory 0",
    ),
    "data.drop": Case(body("data.drop 0", "", '(data "a")')),
    "data.drop unknown": Case(body("data.drop 1", "", '(data "a")'), "unknown data segment 1"),
    "table.get": Case(body("(table.get 0 (i32.const 1)) ref.is_null drop", "", "(table 1 funcref)")),
    "table.get of 64 bits": Case(body("(table.get 0 (i64.const 1)) drop", "", "(table i64 1 funcref)")),
    "table.get of another index": Case(
        body("(table.get 0 (i64.const 1)) drop", "", "(table 1 funcref)"), MISMATCH
    ),
    "table.get unknown": Case(
        body("(table.get 1 (i32.const 1)) drop", "", "(table 1 funcref)"), "unknown table 1"
    ),
    "table.set": Case(body("(table.set 0 (i32.const 1) (ref.null func))", "", "(table 1 funcref)")),
    "table.set of another type": Case(
        body("(table.set 0 (i32.const 1) (ref.null any))", "", "(table 1 funcref)"), MISMATCH
    ),
    "table.size": Case(body("table.size 0 i64.eqz drop", "", "(table i64 1 funcref)")),
    "table.size of another type": Case(body("table.size 0 i64.eqz drop", "", "(table 1 funcref)"), MISMATCH),
    "table.grow": Case(
        body("(table.grow 0 (ref.null func) (i32.const 1)) i32.eqz drop", "", "(table 1 funcref)")
    ),
    "table.grow swapped": Case(
        body("(table.grow 0 (i32.const 1) (ref.null func)) drop", "", "(table 1 funcref)"), MISMATCH
    ),
    "table.grow of another type": Case(
        body("(table.grow 0 (ref.null any) (i32.const 1)) drop", "", "(table 1 funcref)"), MISMATCH
    ),
    "table.fill": Case(
        body("(table.fill 0 (i64.const 1) (ref.null func) (i64.const 1))", "", "(table i64 1 funcref)")
    ),
    "table.fill of another type": Case(
        body("(table.fill 0 (i32.const 1) (ref.null any) (i32.const 1))", "", "(table 1 funcref)"), MISMATCH
    ),
    "table.copy": Case(
        body(
            "(table.copy 0 1 (i32.const 1) (i32.const 1) (i32.const 1))",
            "",
            "(table 1 funcref) (table 1 funcref)",
        )
    ),
    "table.copy to 64 bits": Case(
        body(
            "(table.copy 0 1 (i64.const 1) (i32.const 1) (i32.const 1))",
            "",
            "(table i64 1 funcref) (table 1 funcref)",
        )
    ),
    "table.copy of a subtype": Case(
        body(
            "(table.copy 0 1 (i32.const 1) (i32.const 1) (i32.const 1))",
            "",
            "(table 1 anyref) (table 1 eqref)",
        )
    ),
    "table.copy of a supertype": Case(
        body(
            "(table.copy 1 0 (i32.const 1) (i32.const 1) (i32.const 1))",
            "",
            "(table 1 anyref) (table 1 eqref)",
        ),
        MISMATCH,
    ),
    "table.copy unknown": Case(
        body("(table.copy 0 1 (i32.const 1) (i32.const 1) (i32.const 1))", "", "(table 1 funcref)"),
        "unknown table 1",
    ),
    "table.init": Case(
        body(
            "(table.init 0 0 (i64.const 1) (i32.const 1) (i32.const 1))",
            "",
            "(table i64 1 funcref) (elem funcref)",
        )
    ),
    "table.init of another type": Case(
        body(
            "(table.init 0 0 (i32.const 1) (i32.const 1) (i32.const 1))",
            "",
            "(table 1 anyref) (elem funcref)",
        ),
        MISMATCH,
    ),
    "table.init unknown segment": Case(
        body("(table.init 0 0 (i32.const 1) (i32.const 1) (i32.const 1))", "", "(table 1 funcref)"),
        "unknown elem segment 0",
    ),
    "table.init unknown table": Case(
        body("(table.init 0 0 (i32.const 1) (i32.const 1) (i32.const 1))", "", "(elem funcref)"),
        "unknown table 0",
    ),
    "elem.drop": Case(body("elem.drop 0", "", "(elem funcref)")),
    "elem.drop unknown": Case(body("elem.drop 1", "", "(elem funcref)"), "unknown elem segment 1"),
}


GROUPS = {
    "storage": CASES,
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
