"""References, structures, arrays, casts: the rules that are kept, and broken one by one."""

from collections.abc import Callable
from textwrap import dedent
from typing import NamedTuple

import pytest


class Case(NamedTuple):
    text: str
    """Fields of a module."""
    reason: str | None = None
    """How the message starts; None if the module is valid."""


GC_TYPES = dedent("""
    (type $f (func (param i32) (result i64)))
    (type $s (struct (field i32) (field (mut i64)) (field i8) (field (mut i16))))
    (type $sr (struct (field (ref $s))))
    (type $sn (struct (field (ref null $s)) (field v128)))
    (type $base (sub (struct (field i32))))
    (type $derived (sub $base (struct (field i32) (field f32))))
    (type $a (array (mut i32)))
    (type $ac (array i32))
    (type $a8 (array (mut i8)))
    (type $a16 (array (mut i16)))
    (type $ar (array (mut (ref $s))))
    (type $an (array (mut (ref null $base))))
    (type $ad (array (mut (ref null $derived))))
    (type $af (array (mut funcref)))
""")
MISMATCH = "type mismatch: in function 0, at byte 0x"


def gc(code: str, signature: str = "") -> str:
    return f"{GC_TYPES} (func {signature} {code})"


REFERENCES = {
    "ref.null": Case(gc("(ref.null $s) (drop) (ref.null none)", "(result (ref null $s))")),
    "ref.null unknown type": Case(gc("(ref.null 99) drop"), "unknown type 99"),
    "ref.null is nullable": Case(gc("(ref.null $s)", "(result (ref $s))"), MISMATCH),
    "ref.is_null": Case(gc("(ref.is_null (local.get 0)) i32.eqz drop", "(param externref)")),
    "ref.is_null of a number": Case(gc("(ref.is_null (i32.const 0)) drop"), MISMATCH),
    "ref.as_non_null": Case(gc("(ref.as_non_null (local.get 0))", "(param (ref null $s)) (result (ref $s))")),
    "ref.as_non_null of a number": Case(gc("(ref.as_non_null (i32.const 0)) drop"), MISMATCH),
    "ref.as_non_null in unreachable code": Case(
        gc("unreachable ref.as_non_null (br 0)", "(result (ref $s))")
    ),
    "ref.as_non_null in unreachable code is a reference": Case(
        gc("unreachable ref.as_non_null i32.eqz drop"), MISMATCH
    ),
    "ref.func": Case("(type $t (func)) (elem declare func 0) (func (type $t) (ref.func 0) (call_ref $t))"),
    "ref.func of an export": Case('(func (export "f") (ref.func 0) drop)'),
    "ref.func of a global": Case("(global funcref (ref.func 0)) (func (ref.func 0) drop)"),
    "ref.func of a table": Case("(table 1 funcref (ref.func 0)) (func (ref.func 0) drop)"),
    "ref.func of an element expression": Case("(elem funcref (ref.func 0)) (func (ref.func 0) drop)"),
    "ref.func undeclared": Case("(func (ref.func 0) drop)", "undeclared function reference"),
    "ref.func of the start function is undeclared": Case(
        "(func (ref.func 0) drop) (start 0)", "undeclared function reference"
    ),
    "ref.func unknown": Case("(func (ref.func 1) drop)", "unknown function 1"),
    "ref.eq": Case(gc("(ref.eq (local.get 0) (local.get 1)) i32.eqz drop", "(param (ref $s) i31ref)")),
    "ref.eq of anyref": Case(gc("(ref.eq (local.get 0) (local.get 0)) drop", "(param anyref)"), MISMATCH),
    "ref.test": Case(gc("(ref.test (ref $s) (local.get 0)) i32.eqz drop", "(param anyref)")),
    "ref.test of another hierarchy": Case(
        gc("(ref.test (ref $s) (local.get 0)) drop", "(param funcref)"), MISMATCH
    ),
    "ref.test of a function type": Case(gc("(ref.test (ref null $f) (local.get 0)) drop", "(param funcref)")),
    "ref.test unknown type": Case(gc("unreachable (ref.test (ref 99)) drop"), "unknown type 99"),
    "ref.cast": Case(gc("(ref.cast (ref $s) (local.get 0))", "(param anyref) (result (ref $s))")),
    "ref.cast to a nullable type": Case(
        gc("(ref.cast (ref null $s) (local.get 0))", "(param anyref) (result (ref null $s))")
    ),
    "ref.cast null is nullable": Case(
        gc("(ref.cast (ref null $s) (local.get 0))", "(param anyref) (result (ref $s))"), MISMATCH
    ),
    "ref.cast of another hierarchy": Case(
        gc("(ref.cast (ref extern) (local.get 0)) drop", "(param anyref)"), MISMATCH
    ),
    "br_on_cast": Case(
        gc(
            "(block (result (ref $s)) (br_on_cast 0 anyref (ref $s) (local.get 0)) unreachable) drop",
            "(param anyref)",
        )
    ),
    "br_on_cast leaves the rest": Case(
        gc(
            "(block (result (ref null $s)) (br_on_cast 0 anyref (ref null $s) (local.get 0))"
            " (return)) drop (ref.as_non_null (local.get 0))",
            "(param anyref) (result (ref any))",
        )
    ),
    "br_on_cast leaves null": Case(
        gc(
            "(block (result (ref $s)) (br_on_cast 0 anyref (ref $s) (local.get 0)) (return))"
            " drop (ref.as_non_null (local.get 0))",
            "(param anyref) (result (ref any))",
        ),
        MISMATCH,
    ),
    "br_on_cast upwards": Case(
        gc("(block (result anyref) (br_on_cast 0 (ref $s) anyref (local.get 0))) drop", "(param (ref $s))"),
        MISMATCH,
    ),
    "br_on_cast label of another type": Case(
        gc(
            "(block (result (ref $a)) (br_on_cast 0 anyref (ref $s) (local.get 0)) unreachable) drop",
            "(param anyref)",
        ),
        MISMATCH,
    ),
    "br_on_cast label without value": Case(
        gc("(block (br_on_cast 0 anyref (ref $s) (local.get 0)) drop)", "(param anyref)"), MISMATCH
    ),
    "br_on_cast of another operand": Case(
        gc(
            "(block (result (ref $s)) (br_on_cast 0 eqref (ref $s) (local.get 0)) unreachable) drop",
            "(param anyref)",
        ),
        MISMATCH,
    ),
    "br_on_cast unknown label": Case(
        gc("unreachable (br_on_cast 7 anyref (ref $s)) drop"), "unknown label 7"
    ),
    "br_on_cast_fail": Case(
        gc(
            "(block (result anyref) (br_on_cast_fail 0 anyref (ref $s) (local.get 0))"
            " (return)) drop unreachable",
            "(param anyref) (result (ref $s))",
        )
    ),
    "br_on_cast_fail takes null along": Case(
        gc(
            "(block (result (ref any)) (br_on_cast_fail 0 anyref (ref $s) (local.get 0)) unreachable) drop",
            "(param anyref)",
        ),
        MISMATCH,
    ),
    "br_on_cast_fail without null": Case(
        gc(
            "(block (result (ref any)) (br_on_cast_fail 0 anyref (ref null $s) (local.get 0))"
            " unreachable) drop",
            "(param anyref)",
        )
    ),
    "any.convert_extern": Case(
        gc("(any.convert_extern (local.get 0))", "(param (ref extern)) (result (ref any))")
    ),
    "any.convert_extern keeps null": Case(
        gc("(any.convert_extern (local.get 0))", "(param externref) (result (ref any))"), MISMATCH
    ),
    "any.convert_extern of anyref": Case(
        gc("(any.convert_extern (local.get 0)) drop", "(param anyref)"), MISMATCH
    ),
    "extern.convert_any": Case(
        gc("(extern.convert_any (local.get 0))", "(param (ref $s)) (result (ref extern))")
    ),
    "extern.convert_any of funcref": Case(
        gc("(extern.convert_any (local.get 0)) drop", "(param funcref)"), MISMATCH
    ),
    "ref.i31": Case(gc("(i31.get_s (ref.i31 (i32.const 1))) (i31.get_u (ref.null i31)) i32.add drop")),
    "ref.i31 of i64": Case(gc("(ref.i31 (i64.const 1)) drop"), MISMATCH),
    "i31.get_s of eqref": Case(gc("(i31.get_s (local.get 0)) drop", "(param eqref)"), MISMATCH),
}


