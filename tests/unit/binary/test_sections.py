"""Each section: what it describes, and what it refuses."""

from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import pytest

from wasmine.binary.module import ModuleData
from wasmine.spec.errors import InvalidError, MalformedError, ModuleError
from wasmine.spec.types import TypeRegistry

Read = Callable[..., ModuleData]

I32_0 = b"\x41\x00\x0b"  # (i32.const 0)
VOID = b"\x60\x00\x00"  # (func)


def reason(read: Read, data: bytes) -> tuple[type[ModuleError], str]:
    with pytest.raises(ModuleError) as caught:
        read(data)
    assert caught.value.offset is not None
    assert caught.value.offset <= len(data)
    assert str(caught.value) == caught.value.message
    assert caught.value.message.startswith(caught.value.text)
    return type(caught.value), caught.value.text


def test_everything(read: Read, everything: bytes) -> None:
    registry = TypeRegistry()
    module = read(everything, registry)
    parts = module.describe()
    f, nothing, node, leaf, octets, *_ = parts["types"]
    assert registry.describe(f) == ("func", True, None, ((0x7F, 0x7E), (0x7D,)))
    assert registry.describe(leaf)[:3] == ("struct", True, node)
    assert registry.describe(octets) == ("array", True, None, ((0x78, True),))
    assert registry.layout(leaf) == (40, ((0, 8), (8, 1), (16, 16), (32, 8)))
    assert parts["imports"] == [
        ("env", "f", "func", 0),
        ("env", "t", "table", 0),
        ("env", "m", "memory", 0),
        ("env", "g", "global", 0),
        ("env", "e", "tag", 0),
    ]
    assert parts["exports"] == [
        ("start", "func", 1),
        ("", "table", 2),
        ("m", "memory", 2),
        ("g", "global", 1),
        ("e", "tag", 1),
    ]
    assert parts["funcs"] == [f, nothing, f]
    assert parts["declared"] == [0, 1, 2]
    assert [(type, limits, address) for type, limits, address, _ in parts["tables"]] == [
        ("funcref", (1, 10), "i32"),
        ("(ref func)", (2, None), "i32"),
        ("externref", (0, 1 << 32), "i64"),
    ]
    assert parts["memories"] == [
        ((1, 2), "i32", True, 1 << 16),
        ((0, 1 << 48), "i64", False, 1 << 16),
        ((1, None), "i32", False, 1 << 16),
    ]
    assert [(type, mutable) for type, mutable, _ in parts["globals"]] == [
        ("i64", True),
        ("i32", True),
        (f"(ref null {node})", False),
    ]
    assert [registry.describe(tag)[3] for tag in parts["tags"]] == [((0x7F,), ()), ((0x7C,), ())]
    assert parts["start"] == 1


def test_expressions_of_everything(read: Read, everything: bytes) -> None:
    parts = read(everything).describe()

    def text(span: tuple[int, int]) -> str:
        return everything[slice(*span)].hex(" ")

    assert text(parts["tables"][1][3]) == "d2 01 0b"
    assert parts["globals"][0][2] is None
    assert text(parts["globals"][1][2]) == "41 28 41 02 6a 0b"
    modes = [(mode, table, offset and text(offset)) for mode, _, table, offset, _ in parts["elems"]]
    assert modes == [
        ("active", 1, "41 00 0b"),
        ("passive", 0, None),
        ("declarative", 0, None),
        ("passive", 0, None),
    ]
    assert [items for *_, items in parts["elems"][:3]] == [[2], [0, 1], [2]]
    assert [everything[at] for at in parts["elems"][3][4]] == [0xD0, 0xD2]
    (_, memory, offset, hello), (mode, _, no_offset, quiet) = parts["datas"]
    assert (memory, text(offset), everything[slice(*hello)]) == (2, "41 08 0b", b"hello")
    assert (mode, no_offset, everything[slice(*quiet)]) == ("passive", None, b"quiet")
    # A body is its local declarations and its expression.
    assert [text(body)[-2:] for body in parts["bodies"]] == ["0b", "0b"]
    assert text(parts["bodies"][1]).startswith("02 01 7f 01 7c")


