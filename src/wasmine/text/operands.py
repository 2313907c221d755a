"""The operands that follow a mnemonic, by the kinds of immediates that the opcode table gives (Core 6.5).

A reader takes the function body being read, the index of the first token after the mnemonic and the bytes
to append to; it returns the index after the operands. Most kinds have a reader of their own, and an
instruction's readers run in binary order; `_COMBINED` has those whose text differs: an optional index, or
another order.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Final, TypeAlias

from wasmine.spec.opcodes import BY_NAME, Op
from wasmine.text import emit
from wasmine.text.keywords import INSTRUCTION_NAMES, LANE_SHAPES
from wasmine.text.names import encode_natural, read_natural
from wasmine.text.numbers import (
    NumberRangeError,
    NumberSyntaxError,
    is_number,
    parse_float,
    parse_integer,
    parse_natural,
)

if TYPE_CHECKING:
    from wasmine.text.instructions import Body

Reader: TypeAlias = "Callable[[Body, int, bytearray], int]"

_ANOTHER_MEMORY = 0x40  # bit of a memarg's first field: a memory index follows
_DIGITS: Final = frozenset("0123456789")
INDEX_START: Final = _DIGITS | {"$"}
"""First characters of an index."""


# Kinds of one token


def _index(space: str) -> Reader:
    def read(body: Body, at: int, out: bytearray) -> int:
        out += body.spaces[space].encode(at)
        return at + 1

    return read


def _data(body: Body, at: int, out: bytearray) -> int:
    body.uses_data = True
    out += body.spaces["data"].encode(at)
    return at + 1


def _local(body: Body, at: int, out: bytearray) -> int:
    out += body.locals.encode(at)
    return at + 1


def _label(body: Body, at: int, out: bytearray) -> int:
    out += body.label(at)
    return at + 1


def _u32(body: Body, at: int, out: bytearray) -> int:
    out += encode_natural(body.stream, at)
    return at + 1


def _lane(body: Body, at: int, out: bytearray) -> int:
    out.append(read_natural(body.stream, at, 8))
    return at + 1


def _lanes16(body: Body, at: int, out: bytearray) -> int:
    _check_lanes(body, at, 16, "invalid lane length")
    for lane in range(at, at + 16):
        try:
            out.append(parse_natural(body.tokens[lane], 8))
        except ValueError:
            raise body.stream.error(lane, "i8 constant out of range") from None
    return at + 16


def _check_lanes(body: Body, at: int, count: int, message: str) -> None:
    """Check that exactly so many numbers stand from an index on."""
    run = 0
    while run <= count and is_number(body.tokens[at + run]):
        run += 1
    if run != count:
        error = body.stream.unexpected(at + run)
        known = run > count or error.message.startswith("unexpected token")
        raise body.stream.error(at + run, message) if known else error


def _heap(body: Body, at: int, out: bytearray) -> int:
    encoded, at = body.types.heap_type(at)
    out += encoded
    return at


def _fence(body: Body, at: int, out: bytearray) -> int:
    out.append(0)
    return at


# Constants


def _integer(bits: int) -> Reader:
    def read(body: Body, at: int, out: bytearray) -> int:
        token = body.tokens[at]
        encoded = memo.get(token)
        if encoded is None:
            encoded = signed_literal(body, at)
        out += encoded
        return at + 1

    def signed_literal(body: Body, at: int) -> bytes:
        value = _number(body, at, parse_integer, bits)
        return emit.signed(value - (1 << bits) if value >> (bits - 1) else value)

    memo = {str(value): emit.signed(value) for value in range(-128, 1025)}
    return read


def _float(bits: int) -> Reader:
    def read(body: Body, at: int, out: bytearray) -> int:
        out += _number(body, at, parse_float, bits).to_bytes(bits // 8, "little")
        return at + 1

    return read


def _v128(body: Body, at: int, out: bytearray) -> int:
    shape = LANE_SHAPES.get(body.tokens[at])
    if shape is None:
        raise body.stream.unexpected(at)
    kind, bits, count = shape
    parse = parse_integer if kind == "i" else parse_float
    _check_lanes(body, at + 1, count, "wrong number of lane literals")
    for lane in range(at + 1, at + 1 + count):
        out += _number(body, lane, parse, bits).to_bytes(bits // 8, "little")
    return at + 1 + count


def _number(body: Body, at: int, parse: Callable[[str, int], int], bits: int) -> int:
    """Return the bit pattern of the literal at a token's index."""
    try:
        return parse(body.tokens[at], bits)
    except NumberRangeError as error:
        raise body.stream.error(at, str(error)) from None
    except NumberSyntaxError:
        raise body.stream.unexpected(at) from None