STRUCTURES = {
    "struct.new": Case(
        gc("(struct.new $s (i32.const 1) (i64.const 1) (i32.const 1) (i32.const 1))", "(result (ref $s))")
    ),
    "struct.new without field": Case(
        gc("(struct.new $s (i32.const 1) (i64.const 1) (i32.const 1)) drop"), MISMATCH
    ),
    "struct.new with another field": Case(
        gc("(struct.new $s (i32.const 1) (i32.const 1) (i32.const 1) (i32.const 1)) drop"), MISMATCH
    ),
    "struct.new of an array": Case(gc("unreachable (struct.new $a) drop"), MISMATCH),
    "struct.new unknown type": Case(gc("unreachable (struct.new 99) drop"), "unknown type 99"),
    "struct.new_default": Case(gc("(struct.new_default $sn)", "(result (ref $sn))")),
    "struct.new_default without default": Case(gc("(struct.new_default $sr) drop"), MISMATCH),
    "struct.get": Case(gc("(struct.get $s 1 (local.get 0)) i64.eqz drop", "(param (ref null $s))")),
    "struct.get of a supertype's field": Case(
        gc("(struct.get $base 0 (local.get 0)) drop", "(param (ref $derived))")
    ),
    "struct.get of a subtype's field": Case(
        gc("(struct.get $derived 1 (local.get 0)) drop", "(param (ref $base))"), MISMATCH
    ),
    "struct.get packed": Case(gc("(struct.get $s 2 (local.get 0)) drop", "(param (ref $s))"), MISMATCH),
    "struct.get_s": Case(gc("(struct.get_s $s 2 (local.get 0)) i32.eqz drop", "(param (ref $s))")),
    "struct.get_u of a number": Case(
        gc("(struct.get_u $s 0 (local.get 0)) drop", "(param (ref $s))"), MISMATCH
    ),
    "struct.get unknown field": Case(
        gc("(struct.get $s 4 (local.get 0)) drop", "(param (ref $s))"), "unknown field 4"
    ),
    "struct.get of an array": Case(gc("unreachable (struct.get $a 0) drop"), MISMATCH),
    "struct.set": Case(gc("(struct.set $s 3 (local.get 0) (i32.const 1))", "(param (ref $s))")),
    "struct.set of another type": Case(
        gc("(struct.set $s 1 (local.get 0) (i32.const 1))", "(param (ref $s))"), MISMATCH
    ),
    "struct.set immutable": Case(
        gc("(struct.set $s 0 (local.get 0) (i32.const 1))", "(param (ref $s))"), "immutable field"
    ),
}


