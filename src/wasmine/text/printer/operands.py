"""The operands of instructions as text, by the kinds of immediates that the opcode table gives (Core 6.5).

The inverse of `wasmine.text.operands`: a writer reads an instruction's immediates and returns their text,
with a space before each. What has a default is left out when it has that.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Final, NamedTuple, TypeAlias

from wasmine.binary.cursor import Cursor
from wasmine.spec.errors import MalformedError
from wasmine.spec.opcodes import OPS, Op
from wasmine.text.printer.literals import f32_text, f64_text

if TYPE_CHECKING:
    from wasmine.text.printer.code import Code

Writer: TypeAlias = "Callable[[Code, Cursor], str]"

_ANOTHER_MEMORY = 0x40  # bit of a memarg's first field: a memory index follows
_CATCH_CLAUSES: Final = (("catch", True), ("catch_ref", True), ("catch_all", False), ("catch_all_ref", False))


# Indices


def _index(space: str) -> Writer:
    def write(code: Code, cursor: Cursor) -> str:
        index = cursor.u32()
        return f" {code.spaces[space].identifiers.get(index) or index}"

    return write


def _index_or_zero(space: str) -> Writer:
    def write(code: Code, cursor: Cursor) -> str:
        index = cursor.u32()
        return f" {code.spaces[space].use(index)}" if index else ""

    return write


def _two_or_zeros(space: str) -> Writer:
    def write(code: Code, cursor: Cursor) -> str:
        first, second = cursor.u32(), cursor.u32()
        use = code.spaces[space].use
        return f" {use(first)} {use(second)}" if first or second else ""

    return write


def _data(code: Code, cursor: Cursor) -> str:
    code.uses_data = True
    return f" {code.spaces['data'].use(cursor.u32())}"


def _segment(segments: Writer, space: str) -> Writer:
    """The segment, which comes first in the binary, after a memory or table other than the first."""

    def write(code: Code, cursor: Cursor) -> str:
        segment = segments(code, cursor)
        target = cursor.u32()
        return f" {code.spaces[space].use(target)}{segment}" if target else segment

    return write


def _local(code: Code, cursor: Cursor) -> str:
    index = cursor.u32()
    return f" {code.locals.get(index) or index}"


def _label(code: Code, cursor: Cursor) -> str:
    return f" {code.label(cursor.u32())}"


def _labels(code: Code, cursor: Cursor) -> str:
    return "".join(f" {code.label(cursor.u32())}" for _ in range(cursor.count() + 1))


def _field(code: Code, cursor: Cursor) -> str:
    type_index, field = cursor.u32(), cursor.u32()
    fields = code.types.fields.get(type_index)
    return f" {code.types.space.use(type_index)} {fields.use(field) if fields else field}"


def _u32(code: Code, cursor: Cursor) -> str:
    return f" {cursor.u32()}"


def _lane(code: Code, cursor: Cursor) -> str:
    return f" {cursor.byte()}"


def _lanes16(code: Code, cursor: Cursor) -> str:
    return "".join(f" {lane}" for lane in cursor.take(16))


def _fence(code: Code, cursor: Cursor) -> str:
    if cursor.byte() != 0:
        raise MalformedError("zero byte expected", cursor.position - 1, expected="0")
    return ""


# Constants


def _i32(code: Code, cursor: Cursor) -> str:
    return f" {cursor.signed(32)}"


def _i64(code: Code, cursor: Cursor) -> str:
    return f" {cursor.signed(64)}"


def _f32(code: Code, cursor: Cursor) -> str:
    return f" {f32_text(int.from_bytes(cursor.take(4), 'little'))}"


def _f64(code: Code, cursor: Cursor) -> str:
    return f" {f64_text(int.from_bytes(cursor.take(8), 'little'))}"


def _v128(code: Code, cursor: Cursor) -> str:
    content = cursor.take(16)
    lanes = (int.from_bytes(content[at : at + 4], "little") for at in range(0, 16, 4))
    return " i32x4" + "".join(f" {lane:#x}" for lane in lanes)


# Memory accesses


def _memarg(access: int) -> Writer:
    def write(code: Code, cursor: Cursor) -> str:
        at = cursor.position
        flags = cursor.u32()
        if flags == access:
            offset = cursor.unsigned(64)
            return f" offset={offset}" if offset else ""
        if flags >= 2 * _ANOTHER_MEMORY:
            raise MalformedError(
                "malformed memop flags", at, expected="flags below 0x80", found=f"{flags:#x}"
            )
        memory = cursor.u32() if flags & _ANOTHER_MEMORY else 0
        offset = cursor.unsigned(64)
        text = f" {code.spaces['memory'].use(memory)}" if memory else ""
        if offset:
            text += f" offset={offset}"
        alignment = flags & (_ANOTHER_MEMORY - 1)
        return text if alignment == access else f"{text} align={1 << alignment}"

    return write


# Types


def _heap(code: Code, cursor: Cursor) -> str:
    return f" {code.types.heap_type(cursor)}"


def _reference(nullable: bool) -> Writer:
    def write(code: Code, cursor: Cursor) -> str:
        return f" {code.types.reference(nullable, cursor)}"

    return write


def _types(code: Code, cursor: Cursor) -> str:
    return f" (result {' '.join(code.types.value_types(cursor))})"


def _call_indirect(code: Code, cursor: Cursor) -> str:
    type_index, table = cursor.u32(), cursor.u32()
    text = f" (type {code.types.space.use(type_index)})"
    return f" {code.spaces['table'].use(table)}{text}" if table else text


def _cast(code: Code, cursor: Cursor) -> str:
    at = cursor.position
    flags = cursor.byte()
    if flags > 3:
        raise MalformedError("malformed cast flags", at, expected="0 to 3", found=f"{flags:#04x}")
    label = code.label(cursor.u32())
    from_type = code.types.reference(flags & 1 != 0, cursor)
    return f" {label} {from_type} {code.types.reference(flags & 2 != 0, cursor)}"


def _block(code: Code, cursor: Cursor) -> str:
    at = cursor.position
    byte = cursor.peek()
    if byte == 0x40:
        cursor.byte()
        return ""
    if byte in (0x63, 0x64) or 0x41 <= byte < 0x80:
        return f" (result {code.types.value_type(cursor)})"
    index = cursor.signed(33)
    if index < 0:
        raise MalformedError("malformed value type", at, expected="a block type")
    return f" {code.types.use(index)}"


def _catches(code: Code, cursor: Cursor) -> str:
    text = ""
    for _ in range(cursor.count()):
        kind = cursor.byte()
        if kind >= len(_CATCH_CLAUSES):
            at = cursor.position - 1
            raise MalformedError("malformed catch clause", at, expected="0 to 3", found=f"{kind:#04x}")
        keyword, has_tag = _CATCH_CLAUSES[kind]
        tag = f" {code.spaces['tag'].use(cursor.u32())}" if has_tag else ""
        text += f" ({keyword}{tag} {code.label(cursor.u32())})"
    return text


# The table

_KINDS: Final[dict[str, Writer]] = {
    **{kind: _index(kind) for kind in ("func", "type", "global", "tag", "elem")},
    "block": _block,
    "catches": _catches,
    "data": _data,
    "local": _local,
    "label": _label,
    "labels": _labels,
    "u32": _u32,
    "lane": _lane,
    "lanes16": _lanes16,
    "heap": _heap,
    "types": _types,
    "fence": _fence,
    "i32": _i32,
    "i64": _i64,
    "f32": _f32,
    "f64": _f64,
    "v128": _v128,
}
_COMBINED: Final[dict[tuple[str, ...], Writer]] = {
    ("table",): _index_or_zero("table"),
    ("memory",): _index_or_zero("memory"),
    ("table", "table"): _two_or_zeros("table"),
    ("memory", "memory"): _two_or_zeros("memory"),
    ("elem", "table"): _segment(_index("elem"), "table"),
    ("data", "memory"): _segment(_data, "memory"),
    ("type", "table"): _call_indirect,
    ("type", "field"): _field,
    ("cast", "label", "heap", "heap"): _cast,
}
_WRITTEN_OTHERWISE: Final[dict[str, tuple[str, Writer | None]]] = {
    "select_t": ("select", _types),
    "ref.test": ("ref.test", _reference(False)),
    "ref.test_null": ("ref.test", _reference(True)),
    "ref.cast": ("ref.cast", _reference(False)),
    "ref.cast_null": ("ref.cast", _reference(True)),
}


def _writer(op: Op) -> Writer | None:
    kinds = op.immediates
    if not kinds:
        return None
    if kinds in _COMBINED:
        return _COMBINED[kinds]
    writers = tuple(_memarg(op.access) if kind == "memarg" else _KINDS[kind] for kind in kinds)
    if len(writers) == 1:
        return writers[0]

    def write(code: Code, cursor: Cursor) -> str:
        return "".join(writer(code, cursor) for writer in writers)

    return write


class Form(NamedTuple):
    """How an instruction is written."""

    name: str
    write: Writer | None
    """The writer of its operands."""
    role: str
    """`plain`, or what it does to blocks: `open`, `else`, `catch`, `delegate`, `end`."""
    op: Op


_ROLES: Final = {"else": "else", "catch": "catch", "catch_all": "catch", "delegate": "delegate", "end": "end"}


def _form(op: Op) -> Form:
    name, write = _WRITTEN_OTHERWISE.get(op.name, (op.name, _writer(op)))
    role = "open" if "block" in op.immediates else _ROLES.get(op.name, "plain")
    return Form(name, write, role, op)


FORMS: Final = {op.id: _form(op) for op in OPS}
"""Opcode id to the form of its instruction."""
