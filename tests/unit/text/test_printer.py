"""Modules to text, and back to the same bytes."""

import lzma
import os
from pathlib import Path
from typing import Any

import pytest

from wasmine.spec.errors import InvalidError, MalformedError, ModuleError
from wasmine.spec.opcodes import OPS
from wasmine.text import TextError, parse_module, parse_script, print_module
from wasmine.text.commands import AssertMalformed, Command, ModuleSource

HERE = Path(__file__).parent
ROOT = Path(__file__).resolve().parents[3]
SUITE = Path(os.environ.get("WASMINE_TESTSUITE", ROOT.parent / "shared/testsuite"))
SCRIPTS = sorted(path for path in SUITE.rglob("*.wast") if "custom-descriptors" not in path.parts)
MISSING = pytest.param(
    "", marks=pytest.mark.skip(f"the official suite is not in {SUITE}; set WASMINE_TESTSUITE")
)
PROGRAMS = sorted([*(ROOT / "programs/bin").glob("*.wasm*"), *(ROOT / "bench/programs").glob("*/*.wasm")])
MODULES = sorted((HERE / "modules").glob("*.wat"))

FORMS: list[dict[str, bool]] = [{}, {"fold": True}, {"names": False}, {"fold": True, "names": False}]
HEADER = b"\0asm\1\0\0\0"


def section(number: int, content: bytes) -> bytes:
    return bytes([number]) + leb(len(content)) + content


def leb(value: int) -> bytes:
    out = b""
    while value >= 0x80:
        out += bytes([value & 0x7F | 0x80])
        value >>= 7
    return out + bytes([value])


def name(text: str | bytes) -> bytes:
    content = text.encode() if isinstance(text, str) else text
    return leb(len(content)) + content


def custom(title: str, content: bytes) -> bytes:
    return section(0, name(title) + content)


TYPE = section(1, b"\1\x60\0\0")


def module(*bodies: bytes, before: bytes = b"", after: bytes = b"") -> bytes:
    """A module of functions without parameters and results."""
    code = b"".join(leb(len(body)) + body for body in bodies)
    functions = section(3, leb(len(bodies)) + bytes(len(bodies)))
    return HEADER + TYPE + functions + before + section(10, leb(len(bodies)) + code) + after


def check(binary: bytes, **form: bool) -> str:
    """Print a module whose encoding is the parser's, and parse it back."""
    text = print_module(binary, **form)
    assert parse_module(text) == binary
    return text


def check_normalised(binary: bytes, expected: bytes) -> None:
    """Print a module that may be encoded otherwise."""
    for form in FORMS:
        text = print_module(binary, **form)
        assert parse_module(text) == expected
        assert print_module(expected, **form) == text


# Whole modules


@pytest.mark.parametrize("path", MODULES, ids=lambda path: path.stem)
def test_module(path: Path) -> None:
    binary = parse_module(path.read_text())
    for form in FORMS:
        check(binary, **form)


def modules(command: Command) -> list[ModuleSource]:
    candidates = (getattr(command, "module", None), getattr(command, "action", None))
    return [candidate for candidate in candidates if isinstance(candidate, ModuleSource)]


@pytest.mark.slow
@pytest.mark.parametrize("path", SCRIPTS or [MISSING], ids=lambda path: str(path and path.relative_to(SUITE)))
def test_suite(path: Path) -> None:
    for command in parse_script(path.read_bytes(), path.name):
        for source in modules(command):
            try:
                binary = source.encode()
            except TextError:
                continue
            if isinstance(command, AssertMalformed):
                if source.form == "binary":
                    with pytest.raises(ModuleError):
                        print_module(binary)
            elif source.form == "binary":
                again = parse_module(print_module(binary))
                assert len(again) <= len(binary)
                check_normalised(binary, again)
            else:
                for form in FORMS:
                    check(binary, **form)


