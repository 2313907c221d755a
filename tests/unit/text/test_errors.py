import pytest

from wasmine.text import TextError, parse_module

MALFORMED = {
    # lexical
    "(func (nop)) \x01": r"illegal character \x01",
    "(func é)": r"illegal character \xe9",
    '(data "a': "unclosed string",
    '(data "a\n")': "unclosed string",
    '(data "\x07")': "illegal character in string",
    r'(data "\z")': "illegal escape in string",
    r'(data "\u{110000}")': "malformed UTF-8 encoding",
    r'(data "\u{d800}")': "malformed UTF-8 encoding",
    "(func) (; (; ;)": "unclosed comment",
    "(func $)": "empty identifier",
    '(func $"")': "empty identifier",
    r'(func $"\ff")': "malformed UTF-8 encoding",
    '(func $"a"b)': 'unknown operator $"a"b',
    '(func $a"b")': 'unknown operator $a"b"',
    "(func (nop": "unexpected token end of input",
    "(func))": "unexpected token )",
    "(func) x": "unknown operator x",
    "$m (func)": "unexpected token $m",
    "(func frob)": "unknown operator frob",
    "(func i32.const0)": "unknown operator i32.const0",
    "(func i32.load offset=-1)": "unknown operator offset=-1",
    "(func i32.load offset=)": "unknown operator offset=",
    "(func br 0drop)": "unknown operator 0drop",
    # structure
    "(fonc)": "unknown operator fonc",
    "(param i32)": "unexpected token param",
    "(func (result i32) (param i32))": "unexpected token param",
    "(func (local i32) (param i32))": "unexpected token param",
    "(func (nop) (local i32))": "unexpected token local",
    "(func (i32.const))": "unexpected token )",
    "(func (nop 1))": "unexpected token 1",
    "(func (i32.add (nop) nop))": "unexpected token nop",
    "(func (if nop (then)))": "unexpected token nop",
    "(func (if (nop)))": "unexpected token )",
    "(func (if (then) (then)))": "unexpected token then",
    "(func (if (then) (else) (else)))": "unexpected token else",
    "(func (then))": "unexpected token then",
    "(func end)": "unexpected token end",
    "(func block)": "unexpected token )",
    "(func block else end)": "unexpected token else",
    "(func if else else end)": "unexpected token else",
    "(func try catch_all catch_all end)": "unexpected token catch_all",
    "(func (try (catch_all)))": "unexpected token catch_all",
    "(func (block end))": "unexpected token end",
    "(func block $a end $b)": "mismatching label $b",
    "(func block end $b)": "mismatching label $b",
    "(func if $a else $b end)": "mismatching label $b",
    "(func (block (result i32) (type 0)))": "unexpected token type",
    "(func (block (param $x i32)))": "unexpected token $x",
    "(import \"a\" (func))": "unexpected token (",
    "(import \"a\" \"b\" (start))": "unexpected token start",
    r'(import "\ff" "b" (func))': "malformed UTF-8 encoding",
    '(export "a" (data 0))': "unexpected token data",
    "(func (import \"a\" \"b\") (nop))": "unexpected token (",
    "(elem (ref.func 0) 1 (nop))": "unexpected token (",
    "(elem (table 0) (i32.const 0) 0)": "unexpected token 0",
    "(memory)": "unexpected token )",
    "(memory i64)": "unexpected token )",
    "(table 1)": "unexpected token )",
    "(global i32 i32.const 0": "unexpected token end of input",
    "(type (func (result i32) (param i32)))": "unexpected token (",
    "(type (sub nothing (func)))": "unexpected token nothing".replace("unexpected token", "unknown operator"),
    "(rec (func))": "unexpected token func",
    "(module quote \"(module quote \\\"\\\")\")": "unexpected token quote",
    # names
    "(func $f) (func $f)": "duplicate function $f",
    '(func $f) (func $"f")': "duplicate function $f",
    "(table $t 1 funcref) (table $t 1 funcref)": "duplicate table $t",
    "(func (param $x i32) (local $x i32))": "duplicate local $x",
    "(type (struct (field $x i32) (field $x i32)))": "duplicate field $x",
    "(type $t (func)) (rec (type $t (func)))": "duplicate type $t",
    "(func (call $f))": "unknown function $f",
    "(func (local.get $x))": "unknown local $x",
    "(func (param $x i32)) (func (local.get $x))": "unknown local $x",
    "(func (block $a (br $b)))": "unknown label $b",
    "(func (block $a) (br $a))": "unknown label $a",
    "(func (if $a (br $a) (then)))": "unknown label $a",
    "(func (try_table $t (catch_all $t)))": "unknown label $t",
    "(func (global.get $g))": "unknown global $g",
    "(func (type $t))": "unknown type $t",
    "(func (type 3) (param i32))": "unknown type 3",
    "(func (data.drop $d))": "unknown data segment $d",
    "(func (elem.drop $e))": "unknown elem segment $e",
    "(type $s (struct (field $x i32))) (func (struct.get $s $y))": "unknown field $y",
    "(type $f (func)) (func (struct.get $f $x))": "unknown field $x",
    # rules
    "(type (func)) (func (type 0) (param i32))": "inline function type does not match explicit type",
    "(type (func)) (func (call_indirect (type 0) (result i32)))": "inline function type",
    "(func) (import \"\" \"\" (func))": "import after function",
    "(memory 1) (func (import \"\" \"\"))": "import after memory",
    "(global i32 (i32.const 0)) (memory (import \"\" \"\") 1)": "import after global",
    "(tag) (import \"\" \"\" (tag))": "import after tag",
    "(start 0) (start 0)": "multiple start sections",
    "(func i32.load align=3)": "alignment must be a power of two",
    "(func i32.load align=0)": "alignment must be a power of two",
    "(func i32.load align=18446744073709551616)": "i64 constant out of range",
    "(func (i32.const 4294967296))": "constant out of range",
    "(func (f32.const nan:0x800000))": "constant out of range",
    "(func (f32.const nan:canonical))": "unexpected token nan:canonical",
    "(func (br 4294967296))": "i32 constant out of range",
    "(memory 18446744073709551616)": "i64 constant out of range",
    "(memory 1 (pagesize 3))": "invalid custom page size",
    "(func (i8x16.extract_lane_s 256))": "i8 constant out of range",
    "(func (v128.const i32x4 1 2 3))": "wrong number of lane literals",
    "(func (v128.const i32x4 1 2 3 4 5))": "wrong number of lane literals",
    "(func (v128.const i32x4 1 2 3 0x))": "unknown operator 0x",
    "(func (v128.const i32x3 1 2 3))": "unknown operator i32x3",
    "(func (v128.const i8x16 256 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15))": "constant out of range",
    "(func (i8x16.shuffle 0 1))": "invalid lane length",
    "(func (i8x16.shuffle 0 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16))": "invalid lane length",
    "(func (i8x16.shuffle 0 1 2 3 4 5 6 7 8 9 10 11 12 13 14 -1))": "i8 constant out of range",
}  # fmt: skip