# Kinds of several tokens


def _labels(body: Body, at: int, out: bytearray) -> int:
    labels = [body.label(at)]
    at += 1
    while body.tokens[at][0] in INDEX_START:
        labels.append(body.label(at))
        at += 1
    out += emit.vector(labels[:-1]) + labels[-1]
    return at


def _memarg(access: int) -> Reader:
    def read(body: Body, at: int, out: bytearray) -> int:
        return _memory_argument(body, at, out, access, body.tokens[at][0] in INDEX_START)

    return read


def _memarg_lane(access: int) -> Reader:
    def read(body: Body, at: int, out: bytearray) -> int:
        # A number alone is the lane; one before another, or before `offset=` or `align=`, is the memory.
        token, after = body.tokens[at : at + 2]
        explicit = token[0] == "$" or (
            token[0] in _DIGITS and (after[0] in _DIGITS or after.startswith(("offset=", "align=")))
        )
        return _lane(body, _memory_argument(body, at, out, access, explicit), out)

    return read


def _memory_argument(body: Body, at: int, out: bytearray, alignment: int, explicit: bool) -> int:
    tokens = body.tokens
    memory = b"\x00"
    if explicit:
        memory = body.spaces["memory"].encode(at)
        at += 1
    offset = b"\x00"
    if tokens[at].startswith("offset="):
        offset = emit.unsigned(_assignment(body, at))
        at += 1
    if tokens[at].startswith("align="):
        align = _assignment(body, at)
        if align.bit_count() != 1:
            raise body.stream.error(at, "alignment must be a power of two")
        alignment = align.bit_length() - 1
        at += 1
    if memory == b"\x00":
        out.append(alignment)
    else:
        out.append(alignment | _ANOTHER_MEMORY)
        out += memory
    out += offset
    return at


def _assignment(body: Body, at: int) -> int:
    """Return the value of `offset=N` or `align=N`."""
    token = body.tokens[at]
    try:
        return parse_natural(token[token.index("=") + 1 :], 64)
    except NumberRangeError as error:
        raise body.stream.error(at, str(error)) from None
    except NumberSyntaxError:
        raise body.stream.unexpected(at) from None


def _index_or_zero(space: str) -> Reader:
    def read(body: Body, at: int, out: bytearray) -> int:
        if body.tokens[at][0] in INDEX_START:
            out += body.spaces[space].encode(at)
            return at + 1
        out.append(0)
        return at

    return read


def _two_or_zeros(space: str) -> Reader:
    def read(body: Body, at: int, out: bytearray) -> int:
        if body.tokens[at][0] in INDEX_START:
            out += body.spaces[space].encode(at) + body.spaces[space].encode(at + 1)
            return at + 2
        out += b"\x00\x00"
        return at

    return read


def _segment(segments: Reader, space: str) -> Reader:
    """`x? y`, for a memory or table and a segment; the segment comes first in the binary."""

    def read(body: Body, at: int, out: bytearray) -> int:
        if body.tokens[at + 1][0] not in INDEX_START:
            at = segments(body, at, out)
            out.append(0)
            return at
        target = body.spaces[space].encode(at)
        at = segments(body, at + 1, out)
        out += target
        return at

    return read


def _call_indirect(body: Body, at: int, out: bytearray) -> int:
    table = b"\x00"
    if body.tokens[at][0] in INDEX_START:
        table = body.spaces["table"].encode(at)
        at += 1
    index, _, _, at = body.types.type_use(at, named=False)
    out += emit.unsigned(index) + table
    return at


