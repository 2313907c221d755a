import struct

import pytest

from wasmine.text import TextError, parse_module, parse_script
from wasmine.text.commands import (
    AssertException,
    AssertExhaustion,
    AssertInvalid,
    AssertMalformed,
    AssertReturn,
    AssertTrap,
    AssertUnlinkable,
    Command,
    Either,
    Get,
    Instance,
    Invoke,
    Module,
    ModuleSource,
    NanPattern,
    Null,
    Number,
    Pattern,
    Reference,
    Register,
    Thread,
    Vector,
    Wait,
)


def one(source: str) -> Command:
    (command,) = parse_script(source)
    return command


def result(source: str) -> Pattern:
    command = one(f'(assert_return (invoke "f") {source})')
    assert isinstance(command, AssertReturn)
    return command.results[0]


def module(source: str) -> ModuleSource:
    command = one(source)
    assert isinstance(command, Module)
    return command.module


def test_modules() -> None:
    assert module("(module)").encode() == parse_module("")
    assert module("(module $m (func))").name == "m"
    assert module('(module $"m n" (func))').name == "m n"
    assert module('(module $m binary "a" "\\00" "")').encode() == b"a\x00"
    assert module("(module binary)").encode() == b""
    assert module('(module quote "(fu" "nc)")').encode() == parse_module("(func)")
    assert module('(module quote "(module (func))")').encode() == parse_module("(func)")
    forms = [module(f"(module {form})").form for form in ("", "$m", "(func)", "binary", "$m quote")]
    assert forms == ["text", "text", "text", "binary", "quote"]


def test_a_script_of_fields_is_one_module() -> None:
    assert module("(func) (memory 1)").encode() == parse_module("(func) (memory 1)")


def test_definitions_and_instances() -> None:
    commands = parse_script(
        "(module definition $d (func)) (module instance $i $d) (module instance $d) (module instance)"
    )
    assert isinstance(commands[0], Module)
    assert commands[0].definition
    assert commands[0].module.name == "d"
    assert commands[0].module.encode() == parse_module("(module $d (func))")
    assert commands[1:] == [Instance(1, "i", "d"), Instance(1, None, "d"), Instance(1, None, None)]
    definition = one('(module definition binary "a")')
    assert isinstance(definition, Module)
    assert (definition.definition, definition.module.encode()) == (True, b"a")


def test_actions() -> None:
    assert one('(register "r")') == Register(1, "r", None)
    assert one('(register "r" $m)') == Register(1, "r", "m")
    assert one('(get "g")') == Get(1, None, "g")
    assert one('(invoke $m "f" (i32.const -1) (ref.extern 3))') == Invoke(
        1, "m", "f", (Number("i32", 0xFFFF_FFFF), Reference("extern", 3))
    )


def test_lines() -> None:
    source = '(module)\n(; \n ;) (invoke "f")\n\n(assert_return\n (invoke "f"))'
    commands = parse_script(source, "a.wast")
    assert [command.line for command in commands] == [1, 3, 5]
    assert isinstance(commands[2], AssertReturn)
    assert commands[2].action.line == 6


def test_assertions() -> None:
    invoke = Invoke(1, None, "f", ())
    assert one('(assert_trap (invoke "f") "t")') == AssertTrap(1, invoke, "t")
    assert one('(assert_exhaustion (invoke "f") "t")') == AssertExhaustion(1, invoke, "t")
    assert one('(assert_exception (invoke "f"))') == AssertException(1, invoke)
    assert one('(assert_return (get $m "g"))') == AssertReturn(1, Get(1, "m", "g"), ())
    trap = one('(assert_trap (module (func)) "t")')
    assert isinstance(trap, AssertTrap)
    assert isinstance(trap.action, ModuleSource)
    unlinkable = one('(assert_unlinkable (module binary "x") "u")')
    assert isinstance(unlinkable, AssertUnlinkable)
    assert (unlinkable.module.encode(), unlinkable.message) == (b"x", "u")
    for custom in (False, True):
        suffix = "_custom" if custom else ""
        malformed = one(f'(assert_malformed{suffix} (module quote "(func") "m")')
        assert isinstance(malformed, AssertMalformed)
        assert (malformed.custom, malformed.message) == (custom, "m")
        invalid = one(f'(assert_invalid{suffix} (module (func i32.add)) "i")')
        assert isinstance(invalid, AssertInvalid)
        assert (invalid.custom, invalid.message) == (custom, "i")