@pytest.mark.parametrize("text", MALFORMED)
def test_malformed(text: str) -> None:
    with pytest.raises(TextError) as error:
        parse_module(text)
    assert error.value.message.startswith(MALFORMED[text])


def test_malformed_utf8_in_the_source() -> None:
    with pytest.raises(TextError) as error:
        parse_module("(func) é ;; \n".encode() + b"(func (; \xe9 ;))")
    assert error.value.message == "malformed UTF-8 encoding"
    assert (error.value.line, error.value.column) == (2, 10)
    with pytest.raises(TextError, match="malformed UTF-8 encoding"):
        parse_module("(; \ud800 ;)")


def test_place_line_and_caret() -> None:
    with pytest.raises(TextError) as error:
        parse_module("(module\r\n\t(func $f\n\t\t(call $g)))", filename="a.wat")
    assert str(error.value) == "unknown function $g\n  --> a.wat:3:9\n  | \t\t(call $g)))\n  | \t\t      ^"
    assert error.value.source_line == "\t\t(call $g)))"
    assert error.value.filename == "a.wat"


@pytest.mark.parametrize(
    ("text", "line", "column"),
    [
        ("x", 1, 1),
        ("\n\n  x", 3, 3),
        (";; c\r x", 2, 2),
        ("(; (; \n ;) ;) x", 2, 8),
        ("(@a \n (@b)) x", 2, 8),
        ("(func) (@a) (@b (c)) (func (@d) y)", 1, 33),
        ('(func $"a\\62") (func $cd (call 0) x)', 1, 35),
        ("(func", 1, 6),
        ("(func\n", 2, 1),
        ('(data "é") (func x)', 1, 18),
    ],
)
def test_places(text: str, line: int, column: int) -> None:
    with pytest.raises(TextError) as error:
        parse_module(text)
    assert (error.value.line, error.value.column) == (line, column)


def test_a_long_line_is_cut_around_the_caret() -> None:
    with pytest.raises(TextError) as error:
        parse_module("(func " + "nop " * 1000 + "frob " + "nop " * 1000 + ")")
    shown, caret = str(error.value).splitlines()[-2:]
    assert len(shown) < 150
    assert shown[caret.index("^") :].startswith("frob")