def test_custom_sections_keep_name_place_and_contents(read: Read, wasm: SimpleNamespace) -> None:
    data = wasm.module(
        wasm.custom("first", b"\xff"),
        wasm.section(1, wasm.vector(VOID)),
        wasm.custom("naïve", b""),
        wasm.custom("first", b"again"),
        wasm.section(7, b"\0"),
        wasm.custom("last", b"\0"),
    )
    module = read(data)
    kept = [(name, data[start:end], before) for name, start, end, before in module.customs]
    assert kept == [
        ("first", b"\xff", 0),
        ("naïve", b"", 1),
        ("first", b"again", 1),
        ("last", b"\0", 7),
    ]
    assert module.data is data


def test_empty_module(read: Read, wasm: SimpleNamespace) -> None:
    parts = read(wasm.header).describe()
    assert all(part in ([], None) for part in parts.values()), parts


# Contents that are refused, after one type (func), one function of it, one table and one memory.
REFUSED: list[tuple[int, bytes, type[ModuleError], str]] = [
    (2, b"\x01\x00\x00\x05\x00", MalformedError, "malformed import kind"),
    (2, b"\x01\x00\x00\x00\x01", InvalidError, "unknown type 1"),
    (2, b"\x01\x01\xff\x00\x00\x00", MalformedError, "malformed UTF-8 encoding"),
    (2, b"\x01\x00\x03\xed\xa0\x80\x00\x00", MalformedError, "malformed UTF-8 encoding"),
    (2, b"\x01\x00\x00\x03\x7f\x02", MalformedError, "malformed mutability"),
    (2, b"\x01\x00\x00\x04\x01\x00", MalformedError, "zero byte expected"),
    (2, b"\x01\x00\x00\x01\x70\x02\x00", MalformedError, "malformed limits flags"),
    (2, b"\x01\x00\x00\x01\x7f\x00\x00", MalformedError, "malformed reference type"),
    (3, b"\x01\x02", InvalidError, "unknown type 2"),
    (4, b"\x01\x70\x08\x00", MalformedError, "malformed limits flags"),
    (4, b"\x01\x70\x01\x02\x01", InvalidError, "size minimum must not be greater than maximum"),
    (4, b"\x01\x70\x00\x80\x80\x80\x80\x10", InvalidError, "table size must be at most 2^32-1"),
    (4, b"\x01\x64\x70\x00\x00", InvalidError, "type mismatch"),
    (4, b"\x01\x40\x01\x70\x00\x00\xd0\x70\x0b", MalformedError, "zero byte expected"),
    (5, b"\x01\x10\x00", MalformedError, "malformed limits flags"),
    (5, b"\x01\x02\x00", InvalidError, "shared memory must have maximum"),
    (5, b"\x01\x01\x02\x01", InvalidError, "size minimum must not be greater than maximum"),
    (5, b"\x01\x00\x81\x80\x04", InvalidError, "memory size must be at most 65536 pages (4GiB)"),
    (5, b"\x01\x01\x00\x81\x80\x04", InvalidError, "memory size must be at most 65536 pages (4GiB)"),
    (5, b"\x01\x08\x00\x0c", InvalidError, "invalid custom page size"),
    (5, b"\x01\x08\x00\x40", MalformedError, "invalid custom page size"),
    (6, b"\x01\x7f\x02\x41\x00\x0b", MalformedError, "malformed mutability"),
    (6, b"\x01\x7a\x00\x41\x00\x0b", MalformedError, "malformed value type"),
    (6, b"\x01\xff\x00\x41\x00\x0b", MalformedError, "integer representation too long"),
    (6, b"\x01\x7f\x00\x05\x0b", MalformedError, "END opcode expected"),
    (6, b"\x01\x7f\x00\xff\x0b", MalformedError, "illegal opcode ff"),
    (6, b"\x01\x7f\x00\xfc\xff\x01\x0b", MalformedError, "illegal opcode fc ff 01"),
    (7, b"\x01\x01a\x05\x00", MalformedError, "malformed export kind"),
    (7, b"\x01\x01a\x00\x01", InvalidError, "unknown function 1"),
    (7, b"\x01\x01a\x01\x01", InvalidError, "unknown table 1"),
    (7, b"\x01\x01a\x02\x01", InvalidError, "unknown memory 1"),
    (7, b"\x01\x01a\x03\x00", InvalidError, "unknown global 0"),
    (7, b"\x01\x01a\x04\x00", InvalidError, "unknown tag 0"),
    (7, b"\x02\x01a\x00\x00\x01a\x01\x00", InvalidError, "duplicate export name"),
    (8, b"\x01", InvalidError, "unknown function 1"),
    (9, b"\x01\x08\x41\x00\x0b\x00", MalformedError, "malformed elements segment kind"),
    (9, b"\x01\x01\x01\x00", MalformedError, "malformed element kind"),
    (9, b"\x01\x05\x7f\x00", MalformedError, "malformed reference type"),
    (9, b"\x01\x00\x41\x00\x0b\x01\x01", InvalidError, "unknown function 1"),
    (9, b"\x01\x02\x01\x41\x00\x0b\x00\x00", InvalidError, "unknown table 1"),
    (9, b"\x01\x06\x00\x41\x00\x0b\x6f\x00", InvalidError, "type mismatch"),
    (11, b"\x01\x03\x00", MalformedError, "malformed data segment kind"),
    (11, b"\x01\x02\x01\x41\x00\x0b\x00", InvalidError, "unknown memory 1"),
]