def _field(body: Body, at: int, out: bytearray) -> int:
    space = body.types.field_space(body.spaces["type"].index(at))
    out += body.spaces["type"].encode(at) + space.encode(at + 1)
    return at + 2


def _cast(body: Body, at: int, out: bytearray) -> int:
    label = body.label(at)
    from_null, from_heap, at = body.types.reference(at + 1)
    to_null, to_heap, at = body.types.reference(at)
    out.append(from_null | to_null << 1)
    out += label + from_heap + to_heap
    return at


# Mnemonics that stand for two opcodes


def _select(body: Body, at: int, out: bytearray) -> int:
    tokens = body.tokens
    if tokens[at] != "(" or tokens[at + 1] != "result":
        out += opcode(BY_NAME["select"])
        return at
    types, at = body.types.value_types(at, "result", None)
    out += opcode(BY_NAME["select_t"]) + emit.vector(types)
    return at


def _reference_test(name: str) -> Reader:
    def read(body: Body, at: int, out: bytearray) -> int:
        nullable, heap, at = body.types.reference(at)
        out += (code_null if nullable else code) + heap
        return at

    code, code_null = opcode(BY_NAME[name]), opcode(BY_NAME[f"{name}_null"])
    return read


# The table


def opcode(op: Op) -> bytes:
    """Return the bytes of an instruction's opcode (Core 5.4)."""
    return bytes((op.prefix,)) + emit.unsigned(op.code) if op.prefix else bytes((op.code,))


_KINDS: Final[dict[str, Reader]] = {
    **{kind: _index(kind) for kind in ("func", "type", "global", "tag", "elem", "table", "memory")},
    "data": _data,
    "local": _local,
    "label": _label,
    "labels": _labels,
    "u32": _u32,
    "lane": _lane,
    "lanes16": _lanes16,
    "heap": _heap,
    "fence": _fence,
    "i32": _integer(32),
    "i64": _integer(64),
    "f32": _float(32),
    "f64": _float(64),
    "v128": _v128,
}
_COMBINED: Final[dict[tuple[str, ...], Reader]] = {
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
_OF_ACCESS: Final[dict[tuple[str, ...], Callable[[int], Reader]]] = {
    ("memarg",): _memarg,
    ("memarg", "lane"): _memarg_lane,
}
_OPCODE_AND_OPERANDS: Final[dict[str, Reader]] = {
    "select": _select,
    "ref.test": _reference_test("ref.test"),
    "ref.cast": _reference_test("ref.cast"),
}
BLOCKS: Final = {op.name: opcode(op) for op in BY_NAME.values() if "block" in op.immediates}
"""Keyword of an instruction that opens a block to its opcode's bytes."""
_SEPARATORS: Final = frozenset(("else", "end", "catch", "catch_all", "delegate"))


def _reader(op: Op) -> Reader | None:
    kinds = op.immediates
    if not kinds:
        return None
    if kinds in _COMBINED:
        return _COMBINED[kinds]
    if kinds in _OF_ACCESS:
        return _OF_ACCESS[kinds](op.access)
    readers = tuple(_KINDS[kind] for kind in kinds)
    if len(readers) == 1:
        return readers[0]

    def read(body: Body, at: int, out: bytearray) -> int:
        for reader in readers:
            at = reader(body, at, out)
        return at

    return read


def _plain_instructions() -> dict[str, tuple[bytes, Reader | None]]:
    table: dict[str, tuple[bytes, Reader | None]] = {}
    for name in INSTRUCTION_NAMES - BLOCKS.keys() - _SEPARATORS:
        op = BY_NAME[name]
        whole = _OPCODE_AND_OPERANDS.get(name)
        table[name] = (b"", whole) if whole is not None else (opcode(op), _reader(op))
    return table


PLAIN: Final = _plain_instructions()
"""Mnemonic to the opcode's bytes and the reader of its operands, for all instructions but structured ones."""