@pytest.mark.parametrize(
    "path",
    [pytest.param(path, marks=[pytest.mark.slow] * (path.stat().st_size > 500_000)) for path in PROGRAMS],
    ids=lambda path: path.name,
)
def test_program(path: Path) -> None:
    binary = path.read_bytes()
    if path.suffix == ".xz":
        binary = lzma.decompress(binary)
    text = print_module(binary)
    again = parse_module(text)
    assert len(again) <= len(binary)
    assert again == binary or print_module(again) == text
    for form in FORMS[1:] if len(binary) < 100_000 else ():
        assert parse_module(print_module(binary, **form)) == again


@pytest.mark.parametrize("path", sorted((HERE / "printed").glob("*.wat")), ids=lambda path: path.stem)
def test_appearance(path: Path) -> None:
    """Each file is in the printer's own form, which the first line names."""
    text = path.read_text()
    first, _, rest = text.partition("\n")
    form: Any = dict.fromkeys(first.removeprefix(";;").split(), True)
    form = {"fold": "fold" in form, "names": "no-names" not in form}
    assert print_module(parse_module(text), **form) == rest


# Instructions


@pytest.mark.parametrize("op", OPS, ids=lambda op: op.name)
def test_every_instruction(op: Any) -> None:
    code = bytes([op.prefix]) + leb(op.code) if op.prefix else bytes([op.code])
    sizes = {"f32": 4, "f64": 8, "v128": 16, "lanes16": 16, "labels": 2}
    for memarg in (bytes([op.access, 0]), bytes([0, 5]), bytes([op.access | 0x40, 3, 0x80, 1])):
        operands = b"".join(
            {"block": b"\x40", "heap": b"\x70", "memarg": memarg}.get(kind, bytes(sizes.get(kind, 1)))
            for kind in op.immediates
        )
        instruction = code + operands
        around = {
            "else": (b"\x04\x40", b"\x0b"),
            "catch": (b"\x06\x40", b"\x0b"),
            "catch_all": (b"\x06\x40", b"\x0b"),
            "delegate": (b"\x06\x40", b""),
            "end": (b"\x02\x40", b""),
        }
        opening, closing = around.get(op.name, (b"", b"\x0b" if "block" in op.immediates else b""))
        count = section(12, b"\0") if "data" in op.immediates else b""
        binary = module(b"\0" + opening + instruction + closing + b"\x0b", before=count)
        for form in FORMS:
            text = check(binary, **form)
            assert op.name in ("end", "ref.test_null", "ref.cast_null", "select_t") or op.name in text


def test_what_is_left_out() -> None:
    text = check(
        parse_module("""
        (memory 1) (memory 1) (table 1 funcref) (table 1 funcref)
        (func unreachable
          i32.load i32.load offset=4 i32.load align=1 i32.load 1 i64.load 1 offset=7 align=4 v128.load8_lane 3
          memory.size memory.size 1 memory.copy memory.copy 0 1 table.get table.get 1
          call_indirect (type 0) call_indirect 1 (type 0) table.copy 1 0)
        """)
    )
    lines = text.splitlines()
    start = lines.index("    unreachable") + 1
    assert [line.strip() for line in lines[start : start + 16]] == [
        "i32.load", "i32.load offset=4", "i32.load align=1", "i32.load 1", "i64.load 1 offset=7 align=4",
        "v128.load8_lane 3", "memory.size", "memory.size 1", "memory.copy", "memory.copy 0 1", "table.get",
        "table.get 1", "call_indirect (type 0)", "call_indirect 1 (type 0)", "table.copy 1 0", ")",
    ]  # fmt: skip


# What is normalised


NORMALISED = {
    "long LEB128": (b"\0\x41\x80\x80\0\x1a\x0b", b"\0\x41\0\x1a\x0b"),
    "joined locals": (b"\2\1\x7f\1\x7f\x0b", b"\1\2\x7f\x0b"),
    "no locals": (b"\2\0\x7f\1\x7e\x0b", b"\1\1\x7e\x0b"),
    "long reference type": (b"\1\1\x63\x70\x0b", b"\1\1\x70\x0b"),
    "explicit memory": (b"\0\0\x28\x42\0\0\x0b", b"\0\0\x28\2\0\x0b"),
}