def test_what_is_wrong_in_a_module_is_wrong_when_it_is_read() -> None:
    malformed, invalid = parse_script(
        '(assert_malformed (module quote "(func") "m")\n(assert_invalid (module (frob)) "i")'
    )
    assert isinstance(malformed, AssertMalformed)
    assert isinstance(invalid, AssertInvalid)
    with pytest.raises(TextError, match="unexpected token end of input"):
        malformed.module.encode()
    with pytest.raises(TextError, match="unknown operator frob") as error:
        invalid.module.encode()
    assert (error.value.line, error.value.column) == (2, 26)


def test_number_results() -> None:
    assert result("(i64.const -2)") == Number("i64", 2**64 - 2)
    assert result("(f32.const 1.5)") == Number("f32", struct.unpack("<I", struct.pack("<f", 1.5))[0])
    assert result("(f64.const -nan:0x4)") == Number("f64", 0xFFF0_0000_0000_0004)
    assert result("(f32.const nan:canonical)") == NanPattern("f32", "canonical")
    assert result("(f64.const nan:arithmetic)") == NanPattern("f64", "arithmetic")


def test_vectors() -> None:
    vector = result("(v128.const i16x8 0 1 2 3 4 5 -1 65535)")
    assert isinstance(vector, Vector)
    assert vector.bits == struct.pack("<8H", 0, 1, 2, 3, 4, 5, 0xFFFF, 0xFFFF)
    vector = result("(v128.const f32x4 0 nan:canonical nan:arithmetic nan)")
    one_half = Number("f32", 0x7FC0_0000)
    assert vector == Vector(
        "f32x4", (Number("f32", 0), NanPattern("f32", "canonical"), NanPattern("f32", "arithmetic"), one_half)
    )
    assert isinstance(vector, Vector)
    with pytest.raises(ValueError, match="NaN pattern"):
        _ = vector.bits


def test_references() -> None:
    assert result("(ref.null)") == Null(None)
    assert result("(ref.null extern)") == Null("extern")
    assert result("(ref.null 3)") == Null("3")
    assert result("(ref.host 0x10)") == Reference("host", 16)
    for kind in ("extern", "func", "any", "eq", "i31", "struct", "array", "exn", "host"):
        assert result(f"(ref.{kind})") == Reference(kind)


def test_either() -> None:
    expected = Either((Number("i32", 1), Number("i32", 2), Null(None)))
    assert result("(either (i32.const 1) (i32.const 2) (ref.null))") == expected
    assert result("(either (i32.const 1) (either (i32.const 2)) (ref.null))") == expected


def test_threads() -> None:
    commands = parse_script('(thread $t (shared (module $m)) (shared (module $n))\n (invoke "f"))\n(wait $t)')
    assert commands == [Thread(1, "t", ("m", "n"), (Invoke(2, None, "f", ()),)), Wait(3, "t")]


@pytest.mark.parametrize(
    ("source", "message"),
    [
        ("frob", "unknown operator frob"),
        ("(frob)", "unknown operator frob"),
        ("(module", "unexpected token end of input"),
        ('(invoke "f"', "unexpected token end of input"),
        ('(invoke f)', "unknown operator f"),
        ('(invoke "f" (f32.const nan:canonical))', "unexpected token f32.const"),
        ('(invoke "f" (either (i32.const 1)))', "unexpected token either"),
        ('(invoke "f" (i32.const 4294967296))', "constant out of range"),
        ('(assert_return (invoke "f") (i32.const nan:canonical))', "unexpected token nan:canonical"),
        ('(assert_return (invoke "f") (either 1))', "unexpected token 1"),
        ('(assert_return (module))', "unexpected token module"),
        ('(assert_trap (invoke "f"))', "unexpected token )"),
        ('(assert_invalid (invoke "f") "x")', "unexpected token invoke"),
        ("(register)", "unexpected token )"),
        ("(thread)", "unexpected token )"),
        ("(thread $t (thread $u))", "unexpected token thread"),
        (r'(get "\ff")', "malformed UTF-8 encoding"),
        ("(module instance $a $b $c)", "unexpected token $c"),
    ],
)  # fmt: skip
def test_malformed(source: str, message: str) -> None:
    with pytest.raises(TextError) as error:
        parse_script(source)
    assert error.value.message.startswith(message)
