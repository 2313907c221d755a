"""The opcode table, held against itself and against the assembler and the validator of wasmtime."""

import re
import runpy
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import wasmtime

from wasmine.spec.features import FEATURES
from wasmine.spec.opcodes import BY_ID, BY_NAME, CONSTANT_NAME, OPS, PREFIX_BASE, Op

GENERATOR = Path(__file__).resolve().parents[3] / "tools" / "gen_opcodes.py"

# Text and bytes of one immediate of each kind; no two indices are equal, so that a wrong order shows.
IMMEDIATES: dict[str, tuple[str, bytes]] = {
    "block": ("(result i64)", b"\x7e"),
    "label": ("0", b"\x00"),
    "labels": ("2 1 3", b"\x02\x02\x01\x03"),
    "func": ("6", b"\x06"),
    "type": ("7", b"\x07"),
    "table": ("8", b"\x08"),
    "memory": ("9", b"\x09"),
    "local": ("10", b"\x0a"),
    "global": ("11", b"\x0b"),
    "tag": ("12", b"\x0c"),
    "data": ("13", b"\x0d"),
    "elem": ("14", b"\x0e"),
    "field": ("15", b"\x0f"),
    "u32": ("300", b"\xac\x02"),
    "lane": ("1", b"\x01"),
    "lanes16": (" ".join(map(str, range(16))), bytes(range(16))),
    "i32": ("-129", b"\xff\x7e"),
    "i64": ("-0x8000000000000000", b"\x80" * 9 + b"\x7f"),
    "f32": ("1", b"\x00\x00\x80\x3f"),
    "f64": ("1", b"\x00\x00\x00\x00\x00\x00\xf0\x3f"),
    "v128": ("i64x2 1 2", b"\x01" + bytes(7) + b"\x02" + bytes(7)),
    "heap": ("any", b"\x6e"),
    "cast": ("", b"\x01"),
    "types": ("(result i32)", b"\x01\x7f"),
    "catches": ("(catch 5 0) (catch_all 0)", b"\x02\x00\x05\x00\x02\x00"),
    "fence": ("", b"\x00"),
}

# Text with the same immediates, of instructions whose text has other words or another order than the binary.
TEXT = {
    "select_t": "select (result i32)",
    "call_indirect": "call_indirect 8 (type 7)",
    "return_call_indirect": "return_call_indirect 8 (type 7)",
    "memory.init": "memory.init 9 13",
    "table.init": "table.init 8 14",
    "ref.test": "ref.test (ref any)",
    "ref.test_null": "ref.test (ref null any)",
    "ref.cast": "ref.cast (ref any)",
    "ref.cast_null": "ref.cast (ref null any)",
    "br_on_cast": "br_on_cast 0 (ref null any) (ref any)",
    "br_on_cast_fail": "br_on_cast_fail 0 (ref null any) (ref any)",
}

# What wasmtime says of opcodes that are unassigned, or of proposals that the table does not cover.
NOT_OURS = re.compile(
    "illegal opcode|unknown 0x.. subopcode"
    "|(memory control|stack switching|shared-everything-threads|custom descriptors operations)"
    " support is not enabled"
)


def leb128(value: int) -> bytes:
    out = bytearray()
    while value > 0x7F:
        out.append(value & 0x7F | 0x80)
        value >>= 7
    out.append(value)
    return bytes(out)


def opcode(prefix: int, code: int) -> bytes:
    return bytes([prefix]) + leb128(code) if prefix else bytes([code])


def sample(op: Op) -> tuple[str, bytes]:
    """The instruction with sample immediates: its text, and its bytes as the table has them."""
    # Natural alignment, which the text leaves to the assembler, with the flag for an explicit memory index.
    memarg = ("3 offset=300", bytes([op.access | 0x40]) + b"\x03\xac\x02")
    parts = [memarg if kind == "memarg" else IMMEDIATES[kind] for kind in op.immediates]
    text = TEXT.get(op.name) or " ".join([op.name, *(part[0] for part in parts)])
    return text, opcode(op.prefix, op.code) + b"".join(part[1] for part in parts)


def sections(binary: bytes) -> Iterator[tuple[int, bytes]]:
    """The sections of a small module, whose sizes take one byte each."""
    position = 8
    while position < len(binary):
        number, size = binary[position : position + 2]
        assert size < 0x80
        yield number, binary[position + 2 : position + 2 + size]
        position += 2 + size


def assemble(instruction: str) -> bytes:
    """What wasmtime's assembler, which validates nothing, makes of a single instruction."""
    code = dict(sections(bytes(wasmtime.wat2wasm(f"(module (func {instruction}))"))))[10]
    assert code[0] == 1
    assert code[2] == 0
    assert code[-1] == 0x0B
    return code[3:-1]


def module_with(instruction: bytes) -> bytes:
    """A module whose one function begins with the given bytes; zeros enough for any immediates follow."""
    body = b"\x00" + instruction + bytes(24)
    code = b"\x01" + leb128(len(body)) + body
    return b"\x00asm\x01\x00\x00\x00\x01\x04\x01\x60\x00\x00\x03\x02\x01\x00\x0a" + leb128(len(code)) + code


@pytest.fixture(scope="module")
def engine() -> wasmtime.Engine:
    """An engine with every core feature on that wasmtime offers, apart from stack switching."""
    config = wasmtime.Config()
    for option in dir(config):
        if option.startswith("wasm_") and "component" not in option and option != "wasm_stack_switching":
            setattr(config, option, True)
    config.shared_memory = True
    return wasmtime.Engine(config)


