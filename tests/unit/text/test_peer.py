"""Texts of ours, against another assembler: the binaries are equal to the byte, name section included."""

import pytest
import wasmtime

from wasmine.spec.opcodes import OPS
from wasmine.text import parse_module
from wasmine.text.operands import PLAIN

MODULES = {
    "empty": "(module)",
    "fields alone": "(memory 1) (func (export \"f\"))",
    "comments": "(; a (; b ;) (;;) ;) (module ;; c\n (func (;d;) nop;;e\n))",
    "imports": """(module $m
        (import "a" "f" (func $f (param i32) (result i64 f32)))
        (import "a" "g" (global $g (mut v128))) (import "a" "t" (table $t 1 2 externref))
        (import "a" "m" (memory $m i64 1)) (import "" "e" (tag $e (param f64)))
        (func $h (export "h") (export "i") (import "b" "h") (param i32))
        (memory (export "n") (import "b" "m") 2 3) (global (import "b" "g") i32))""",
    "exports": """(func $f) (table $t 1 funcref) (memory $m 1) (global $g i32 (i32.const 1)) (tag $e)
        (export "f" (func $f)) (export "t" (table 0)) (export "m" (memory $m)) (export "g" (global $g))
        (export "\\u{3bb}" (tag $e))""",
    "implied types": """(func (param i32) (result i32) (block (param i32) (result i32 i32) unreachable) drop)
        (type $later (func (param f32))) (func (param f32) (call_indirect (param i64) (i64.const 0) (i32.const 0)))
        (func (param i64)) (table 1 funcref)""",
    "types": """(type $f (func (param i32) (param i64 f32) (result (ref null $s) (ref extern))))
        (rec (type $s (struct (field $x i8) (field (mut i16)) (field i32 (mut (ref $a))))) (type $a (array (mut $i))))
        """.replace("(mut $i)", "(mut (ref null $s))"),
    "subtypes": """(type $a (sub (struct (field i32)))) (type $b (sub $a (struct (field i32) (field i64))))
        (type $c (sub final $b (struct (field i32) (field i64) (field f32)))) (type (sub final (func)))
        (rec) (rec (type (func)))""",
    "reference types": """(type $t (func)) (func (param funcref externref anyref eqref i31ref structref arrayref nullref
        nullfuncref nullexternref exnref nullexnref (ref null func) (ref func) (ref null $t) (ref 0) (ref null none)
        (ref any) (ref exn) (ref null noextern) (ref noexn)))""",
    "locals": "(func (param $p i32) (param i64) (local $l i32 ) (local i32 i32 f32) (local $k f32) local.get $k drop)",
    "labels": """(func (block $a (loop $b (br $a) (br $b) (br 2)) (block $a (br $a))) block $c br_if $c end $c)""",
    "br_table": "(func (block $a (block $b (br_table $a $b 0 1 2 $a (i32.const 1)))) )",
    "if": """(func (param i32) (result i32)
        (if $l (result i32) (local.get 0) (then (br $l (i32.const 1))) (else (i32.const 2)))
        (if (i32.eqz) (then nop) (else)) (if (i32.const 1) (then))
        local.get 0 if $m (result i32) i32.const 1 else $m i32.const 2 end $m)""",
    "folded order": """(func (result i32) (i32.add (i32.mul (i32.const 1) (i32.const 2)) (block (result i32) i32.const 3)))""",
    "try_table": """(tag $e (param i32)) (func (block $h (result i32) (block $all (result exnref)
        (try_table $t (result i32) (catch $e $h) (catch_all_ref $all) (catch_ref 0 1) (catch_all 2) i32.const 1)
        br $h) throw_ref) (throw $e))""",
    "select": """(func (drop (select (result) (result i32 ) (i32.const 1) (i32.const 2) (i32.const 3)))
        (drop (select (i32.const 1) (i32.const 2) (i32.const 3))))""",
    "memory operands": """(memory $a 1) (memory $b 1) (func
        (drop (i32.load (i32.const 0))) (drop (i32.load8_u 1 offset=3 (i32.const 0)))
        (i64.store $b align=4 (i32.const 0) (i64.const 1)) (i64.store offset=0xffff_ffff align=0x1 (i32.const 0) (i64.const 1))
        (drop (memory.size $b)) (drop (memory.grow (i32.const 1)))
        (memory.copy $a $b (i32.const 0) (i32.const 0) (i32.const 0)) (memory.copy (i32.const 0) (i32.const 0) (i32.const 0))
        (memory.fill $b (i32.const 0) (i32.const 0) (i32.const 0))
        (memory.init $b $d (i32.const 0) (i32.const 0) (i32.const 0)) (memory.init 0 (i32.const 0) (i32.const 0) (i32.const 0))
        (data.drop $d)) (data $d "abc")""",
    "lanes": """(memory 1) (memory $m 1) (func (param v128)
        (drop (v128.load8_lane 3 (i32.const 0) (local.get 0))) (drop (v128.load8_lane 1 3 (i32.const 0) (local.get 0)))
        (drop (v128.load16_lane offset=1 2 (i32.const 0) (local.get 0)))
        (v128.store32_lane $m align=1 1 (i32.const 0) (local.get 0)) (v128.store32_lane 0 offset=1 align=1 1 (i32.const 0) (local.get 0))
        (drop (i8x16.shuffle 0 1 2 3 4 5 6 7 8 9 10 11 12 13 14 31 (local.get 0) (local.get 0)))
        (drop (i8x16.replace_lane 15 (local.get 0) (i32.const 1))))""",
    "v128": """(func (drop (v128.const i8x16 0 1 2 3 4 5 6 7 8 9 10 11 12 13 -128 255)) (drop (v128.const i16x8 0 1 2 3 4 5 -32768 65535))
        (drop (v128.const i32x4 0 1 -2 0xffffffff)) (drop (v128.const i64x2 -1 0x1_0000_0000)) (drop (v128.const f32x4 1 -0.5 nan:0x1 inf))
        (drop (v128.const f64x2 0x1.8p-3 -nan)))""",
    "tables": """(table $a 1 funcref) (table $b i64 1 2 externref) (table $c 1 (ref func) (ref.func $f)) (func $f) (func
        (drop (table.get (i32.const 0))) (drop (table.get $b (i64.const 0))) (table.set $b (i64.const 0) (ref.null extern))
        (drop (table.size $b)) (drop (table.grow (ref.null func) (i32.const 1))) (table.fill (i32.const 0) (ref.null func) (i32.const 1))
        (table.copy $a $c (i32.const 0) (i32.const 0) (i32.const 0)) (table.copy (i32.const 0) (i32.const 0) (i32.const 0))
        (table.init $c $e (i32.const 0) (i32.const 0) (i32.const 0)) (table.init $e (i32.const 0) (i32.const 0) (i32.const 0))
        (elem.drop $e) (call_indirect $c (type $t) (i32.const 0)) (return_call_indirect 0 (param) (i32.const 0)))
        (elem $e func $f) (type $t (func))""",
    "inline segments": """(table $t funcref (elem $f 0)) (table i64 (ref null func) (elem (ref.func $f) (item ref.func $f)))
        (table (ref null $ft) (elem $f)) (type $ft (func)) (func $f (type $ft)) (memory (data "a" "\\00\\ff\\n" "")) (memory i64 (data))
        (data "p") (elem declare func $f)""",
    "element segments": """(table $t 1 funcref) (table $u 1 externref) (func $f)
        (elem (i32.const 0)) (elem (i32.const 0) $f) (elem (i32.const 0) func $f) (elem (offset i32.const 0) funcref (ref.func $f))
        (elem (table $t) (i32.const 0) func $f) (elem (table $u) (offset (i32.const 0)) externref (ref.null extern))
        (elem func $f) (elem funcref (ref.null func)) (elem declare func) (elem declare (ref func) (item ref.func $f))
        (elem $named (ref null func))""",
    "data segments": """(memory $m 1) (memory $n i64 1) (data (i32.const 0) "x") (data $d (memory $n) (offset i64.const 5) "y")
        (data (memory $m) (i32.const 1)) (data "") (data $e "\\t\\r\\n\\'\\"\\\\\\u{1F600}\\c3\\28")""",
    "globals": """(global $a (mut i64) (i64.const -1)) (global f32 (f32.const 0.1)) (global (ref null i31) ref.null i31)
        (global i32 (i32.add (i32.const 1) (i32.mul (i32.const 2) (i32.const 3))))""",
    "start": "(start $s) (func $s)",
    "gc": """(type $p (struct (field $x (mut i32)) (field $y i8))) (type $v (array (mut i8))) (type $q (array i32))
        (data $d "abcd") (elem $e anyref (ref.i31 (i32.const 1))) (type $w (array (mut anyref)))
        (func (param (ref null $p) (ref null $v) anyref externref)
        (drop (struct.new $p (i32.const 1) (i32.const 2))) (drop (struct.new_default $p)) (drop (struct.get $p $x (local.get 0)))
        (drop (struct.get_s $p 1 (local.get 0))) (drop (struct.get_u 0 $y (local.get 0))) (struct.set $p 0 (local.get 0) (i32.const 1))
        (drop (array.new_fixed $q 3 (i32.const 1) (i32.const 2) (i32.const 3))) (drop (array.new_data $v $d (i32.const 0) (i32.const 1)))
        (drop (array.new_elem $w $e (i32.const 0) (i32.const 1))) (array.copy $v $v (local.get 1) (i32.const 0) (local.get 1) (i32.const 0) (i32.const 1))
        (array.init_data $v $d (local.get 1) (i32.const 0) (i32.const 0) (i32.const 0))
        (drop (ref.test (ref $p) (local.get 2))) (drop (ref.test eqref (local.get 2))) (drop (ref.cast (ref null $p) (local.get 2)))
        (drop (ref.cast (ref i31) (local.get 2)))
        (drop (block $l (result (ref null $p)) (br_on_cast $l anyref (ref null $p) (local.get 2)) (ref.null $p)))
        (drop (block $l (result anyref) (br_on_cast_fail $l (ref null any) (ref $p) (local.get 2))))
        (drop (any.convert_extern (local.get 3))) (drop (ref.eq (ref.null none) (ref.null eq))))""",
    "typed references": """(type $t (func (result i32))) (func $f (type $t) (i32.const 1)) (elem declare func $f)
        (func (param (ref null $t)) (result i32) (drop (call_ref $t (local.get 0)))
        (block $l (drop (br_on_null $l (local.get 0)))) (drop (block $l (result (ref $t)) (br_on_non_null $l (local.get 0)) unreachable))
        (drop (ref.as_non_null (local.get 0))) (return_call_ref $t (ref.func $f)))""",
    "threads": """(memory 1 2 shared) (func (atomic.fence) (drop (i32.atomic.load (i32.const 0))) (drop (i64.atomic.rmw8.cmpxchg_u offset=1
        (i32.const 0) (i64.const 0) (i64.const 0))) (drop (memory.atomic.wait32 (i32.const 0) (i32.const 0) (i64.const 0))))""",
    "page sizes": "(memory 1 2 (pagesize 1)) (memory i64 3 (pagesize 65536)) (memory (pagesize 1) (data \"abc\"))",
    "address types": "(memory i32 1) (memory i64 0x1_0000) (table i32 1 funcref) (table i64 0xffff_ffff_ffff externref)",
    "identifiers": """(func $"a b" (call $"a b")) (func $x (call $"x") (call $"\\78")) (func $"\\u{e9}" (local $"ö" i32) (local.set $"\\c3\\b6" (i32.const 1)))
        (func $!#$%&'*+-./:<=>?@\\^_`|~ (call $!#$%&'*+-./:<=>?@\\^_`|~))""",
    "names": """(module $m (type $t (struct (field $f i32))) (func $f (param $p i32) (block $b (block (loop $c)))) (table $t 1 funcref) (memory $m 1)
        (global $g i32 (i32.const 1)) (elem $e func) (data $d "") (tag $x) (import "a" "b" (func)))""".replace(
        '(import "a" "b" (func))', ""
    ),
    "unknown annotations": """(module (@a) (@b.c "d" (e (@f) ;; )
        ) 1x ,;[]{}) (func (@g) (nop (@h)) (@" i" ) ))""",
    "custom sections": """(@custom "a") (func) (@custom "b" (before first) "x" "\\00") (@custom "c" (after func) "y")
        (@custom "d" (before code) "z") (@custom "e" (after last) "") (memory 1)""",
    "tail of body": "(func (result i32) i32.const 1 return) (func unreachable (i32.const 1) i32.const 2 drop drop)",
}  # fmt: skip


