"""Name, producers and branch hint sections."""

from collections.abc import Callable
from types import SimpleNamespace

import pytest

from wasmine.binary.customs import branch_hints, producers
from wasmine.binary.module import ModuleData
from wasmine.binary.names import Names

Read = Callable[..., ModuleData]


def names_of(module: ModuleData) -> Names:
    return Names(module.data, module.customs)


def test_every_kind(read: Read, everything: bytes) -> None:
    names = names_of(read(everything))
    assert names.module == "everything"
    assert [names.function(i) for i in range(4)] == ["imported", "start", "body", None]
    assert dict(names.items("type")) == {0: "f", 1: "nothing", 2: "node", 3: "leaf", 4: "bytes"}
    assert dict(names.items("table")) == {0: "imported_table", 1: "initialized", 2: "long"}
    assert dict(names.items("memory")) == {0: "imported_memory", 1: "large", 2: "one"}
    assert dict(names.items("global")) == {0: "imported_global", 1: "answer", 2: "node"}
    assert dict(names.items("elem")) == {0: "active", 1: "passive", 2: "declared", 3: "expressions"}
    assert dict(names.items("data")) == {0: "hello", 1: "quiet"}
    assert dict(names.items("tag")) == {0: "imported_tag", 1: "tag"}
    assert dict(names.inner_items("local", 2)) == {2: "x"}
    assert dict(names.inner_items("label", 2)) == {0: "out"}
    assert dict(names.inner_items("field", 3)) == {3: "value"}
    assert dict(names.inner_items("field", 2)) == {0: "next"}
    assert names.get("field", 3, 3) == "value"
    assert names.get("field", 0, 0) is None
    assert names.get("local", 2, 7) is None
    assert names.get("elem", 4) is None


def test_no_names(read: Read, wasm: SimpleNamespace) -> None:
    names = names_of(read(wasm.header))
    assert names.module is None
    assert names.function(0) is None
    assert list(names.inner_items("local", 0)) == []


def test_unknown_kind(read: Read, wasm: SimpleNamespace) -> None:
    with pytest.raises(KeyError):
        names_of(read(wasm.header)).get("nonsense", 0)


def subsection(wasm: SimpleNamespace, id: int, contents: bytes) -> bytes:
    encoded: bytes = wasm.section(id, contents)
    return encoded


def test_damage_spares_what_comes_before(read: Read, wasm: SimpleNamespace) -> None:
    functions = wasm.u32(3) + b"\x00" + wasm.name("zero") + b"\x05" + wasm.name("five") + b"\x06\x7fcut off"
    contents = subsection(wasm, 0, wasm.name("m")) + subsection(wasm, 1, functions) + b"\x02\x7f\x01"
    names = names_of(read(wasm.module(wasm.custom("name", contents))))
    assert names.module == "m"
    assert dict(names.items("func")) == {0: "zero", 5: "five"}
    assert names.get("local", 0, 0) is None


@pytest.mark.parametrize(
    "contents", [b"", b"\x00", b"\x00\x00", b"\x00\x01\x05", b"\x00\x02\x01\xff", b"\xff" * 20]
)
def test_a_damaged_section_is_no_error(contents: bytes, read: Read, wasm: SimpleNamespace) -> None:
    names = names_of(read(wasm.module(wasm.custom("name", contents))))
    assert names.module in (None, "\N{REPLACEMENT CHARACTER}")
    assert names.function(0) is None


def test_the_first_name_counts(read: Read, wasm: SimpleNamespace) -> None:
    functions = wasm.u32(2) + b"\x00" + wasm.name("first") + b"\x00" + wasm.name("second")
    names = names_of(read(wasm.module(wasm.custom("name", subsection(wasm, 1, functions)))))
    assert names.function(0) == "first"


def test_names_need_not_be_ascii_or_well_formed(read: Read, wasm: SimpleNamespace) -> None:
    functions = wasm.u32(2) + b"\x00" + wasm.name("λ") + b"\x01\x02a\xff"
    names = names_of(read(wasm.module(wasm.custom("name", subsection(wasm, 1, functions)))))
    assert names.function(0) == "λ"
    assert names.function(1) == "a\N{REPLACEMENT CHARACTER}"


def test_producers(read: Read, wasm: SimpleNamespace) -> None:
    pair = wasm.name("C11") + wasm.name(""), wasm.name("clang") + wasm.name("19.1")
    contents = wasm.vector(
        wasm.name("language") + wasm.vector(pair[0]), wasm.name("processed-by") + wasm.vector(pair[1])
    )
    module = read(wasm.module(wasm.custom("producers", contents)))
    assert producers(module.data, module.customs) == {
        "language": [("C11", "")],
        "processed-by": [("clang", "19.1")],
    }
    cut = read(wasm.module(wasm.custom("producers", contents[:-1])))
    assert producers(cut.data, cut.customs) == {"language": [("C11", "")], "processed-by": []}


def test_branch_hints(read: Read, wasm: SimpleNamespace) -> None:
    contents = wasm.vector(
        wasm.u32(1) + wasm.vector(b"\x05\x01\x01", b"\x80\x01\x01\x00"), wasm.u32(3) + wasm.vector()
    )
    module = read(wasm.module(wasm.custom("metadata.code.branch_hint", contents)))
    assert branch_hints(module.data, module.customs) == {1: {5: True, 128: False}, 3: {}}
    cut = read(wasm.module(wasm.custom("metadata.code.branch_hint", contents[:6])))
    assert branch_hints(cut.data, cut.customs) == {1: {5: True}}