@pytest.mark.parametrize(("body", "expected"), NORMALISED.values(), ids=NORMALISED.keys())
def test_normalised(body: bytes, expected: bytes) -> None:
    check_normalised(module(body), module(expected))


def test_empty_sections_are_dropped() -> None:
    one = custom("x", b"1")
    binary = HEADER + section(1, b"\0") + one + section(3, b"\0") + section(10, b"\0")
    check_normalised(binary, HEADER + one)


def test_short_forms_of_definitions() -> None:
    check_normalised(HEADER + section(1, b"\1\x4f\0\x60\0\0"), HEADER + TYPE)
    memory = section(5, b"\1\0\1")
    long = section(11, b"\1\2\0\x41\0\x0b\1x")
    check_normalised(HEADER + memory + long, HEADER + memory + section(11, b"\1\0\x41\0\x0b\1x"))


# Names


def names(**subsections: bytes) -> bytes:
    numbers = {"module": 0, "func": 1, "local": 2, "label": 3, "type": 4, "field": 10}
    return b"".join(bytes([numbers[kind]]) + name(content) for kind, content in subsections.items())


def name_map(*pairs: tuple[int, str | bytes]) -> bytes:
    return leb(len(pairs)) + b"".join(leb(index) + name(text) for index, text in pairs)


BODY = b"\1\2\x7f\2\x40\3\x40\x0c\0\x0c\1\x0b\x0b\x0b"  # two locals, a loop in a block
FUNCTIONS = {
    "unique": [(0, "a"), (1, "b")],
    "equal": [(0, "f"), (1, "f"), (2, "f.1")],
    "empty": [(0, ""), (2, "")],
    "not identifiers": [(0, "a b"), (1, "Å, ü"), (2, '"\\\n\0')],
    "long": [(0, "x" * 1000), (1, "x" * 1000), (2, "x" * 999)],
    "digits": [(0, "1"), (1, "0"), (2, "")],
}


@pytest.mark.parametrize("pairs", FUNCTIONS.values(), ids=FUNCTIONS.keys())
def test_names_of_functions(pairs: list[tuple[int, str]]) -> None:
    binary = module(BODY, BODY, BODY, after=custom("name", names(func=name_map(*pairs))))
    for form in FORMS:
        assert ("@custom" in check(binary, **form)) == (not form.get("names", True))


def test_names_of_everything() -> None:
    inner = b"\1\0" + name_map((0, "x"), (1, "x"))
    labels = b"\1\0" + name_map((0, "l"), (1, "l"))
    content = names(module=name("m m"), func=name_map((0, "f")), local=inner, label=labels)
    text = check(module(BODY, after=custom("name", content)))
    assert '(module $"m m"\n' in text
    assert '(local $x i32) (local $x.1 (@name "x") i32)' in text
    # The outer label is hidden where it is used.
    assert text.split()[-12:] == ["block", "$l", "loop", "$l", "br", "$l", "br", "1", "end", "end", ")", ")"]


RAW = {
    "of no function": names(func=name_map((0, "f"), (9, "g"))),
    "not sorted": names(func=name_map((1, "f"), (0, "g"))),
    "twice": names(func=name_map((0, "f"), (0, "g"))),
    "not UTF-8": names(func=name_map((0, b"\xff"))),
    "subsections not sorted": names(func=name_map((0, "f")), module=name("m")),
    "empty subsection": names(func=name_map()),
    "unknown subsection": names(func=name_map((0, "f"))) + b"\x20\1x",
    "damaged": names(func=name_map((0, "f")))[:-1],
    "nothing": b"",
    "of no local": names(local=b"\1\0" + name_map((0, "x"), (2, "y"))),
    "of no label": names(label=b"\1\0" + name_map((0, "x"), (7, "y"))),
    "label without a name": names(label=b"\1\0" + name_map((0, ""))),
    "long label": names(label=b"\1\0" + name_map((0, "l" * 200))),
}


@pytest.mark.parametrize("content", RAW.values(), ids=RAW.keys())
def test_names_that_identifiers_cannot_say(content: bytes) -> None:
    binary = module(BODY, BODY, after=custom("name", content))
    for form in FORMS:
        assert '(@custom "name"' in check(binary, **form)