@pytest.mark.parametrize("name", MODULES)
def test_same_binary(name: str) -> None:
    assert parse_module(MODULES[name]).hex() == bytes(wasmtime.wat2wasm(MODULES[name])).hex()


OPERANDS = {
    "func": "$f", "type": "$t", "global": "$g", "tag": "$e", "elem": "$s", "table": "$tab", "memory": "$m", "data": "$d", "local": "$l",
    "label": "$b", "labels": "$b 0", "u32": "7", "lane": "1", "lanes16": " ".join(map(str, range(16))), "heap": "any", "fence": "",
    "i32": "-5", "i64": "-5_000_000_000", "f32": "1.5", "f64": "1e-300", "v128": "i64x2 1 2", "memarg": "offset=4", "field": "$x",
    "cast": "",
}  # fmt: skip
CASTS = {
    "br_on_cast": "$b anyref (ref i31)", "br_on_cast_fail": "$b (ref any) i31ref", "ref.test": "(ref null i31)", "ref.cast": "(ref i31)",
    "call_indirect": "$tab (type $t)", "return_call_indirect": "$tab (type $t)", "memory.init": "$m $d", "table.init": "$tab $s",
    "throw": "$e",
}  # fmt: skip


@pytest.mark.parametrize("op", [op for op in OPS if op.name in PLAIN and op.feature != "legacy-exceptions"])
def test_every_plain_instruction(op: object) -> None:
    name, kinds = op.name, op.immediates  # type: ignore[attr-defined]
    operands = CASTS.get(name) or " ".join(OPERANDS[kind] for kind in kinds)
    if name.startswith("struct."):
        operands = operands.replace("$t", "$p")
    template = """(type $t (func)) (type $p (struct (field i32) (field $x i32))) (memory $m0 1) (memory $m 1) (table $tab 1 funcref)
        (global $g (mut i32) (i32.const 0)) (tag $e) (elem $s func) (data $d "") (func $f (local i32) (local $l i32) (block $b {}))"""
    flat, folded = (
        template.format(f"{name} {operands}"),
        template.format(f"({name} {operands} (unreachable) (nop))"),
    )
    assert parse_module(flat).hex() == bytes(wasmtime.wat2wasm(flat)).hex()
    assert parse_module(folded).hex() == bytes(wasmtime.wat2wasm(folded)).hex()
