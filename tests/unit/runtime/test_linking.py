"""Import matching (core specification, section 3.4.14, External Types)."""

import pytest

import wasmine

PROVIDER = """
(module
  (func (export "f") (param i32) (result i64) (i64.const 7))
  (table (export "t") 5 10 funcref)
  (table (export "open_table") 5 funcref)
  (memory (export "m") 2 4)
  (memory (export "open_memory") 2)
  (memory (export "m64") i64 2 4)
  (memory (export "shared") 2 4 shared)
  (global (export "g") i32 (i32.const 1))
  (global (export "mutable") (mut i32) (i32.const 1))
  (global (export "ref") (ref func) (ref.func 0))
  (global (export "mutable_ref") (mut (ref func)) (ref.func 0))
  (tag (export "tag") (param i32)))
"""
MATCHES = [
    ("f", "(func (param i32) (result i64))"),
    ("t", "(table 5 10 funcref)"),
    ("t", "(table 0 funcref)"),
    ("t", "(table 5 11 funcref)"),
    ("open_table", "(table 4 funcref)"),
    ("m", "(memory 2 4)"),
    ("m", "(memory 0)"),
    ("m", "(memory 1 65536)"),
    ("open_memory", "(memory 2)"),
    ("m64", "(memory i64 2 4)"),
    ("shared", "(memory 1 5 shared)"),
    ("g", "(global i32)"),
    ("mutable", "(global (mut i32))"),
    ("ref", "(global (ref func))"),
    ("ref", "(global funcref)"),
    ("mutable_ref", "(global (mut (ref func)))"),
    ("tag", "(tag (param i32))"),
]
CLASHES = [
    ("f", "(func (param i32) (result i32))"),
    ("f", "(func (param i32))"),
    ("f", "(func (param i64) (result i64))"),
    ("f", "(memory 1)"),
    ("t", "(table 6 10 funcref)"),
    ("t", "(table 5 9 funcref)"),
    ("t", "(table 5 10 externref)"),
    ("t", "(table i64 5 10 funcref)"),
    ("open_table", "(table 5 10 funcref)"),
    ("m", "(memory 3 4)"),
    ("m", "(memory 2 3)"),
    ("m", "(memory i64 2 4)"),
    ("m", "(memory 2 4 shared)"),
    ("m64", "(memory 2 4)"),
    ("open_memory", "(memory 2 65536)"),
    ("shared", "(memory 2 4)"),
    ("shared", "(memory 2 3 shared)"),
    ("g", "(global i64)"),
    ("g", "(global (mut i32))"),
    ("mutable", "(global i32)"),
    ("mutable_ref", "(global (mut funcref))"),
    ("mutable_ref", "(global (ref func))"),
    ("tag", "(tag)"),
    ("tag", "(tag (param i64))"),
    ("tag", "(func (param i32))"),
]


def consumer(wanted: str) -> str:
    kind, rest = wanted[1:].split(" ", 1) if " " in wanted else (wanted[1:-1], ")")
    return f'(module (import "a" "x" ({kind} {rest}))'


@pytest.mark.parametrize(("name", "wanted"), MATCHES)
def test_match(instantiate, name, wanted):
    provider = instantiate(PROVIDER)
    instantiate(consumer(wanted), {"a.x": provider.exports[name]})


@pytest.mark.parametrize(("name", "wanted"), CLASHES)
def test_clash(instantiate, name, wanted):
    provider = instantiate(PROVIDER)
    with pytest.raises(wasmine.LinkError, match=r"^incompatible import type: a\.x must be an? "):
        instantiate(consumer(wanted), {"a.x": provider.exports[name]})


def test_message_describes_both_sides(instantiate):
    provider = instantiate(PROVIDER)
    with pytest.raises(wasmine.LinkError) as caught:
        instantiate(consumer("(memory 3 4)"), {"a.x": provider.exports.m})
    assert str(caught.value) == (
        "incompatible import type: a.x must be a 32-bit memory of 3 to 4 pages of 65536 bytes, "
        "but a 32-bit memory of 2 to 4 pages of 65536 bytes is provided"
    )


def test_missing_import(instantiate):
    with pytest.raises(wasmine.LinkError, match=r"^unknown import: .*a.*x"):
        instantiate(consumer("(memory 1)"))


def test_limits_are_those_of_the_moment(instantiate):
    provider = instantiate(
        """(module (memory (export "m") 1 4)
           (func (export "grow") (result i32) (memory.grow (i32.const 1))))"""
    )
    wanted = consumer("(memory 2)")
    with pytest.raises(wasmine.LinkError):
        instantiate(wanted, {"a.x": provider.exports.m})
    provider.exports.grow()
    instantiate(wanted, {"a.x": provider.exports.m})


def test_function_types_of_different_modules_are_equal_by_structure(instantiate):
    provider = instantiate(
        """(module (type (func)) (type (func (param i64))) (rec (type $a (func (result i32))) (type (struct)))
           (func (export "f") (type $a) (i32.const 1)))"""
    )
    same = (
        """(module (rec (type $a (func (result i32))) (type (struct))) (import "a" "x" (func (type $a))))"""
    )
    alone = """(module (type $a (func (result i32))) (import "a" "x" (func (type $a))))"""
    instantiate(same, {"a.x": provider.exports.f})
    with pytest.raises(wasmine.LinkError, match="incompatible import type"):
        instantiate(alone, {"a.x": provider.exports.f})


def test_a_function_of_a_subtype_matches(instantiate):
    types = "(type $super (sub (func))) (type $sub (sub $super (func)))"
    provider = instantiate(
        f"""(module {types} (func (export "super") (type $super)) (func (export "sub") (type $sub)))"""
    )
    wants_super = f'(module {types} (import "a" "x" (func (type $super))))'
    wants_sub = f'(module {types} (import "a" "x" (func (type $sub))))'
    instantiate(wants_super, {"a.x": provider.exports["super"]})
    instantiate(wants_super, {"a.x": provider.exports["sub"]})
    instantiate(wants_sub, {"a.x": provider.exports["sub"]})
    with pytest.raises(wasmine.LinkError, match="incompatible import type"):
        instantiate(wants_sub, {"a.x": provider.exports["super"]})


def test_state_is_shared(instantiate):
    provider = instantiate(
        """(module (memory (export "m") 1) (global $g (export "g") (mut i32) (i32.const 1))
           (func (export "next") (result i32)
             (global.set $g (i32.add (global.get $g) (i32.const 1))) (global.get $g)))"""
    )
    user = instantiate(
        """(module (import "a" "g" (global $g (mut i32))) (import "a" "m" (memory 1))
           (import "a" "next" (func $next (result i32)))
           (func (export "run") (result i32)
             (global.set $g (i32.const 41)) (i32.store (i32.const 0) (call $next))
             (i32.load (i32.const 0))))""",
        {f"a.{name}": provider.exports[name] for name in ("g", "m", "next")},
    )
    assert user.exports.run() == 42
    assert provider.exports.g.value == 42
    assert provider.exports.m[0] == 42