def test_equal_fields() -> None:
    types = section(1, b"\1\x5f\2\x7f\0\x7f\0")
    unique = names(field=b"\1\0" + name_map((0, "x"), (1, "y")))
    assert "(field $x i32) (field $y i32)" in check(HEADER + types + custom("name", unique))
    equal = names(field=b"\1\0" + name_map((0, "x"), (1, "x")))
    assert "(field $x i32) (field $x.1 i32)" in check(HEADER + types + custom("name", equal))


def test_place_of_names() -> None:
    own = custom("name", names(func=name_map((0, "f"))))
    one, two = custom("one", b"1"), custom("two", b"2")
    assert "after" not in check(module(BODY, after=own + one + two))
    assert '(@custom "one" (after code) "1")' in check(module(BODY, after=one + own + two))
    assert '(@custom "name" (after func)' in check(module(BODY, before=own + one))
    assert check(module(BODY, after=own + own)).count('(@custom "name"') == 2
    assert check(HEADER + own + one)
    assert check(HEADER + custom("name", names(module=name("m"))) + one).startswith("(module $m\n")


# Custom sections and annotations


def test_custom_sections_stay_where_they_are() -> None:
    parts = [
        TYPE,
        section(3, b"\1\0"),
        section(5, b"\1\0\1"),
        section(10, b"\1\2\0\x0b"),
        section(11, b"\1\1\1x"),
    ]
    for place in range(len(parts) + 1):
        here = custom("a", b'"\\\0') + custom("b", b"") + custom("a", bytes(200))
        check(HEADER + b"".join(parts[:place]) + here + b"".join(parts[place:]))


def test_data_count_that_nothing_needs() -> None:
    assert "(@datacount)" in check(module(b"\0\x0b", before=section(12, b"\0")))
    needs = b"\0\xfc\x09\0\x0b"
    assert "(@datacount)" not in check(module(needs, before=section(12, b"\0")))


HINTED = b"\0\x41\0\x04\x40\x0b\x0b"  # the `if` is at 3
HINTS = {
    "good": (b"\1\0\1\3\1\1", True),
    "of no branch": (b"\1\0\1\2\1\1", False),
    "of no instruction": (b"\1\0\1\x20\1\1", False),
    "of no function": (b"\1\4\1\3\1\1", False),
    "neither likely nor unlikely": (b"\1\0\1\3\1\2", False),
    "twice": (b"\1\0\2\3\1\1\3\1\1", False),
    "damaged": (b"\1\0\1\3\1", False),
    "empty": (b"\0", False),
}


@pytest.mark.parametrize(("content", "told"), HINTS.values(), ids=HINTS.keys())
def test_branch_hints(content: bytes, told: bool) -> None:
    hints = custom("metadata.code.branch_hint", content)
    for form in FORMS:
        text = check(module(HINTED, before=hints), **form)
        assert ("(@metadata.code.branch_hint" in text) == told
        assert '(@custom "metadata' in check(module(HINTED, before=hints + custom("x", b"")), **form)
        assert '(@custom "metadata' in check(module(HINTED, after=hints), **form)


# Errors