def refusal(engine: wasmtime.Engine, binary: bytes | bytearray) -> str:
    """Why wasmtime finds the module invalid; empty if it does not."""
    try:
        wasmtime.Module.validate(engine, binary)
    except wasmtime.WasmtimeError as error:
        return str(error)
    return ""


def test_ids_are_unique_sorted_and_follow_the_formula() -> None:
    ids = [op.id for op in OPS]
    assert ids == sorted(set(ids))
    assert all(op.id == PREFIX_BASE[op.prefix] + op.code < 0x400 for op in OPS)
    assert {op.id: op for op in OPS} == BY_ID


def test_ids_of_one_prefix_stay_below_the_next_base() -> None:
    bases = [*sorted(PREFIX_BASE.values()), 0x400]
    for op in OPS:
        base = PREFIX_BASE[op.prefix]
        assert base <= op.id < bases[bases.index(base) + 1], op


def test_names_are_unique_also_as_constants() -> None:
    assert {op.name: op for op in OPS} == BY_NAME
    assert len(BY_NAME) == len(OPS)
    constants = {CONSTANT_NAME(op) for op in OPS}
    assert len(constants) == len(OPS)
    assert all(constant.isidentifier() for constant in constants)
    assert {"I32_ADD", "MEMORY_ATOMIC_WAIT32", "SELECT_T", "I8X16_RELAXED_SWIZZLE", "IF_"} <= constants


def test_features_are_known() -> None:
    assert {op.feature for op in OPS} <= FEATURES.keys()


def test_signatures_use_the_agreed_types() -> None:
    for op in OPS:
        if op.signature is not None:
            parameters, arrow, results = op.signature.partition("->")
            assert arrow, op
            types = {*parameters.split(), *results.split()}
            assert types <= {"i32", "i64", "f32", "f64", "v128", "addr"}, op
            assert ("addr" in types) == ("memarg" in op.immediates), op
        assert op.access == 0 or "memarg" in op.immediates, op


def test_generated_enums_are_fresh(capsys: pytest.CaptureFixture[str]) -> None:
    main: Any = runpy.run_path(str(GENERATOR))["main"]
    assert main(["--check"]) == 0, capsys.readouterr().err


def test_generator_tells_a_stale_enum_and_mends_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    generator = runpy.run_path(str(GENERATOR))
    main: Any = generator["main"]
    for path in generator["SPEC"].glob("*.p*"):
        (tmp_path / path.name).write_bytes(path.read_bytes())
    monkeypatch.setitem(main.__globals__, "SPEC", tmp_path)
    enum = tmp_path / "opcodes.pxd"
    expected = enum.read_text()
    enum.write_text(expected.replace("I32_ADD = 0x06A", "I32_ADD = 0x06B"))
    assert main(["--check"]) == 1
    assert str(enum) in capsys.readouterr().err
    assert main([]) == 0
    assert enum.read_text() == expected


@pytest.mark.parametrize("op", OPS, ids=lambda op: op.name)
def test_encoding_is_that_of_an_independent_assembler(op: Op) -> None:
    text, binary = sample(op)
    assert assemble(text).hex(" ") == binary.hex(" ")


@pytest.mark.parametrize("prefix", PREFIX_BASE, ids=hex)
def test_no_opcode_is_missing(engine: wasmtime.Engine, prefix: int) -> None:
    """Of every number, the table and wasmtime agree whether there is such an instruction."""
    ours = {(op.prefix, op.code) for op in OPS}
    for code in range(0x200) if prefix else [0, *sorted(set(range(0x100)) - PREFIX_BASE.keys())]:
        reason = refusal(engine, module_with(opcode(prefix, code)))
        assert ((prefix, code) in ours) == (not NOT_OURS.search(reason)), (hex(code), reason)


@pytest.mark.parametrize("op", [op for op in OPS if op.signature is not None], ids=lambda op: op.name)
def test_signature_is_the_type_that_an_independent_validator_finds(engine: wasmtime.Engine, op: Op) -> None:
    """A function of just that type is valid if its body is the operands and the instruction."""
    assert op.signature is not None
    written = {kind: text for kind, (text, _) in IMMEDIATES.items()} | {
        "memarg": "",
        "data": "0",
        "elem": "0",
    }
    instruction = " ".join([op.name, *(written[kind] for kind in op.immediates)])
    for address in ("i32", "i64"):
        parameters, _, results = op.signature.replace("addr", address).partition("->")
        operands = " ".join(f"local.get {index}" for index in range(len(parameters.split())))
        module = f"""(module (memory {address} 1 1 shared) (data "") (elem func)
            (func (param {parameters}) (result {results}) {operands} {instruction}))"""
        assert refusal(engine, wasmtime.wat2wasm(module)) == ""


@pytest.mark.parametrize("op", [op for op in OPS if "memarg" in op.immediates], ids=lambda op: op.name)
def test_access_is_the_largest_valid_alignment(engine: wasmtime.Engine, op: Op) -> None:
    lane = " 0" if "lane" in op.immediates else ""

    def reason(alignment: int) -> str:
        body = f"unreachable {op.name} align={alignment}{lane} unreachable"
        return refusal(engine, wasmtime.wat2wasm(f"(module (memory 1 1 shared) (func {body}))"))

    assert reason(1 << op.access) == ""
    assert "alignment" in reason(2 << op.access)