ARRAYS = {
    "array.new": Case(gc("(array.new $a8 (i32.const 1) (i32.const 1))", "(result (ref $a8))")),
    "array.new of another element": Case(gc("(array.new $a (i64.const 1) (i32.const 1)) drop"), MISMATCH),
    "array.new of a structure": Case(gc("unreachable (array.new $s) drop"), MISMATCH),
    "array.new unknown type": Case(gc("unreachable (array.new 99) drop"), "unknown type 99"),
    "array.new_default": Case(gc("(array.new_default $an (i32.const 1))", "(result (ref $an))")),
    "array.new_default without default": Case(gc("(array.new_default $ar (i32.const 1)) drop"), MISMATCH),
    "array.new_fixed": Case(gc("(array.new_fixed $a 2 (i32.const 1) (i32.const 1))", "(result (ref $a))")),
    "array.new_fixed of none": Case(gc("(array.new_fixed $a 0)", "(result (ref $a))")),
    "array.new_fixed of fewer": Case(gc("(array.new_fixed $a 3 (i32.const 1) (i32.const 1)) drop"), MISMATCH),
    "array.new_fixed of another element": Case(
        gc("(array.new_fixed $a 2 (i64.const 1) (i32.const 1)) drop"), MISMATCH
    ),
    "array.new_fixed in unreachable code": Case(gc("unreachable (i32.const 1) (array.new_fixed $a 9) drop")),
    "array.new_fixed in unreachable code, another element": Case(
        gc("unreachable (i64.const 1) (array.new_fixed $a 9) drop"), MISMATCH
    ),
    "array.new_fixed limit": Case(gc("unreachable (array.new_fixed $a 10001) drop"), "too many operands"),
    "array.new_data": Case(gc("(array.new_data $a8 0 (i32.const 1) (i32.const 1)) drop", "") + '(data "a")'),
    "array.new_data of references": Case(
        gc("(array.new_data $an 0 (i32.const 1) (i32.const 1)) drop", "") + '(data "a")',
        "array type is not numeric or vector",
    ),
    "array.new_data unknown": Case(
        gc("(array.new_data $a8 1 (i32.const 1) (i32.const 1)) drop", "") + '(data "a")',
        "unknown data segment 1",
    ),
    "array.new_elem": Case(
        gc("(array.new_elem $af 0 (i32.const 1) (i32.const 1)) drop", "") + "(elem funcref)"
    ),
    "array.new_elem of another type": Case(
        gc("(array.new_elem $an 0 (i32.const 1) (i32.const 1)) drop", "") + "(elem funcref)", MISMATCH
    ),
    "array.new_elem unknown": Case(
        gc("(array.new_elem $af 0 (i32.const 1) (i32.const 1)) drop", ""), "unknown elem segment 0"
    ),
    "array.get": Case(gc("(array.get $a (local.get 0) (i32.const 1)) i32.eqz drop", "(param (ref null $a))")),
    "array.get packed": Case(
        gc("(array.get $a8 (local.get 0) (i32.const 1)) drop", "(param (ref $a8))"), MISMATCH
    ),
    "array.get_s": Case(
        gc("(array.get_s $a16 (local.get 0) (i32.const 1)) i32.eqz drop", "(param (ref $a16))")
    ),
    "array.get_u of a number": Case(
        gc("(array.get_u $a (local.get 0) (i32.const 1)) drop", "(param (ref $a))"), MISMATCH
    ),
    "array.get with another index": Case(
        gc("(array.get $a (local.get 0) (i64.const 1)) drop", "(param (ref $a))"), MISMATCH
    ),
    "array.set": Case(gc("(array.set $a8 (local.get 0) (i32.const 1) (i32.const 1))", "(param (ref $a8))")),
    "array.set of another element": Case(
        gc("(array.set $a (local.get 0) (i32.const 1) (f32.const 1))", "(param (ref $a))"), MISMATCH
    ),
    "array.set immutable": Case(
        gc("(array.set $ac (local.get 0) (i32.const 1) (i32.const 1))", "(param (ref $ac))"),
        "immutable array",
    ),
    "array.len": Case(gc("(array.len (local.get 0)) i32.eqz drop", "(param (ref $a))")),
    "array.len of a structure": Case(gc("(array.len (local.get 0)) drop", "(param (ref $s))"), MISMATCH),
    "array.fill": Case(
        gc("(array.fill $a8 (local.get 0) (i32.const 1) (i32.const 1) (i32.const 1))", "(param (ref $a8))")
    ),
    "array.fill immutable": Case(
        gc("(array.fill $ac (local.get 0) (i32.const 1) (i32.const 1) (i32.const 1))", "(param (ref $ac))"),
        "immutable array",
    ),
    "array.fill of another element": Case(
        gc("(array.fill $a (local.get 0) (i32.const 1) (i64.const 1) (i32.const 1))", "(param (ref $a))"),
        MISMATCH,
    ),
    "array.copy": Case(
        gc(
            "(array.copy $a $ac (local.get 0) (i32.const 1) (local.get 1) (i32.const 1) (i32.const 1))",
            "(param (ref $a) (ref $ac))",
        )
    ),
    "array.copy of a subtype": Case(
        gc(
            "(array.copy $an $ad (local.get 0) (i32.const 1) (local.get 1) (i32.const 1) (i32.const 1))",
            "(param (ref $an) (ref $ad))",
        )
    ),
    "array.copy of a supertype": Case(
        gc(
            "(array.copy $ad $an (local.get 0) (i32.const 1) (local.get 1) (i32.const 1) (i32.const 1))",
            "(param (ref $ad) (ref $an))",
        ),
        "array types do not match",
    ),
    "array.copy of another packed type": Case(
        gc(
            "(array.copy $a8 $a16 (local.get 0) (i32.const 1) (local.get 1) (i32.const 1) (i32.const 1))",
            "(param (ref $a8) (ref $a16))",
        ),
        "array types do not match",
    ),
    "array.copy immutable": Case(
        gc(
            "(array.copy $ac $a (local.get 0) (i32.const 1) (local.get 1) (i32.const 1) (i32.const 1))",
            "(param (ref $ac) (ref $a))",
        ),
        "immutable array",
    ),
    "array.copy swapped": Case(
        gc(
            "(array.copy $a $ac (local.get 1) (i32.const 1) (local.get 0) (i32.const 1) (i32.const 1))",
            "(param (ref $a) (ref $ac))",
        ),
        MISMATCH,
    ),
    "array.init_data": Case(
        gc(
            "(array.init_data $a8 0 (local.get 0) (i32.const 1) (i32.const 1) (i32.const 1))",
            "(param (ref $a8))",
        )
        + '(data "a")'
    ),
    "array.init_data of references": Case(
        gc(
            "(array.init_data $an 0 (local.get 0) (i32.const 1) (i32.const 1) (i32.const 1))",
            "(param (ref $an))",
        )
        + '(data "a")',
        "array type is not numeric or vector",
    ),
    "array.init_data immutable": Case(
        gc(
            "(array.init_data $ac 0 (local.get 0) (i32.const 1) (i32.const 1) (i32.const 1))",
            "(param (ref $ac))",
        )
        + '(data "a")',
        "immutable array",
    ),
    "array.init_elem": Case(
        gc(
            "(array.init_elem $af 0 (local.get 0) (i32.const 1) (i32.const 1) (i32.const 1))",
            "(param (ref $af))",
        )
        + "(elem funcref)"
    ),
    "array.init_elem of another type": Case(
        gc(
            "(array.init_elem $an 0 (local.get 0) (i32.const 1) (i32.const 1) (i32.const 1))",
            "(param (ref $an))",
        )
        + "(elem funcref)",
        MISMATCH,
    ),
}


GROUPS = {
    "references": REFERENCES,
    "structures": STRUCTURES,
    "arrays": ARRAYS,
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
