import pytest

from wasmine.text import TextError, parse_module, parse_script
from wasmine.text.commands import Module

CODE = 10


def leb(value: int) -> bytes:
    return bytes([value]) if value < 0x80 else bytes([value & 0x7F | 0x80]) + leb(value >> 7)


def sections(binary: bytes) -> list[tuple[int, bytes]]:
    """Cut a binary whose sections are shorter than 2**14 bytes."""
    found = []
    at = 8
    while at < len(binary):
        number, size, at = binary[at], binary[at + 1], at + 2
        if size & 0x80:
            size, at = size & 0x7F | binary[at] << 7, at + 1
        found.append((number, binary[at : at + size]))
        at += size
    return found


def named(name: str) -> bytes:
    return leb(len(name.encode())) + name.encode()


def names(text: str) -> bytes:
    number, content = sections(parse_module(text))[-1]
    assert number == 0
    assert content.startswith(named("name"))
    return content[len(named("name")) :]


def test_name_of_module_and_functions() -> None:
    text = '(module $m (@name "Modül") (func $f (@name "λ")) (func (@name "g h")) (func $"ö"))'
    functions = b"\x03" + b"\x00" + named("λ") + b"\x01" + named("g h") + b"\x02" + named("ö")
    module = named("Modül")
    assert names(text) == b"\x00" + leb(len(module)) + module + b"\x01" + leb(len(functions)) + functions


def test_names_of_other_things() -> None:
    text = """(module (type (@name "t") (func)) (tag $e (@name "θ")) (func (param $p (@name "q") i32)
        (local $l (@name "m") i32)))"""
    locals_ = b"\x01\x00\x02\x00" + named("q") + b"\x01" + named("m")
    types = b"\x01\x00" + named("t")
    tags = b"\x01\x00" + named("θ")
    parts = ((2, locals_), (4, types), (11, tags))
    assert names(text) == b"".join(bytes([number]) + leb(len(part)) + part for number, part in parts)


def test_names_can_be_left_out() -> None:
    text = "(module $m (func $f (param $p i32) (block $b)))"
    assert [number for number, _ in sections(parse_module(text, names=False))] == [1, 3, CODE]


def test_labels_are_counted_in_binary_order() -> None:
    text = "(func (if $outer (block $inner (result i32) (i32.const 1)) (then (block $last))))"
    labels = b"\x01\x00\x03\x00" + named("inner") + b"\x01" + named("outer") + b"\x02" + named("last")
    assert names(text) == b"\x03" + leb(len(labels)) + labels


def test_custom_sections_stand_where_they_are_put() -> None:
    text = r"""(@custom "first" (before first) "1") (@custom "last" "a" "" "b") (func)
        (@custom "types" (after type) "\00\ff") (@custom "gone" (after table) "t")
        (@custom "code" (before code)) (@custom "code" (before code) "2")"""
    found = [(number, content if number == 0 else b"") for number, content in sections(parse_module(text))]
    assert found == [
        (0, named("first") + b"1"),
        (1, b""),
        (0, named("types") + b"\x00\xff"),
        (3, b""),
        (0, named("gone") + b"t"),
        (0, named("code")),
        (0, named("code") + b"2"),
        (CODE, b""),
        (0, named("last") + b"ab"),
    ]


def test_branch_hints() -> None:
    text = """(func) (func (param i32)
        (@metadata.code.branch_hint "\\01") (if (local.get 0) (then))
        local.get 0 (@metadata.code.branch_hint "\\00") br_if 0
        (@metadata.code.branch_hint "\\01") (br_if 0 (i32.eqz (local.get 0))))"""
    found = sections(parse_module(text, names=False))
    assert [number for number, _ in found] == [1, 3, 0, CODE]
    # `if` stands at offset 3 of the body, the branches at 8 and 13.
    code = bytes.fromhex("00 2000 0440 0b 2000 0d00 2000 45 0d00 0b")
    assert found[-1][1].endswith(code)
    assert found[2][1] == named("metadata.code.branch_hint") + bytes.fromhex("01 01 03 030101 080100 0d0101")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("(@custom)", "@custom annotation: missing section name"),
        ("(@custom x)", "@custom annotation: missing section name"),
        (r'(@custom "\ff")', "@custom annotation: malformed UTF-8 encoding"),
        ('(@custom "a" b)', "@custom annotation: unexpected token"),
        ('(@custom "a" "b" (before code))', "@custom annotation: unexpected token"),
        ('(@custom "a" (before code "b"))', "@custom annotation: unexpected token"),
        ('(@custom "a" ())', "@custom annotation: malformed placement"),
        ('(@custom "a" (near code))', "@custom annotation: malformed placement"),
        ('(@custom "a" (before codes))', "@custom annotation: malformed section kind"),
        ('(@custom "a" (before last))', "@custom annotation: malformed section kind"),
        ('(func (@custom "a"))', "misplaced @custom annotation"),
        ('(type (@custom "a") (func))', "misplaced @custom annotation"),
        ('(func) (@name "m")', "misplaced @name annotation"),
        ('(func (nop) (@name "m"))', "misplaced @name annotation"),
        ('(module (@name "a") (@name "b"))', "@name annotation: multiple module"),
        ('(func (@name "a") (@name "b"))', "@name annotation: multiple function"),
        ("(module (@name a))", "@name annotation: string expected"),
        (
            '(@metadata.code.branch_hint "\\00") (func)',
            "@metadata.code.branch_hint annotation: not in a function",
        ),
        (
            '(func (@metadata.code.branch_hint "\\00") nop)',
            "@metadata.code.branch_hint annotation: invalid target",
        ),
        (
            '(func (@metadata.code.branch_hint "\\00"))',
            "@metadata.code.branch_hint annotation: invalid target",
        ),
        (
            '(func (@metadata.code.branch_hint "\\00") (@metadata.code.branch_hint "\\00") br_if 0)',
            "@metadata.code.branch_hint annotation: duplicate annotation",
        ),
        (
            '(func (@metadata.code.branch_hint "\\02") br_if 0)',
            "@metadata.code.branch_hint annotation: invalid hint",
        ),
        ("(@)", "empty annotation id"),
        ('(@"")', "empty annotation id"),
        ("(@ a)", "empty annotation id"),
        (r'(@"\ff")', "malformed UTF-8 encoding"),
        ("(@a (b)", "unclosed annotation"),
        ('(@a "b)', "unclosed string"),
        ("(@a \x7f)", "illegal character"),
        ("(@a))", "unexpected token )"),
        ("(@a) frob", "unknown operator frob"),
    ],
)
def test_malformed(text: str, message: str) -> None:
    with pytest.raises(TextError) as error:
        parse_module(text)
    assert error.value.message.startswith(message)


def test_an_annotation_inside_another_means_nothing() -> None:
    assert parse_module('(@a (@custom "x") (@name "y"))') == parse_module("")
    assert sections(parse_module('(@custom "x" (@a b (c)) "y")')) == [(0, named("x") + b"y")]


def test_reading_twice_gives_the_same() -> None:
    (command,) = parse_script('(module (@name "m") (func (@metadata.code.branch_hint "\\00") br_if 0))')
    assert isinstance(command, Module)
    assert command.module.encode() == command.module.encode()