@pytest.mark.parametrize(("id", "contents", "kind", "text"), REFUSED)
def test_refused(
    id: int, contents: bytes, kind: type[ModuleError], text: str, read: Read, wasm: SimpleNamespace
) -> None:
    before: dict[int, bytes] = {1: b"\x01" + VOID, 3: b"\x01\x00", 4: b"\x01\x70\x00\x01", 5: b"\x01\x00\x01"}
    before = {place: bytes_ for place, bytes_ in before.items() if place < id}
    sections = [wasm.section(*item) for item in before.items()]
    if id > 10 and 3 in before:
        sections.append(wasm.section(10, b"\x01\x02\x00\x0b"))
    assert reason(read, wasm.module(*sections, wasm.section(id, contents))) == (kind, text)


@pytest.mark.parametrize(
    ("type_", "text"),
    [
        (b"\x60\x01\x7f\x00", "start function"),
        (b"\x60\x00\x01\x7f", "start function"),
    ],
)
def test_start_function_takes_and_gives_nothing(
    type_: bytes, text: str, read: Read, wasm: SimpleNamespace
) -> None:
    data = wasm.module(wasm.section(1, b"\x01" + type_), wasm.section(3, b"\x01\x00"), b"\x08\x01\x00")
    assert reason(read, data) == (InvalidError, text)


def test_tag_has_no_results(read: Read, wasm: SimpleNamespace) -> None:
    data = wasm.module(wasm.section(1, b"\x01\x60\x00\x01\x7f"), wasm.section(13, b"\x01\x00\x00"))
    assert reason(read, data) == (InvalidError, "non-empty tag result type")


def test_functions_and_tags_have_function_types(read: Read, wasm: SimpleNamespace) -> None:
    structure = wasm.section(1, b"\x01\x5f\x00")
    for use in (wasm.section(3, b"\x01\x00"), wasm.section(13, b"\x01\x00\x00")):
        assert reason(read, wasm.module(structure, use)) == (InvalidError, "non-function type 0")