MALFORMED = {
    "nothing": (b"", "magic header not detected"),
    "another version": (b"\0asm\x0d\0\1\0", "unknown binary version"),
    "section id": (HEADER + b"\x0e\0", "malformed section id"),
    "order": (HEADER + section(3, b"\1\0") + TYPE, "unexpected content after last section"),
    "end": (HEADER + b"\1\5", "length out of bounds"),
    "custom name": (HEADER + section(0, b"\1\xff"), "malformed UTF-8 encoding"),
    "import name": (HEADER + section(2, b"\1\1\xff\0\0\0"), "malformed UTF-8 encoding"),
    "import kind": (HEADER + section(2, b"\1\0\0\5\0"), "malformed import kind"),
    "export kind": (HEADER + section(7, b"\1\0\5\0"), "malformed export kind"),
    "value type": (HEADER + section(6, b"\1\x40\0\x0b"), "malformed value type"),
    "heap type": (HEADER + section(6, b"\1\x63\x40\0\x0b"), "malformed heap type"),
    "mutability": (HEADER + section(6, b"\1\x7f\2\x0b"), "malformed mutability"),
    "reference type": (HEADER + section(4, b"\1\x7f\0\0"), "malformed reference type"),
    "limits": (HEADER + section(5, b"\1\x10\0"), "malformed limits flags"),
    "table limits": (HEADER + section(4, b"\1\x70\2\0"), "malformed limits flags"),
    "page size": (HEADER + section(5, b"\1\x08\0\x40"), "invalid custom page size"),
    "definition": (HEADER + section(1, b"\1\x61"), "malformed definition type"),
    "element segment": (HEADER + section(9, b"\1\x08"), "malformed elements segment kind"),
    "element kind": (HEADER + section(9, b"\1\1\1\0"), "malformed element kind"),
    "data segment": (HEADER + section(11, b"\1\3"), "malformed data segment kind"),
    "tag": (HEADER + section(13, b"\1\1\0"), "zero byte expected"),
    "table": (HEADER + section(4, b"\1\x40\1\x70\0\0"), "zero byte expected"),
    "count": (HEADER + section(1, b"\x09\x60"), "length out of bounds"),
    "size": (HEADER + section(1, b"\1\x60\0\0\0"), "section size mismatch"),
    "bodies": (HEADER + TYPE + section(3, b"\1\0"), "function and code section have inconsistent lengths"),
    "data count": (HEADER + section(12, b"\1"), "data count and data section have inconsistent lengths"),
    "opcode": (module(b"\0\xff\x0b"), "illegal opcode ff"),
    "prefixed opcode": (module(b"\0\xfc\x7f\x0b"), "illegal opcode fc 7f"),
    "huge prefixed opcode": (module(b"\0\xfb\xff\xff\xff\xff\x0f\x0b"), "illegal opcode"),
    "else": (module(b"\0\5\x0b"), "END opcode expected"),
    "catch": (module(b"\0\2\x40\7\0\x0b\x0b"), "END opcode expected"),
    "catch after catch_all": (module(b"\0\6\x40\x19\7\0\x0b\x0b"), "END opcode expected"),
    "data count section": (module(b"\0\xfc\x09\0\x0b"), "data count section required"),
    "no end": (module(b"\0\1"), "unexpected end"),
    "after end": (module(b"\0\x0b\x0b"), "section size mismatch"),
    "memory flags": (module(b"\0\x28\x80\1\0\x0b"), "malformed memop flags"),
    "fence": (module(b"\0\xfe\3\1\x0b"), "zero byte expected"),
    "catch clause": (module(b"\0\x1f\x40\1\4\0\x0b\x0b"), "malformed catch clause"),
    "cast flags": (module(b"\0\xfb\x18\4\0\x6e\x6e\x0b"), "malformed cast flags"),
    "block type": (module(b"\0\2\x80\x7f\x0b\x0b"), "malformed value type"),
    "LEB128": (module(b"\0\x41\x80\x80\x80\x80\x80\0\x0b"), "integer representation too long"),
    "large LEB128": (module(b"\0\x41\x80\x80\x80\x80\x10\x0b"), "integer too large"),
}


@pytest.mark.parametrize(("binary", "message"), MALFORMED.values(), ids=MALFORMED.keys())
def test_malformed(binary: bytes, message: str) -> None:
    for form in FORMS:
        with pytest.raises(MalformedError) as error:
            print_module(binary, **form)
        assert error.value.text.startswith(message)


def test_locals_are_limited() -> None:
    check(module(b"\1" + leb(50_000) + b"\x7f\x0b"))
    with pytest.raises(InvalidError, match="too many locals"):
        print_module(module(b"\1" + leb(50_001) + b"\x7f\x0b"))
    with pytest.raises(InvalidError, match="too many locals"):
        print_module(module(b"\1" + leb(0xFFFF_FFFF) + b"\x7f\x0b"))
    many = module(*[b"\1" + leb(50_000) + b"\x7f\x0b"] * 201)
    with pytest.raises(InvalidError, match="in all functions"):
        print_module(many)