def test_counts_of_functions_and_data_agree(read: Read, wasm: SimpleNamespace) -> None:
    types, functions, code = (
        wasm.section(1, b"\x01" + VOID),
        wasm.section(3, b"\x01\x00"),
        wasm.section(10, b"\x01\x02\x00\x0b"),
    )
    bodies = MalformedError, "function and code section have inconsistent lengths"
    datas = MalformedError, "data count and data section have inconsistent lengths"
    assert reason(read, wasm.module(types, functions)) == bodies
    assert reason(read, wasm.module(types, code)) == bodies
    assert reason(read, wasm.module(wasm.section(12, b"\x01"))) == datas
    assert reason(read, wasm.module(wasm.section(12, b"\x00"), wasm.section(11, b"\x01\x01\x00"))) == datas
    read(wasm.module(types, functions, wasm.section(12, b"\x00"), code))


EMPTY: dict[int, Any] = {id: b"\0" for id in range(1, 14) if id != 8}


@pytest.mark.parametrize("id", sorted(EMPTY))
def test_sections_come_once_and_in_order(id: int, read: Read, wasm: SimpleNamespace) -> None:
    order = [1, 2, 3, 4, 5, 13, 6, 7, 9, 12, 10, 11]
    read(wasm.module(*(wasm.section(i, EMPTY[i]) for i in order)))
    for before in order[order.index(id) :]:
        data = wasm.module(wasm.section(before, b"\0"), wasm.custom("between", b""), wasm.section(id, b"\0"))
        assert reason(read, data) == (MalformedError, "unexpected content after last section")


def test_size_of_a_section_is_that_of_its_contents(read: Read, wasm: SimpleNamespace) -> None:
    memory = b"\x01\x00\x01"
    for shorter in (b"\x05\x02" + memory + b"\0\0", b"\x05\x04" + memory + b"\0"):
        with pytest.raises(MalformedError, match="section size mismatch"):
            read(wasm.module(shorter))
    assert reason(read, wasm.module(b"\x05\x04" + memory)) == (MalformedError, "length out of bounds")


def test_a_body_that_is_no_body_is_the_first_error(read: Read, wasm: SimpleNamespace) -> None:
    """The size of the code section ends in the middle of a body, so that its rest reads as a section."""
    data = wasm.module(
        wasm.section(1, b"\x01" + VOID),
        wasm.section(3, b"\x01\x00"),
        b"\x0a\x06\x01\x04\x00\x41\x80\x80\x80\x80\x10\x0b",
    )
    assert reason(read, data) == (MalformedError, "integer too large")


@pytest.mark.parametrize(
    ("data", "text", "offset"),
    [
        (b"", "unexpected end", 0),
        (b"\0as", "unexpected end", 3),
        (b"\0asm\1\0\0", "unexpected end", 7),
        (b"wasm\1\0\0\0", "magic header not detected", 0),
        (b"\0asm\2\0\0\0", "unknown binary version", 4),
        (b"\0asm\1\0\0\0\x0e\0", "malformed section id", 8),
        (b"\0asm\1\0\0\0\x05\x04\x01\x00\x01", "length out of bounds", 8),
        (b"\0asm\1\0\0\0\x05\x03\x01\x01\x01", "unexpected end of section or function", 13),
        (b"\0asm\1\0\0\0\x05\x03\x01\x19\x01", "malformed limits flags", 11),
        (b"\0asm\1\0\0\0\x00\x02\x01\xff", "malformed UTF-8 encoding", 11),
        (b"\0asm\1\0\0\0\x02\x06\x01\x02a\xc3\x00\x00", "malformed UTF-8 encoding", 13),
        (b"\0asm\1\0\0\0\x00\x02\x02a\x05\x01\x00", "unexpected end of section", 10),
    ],
)
def test_offsets(data: bytes, text: str, offset: int, read: Read) -> None:
    with pytest.raises(MalformedError) as caught:
        read(data)
    assert (caught.value.text, caught.value.offset) == (text, offset)
    assert f"at byte {offset:#x}" in caught.value.message
