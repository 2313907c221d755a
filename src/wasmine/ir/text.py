"""The text form of register IR, for people: what `wasmine run --dump-ir` prints.

One instruction a line: its position, the op, its operands (the result first), and the byte offset in the
module of the WebAssembly instruction that it came from. `s5` is slot 5 of the frame, `s5:6` a v128 in two
slots, `-> 12` a branch to position 12.

    func $fib: 1 parameter slot, header s1, frame of 12 slots
        0  br_if.i32.ge_s.imm  s0, 2 -> 2              ; 0x2b
        1  ret1                s0                      ; 0x31
"""

import struct
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from wasmine.ir.ops import OPS, SHAPES, WORDS
from wasmine.spec.opcodes import BY_ID
from wasmine.spec.types import heap_type_name

INSTR = struct.Struct("<HHIII")


class Listing(NamedTuple):
    """The register IR of one function, as `ModuleCodeCore.listing` hands it out."""

    name: str
    code: bytes
    """Instruction words of 16 bytes (ir/func.pxd)."""
    offsets: Sequence[int]
    """Byte offset in the module, for each word."""
    param_slots: int
    header: int
    frame_slots: int


def _signed(value: int) -> int:
    return value - (1 << 32) if value >> 31 else value


def _operand(kind: str, value: int, position: int) -> str:
    if kind in "ds":
        return f"s{value}"
    if kind in "DS":
        return f"s{value}:{value + 1}"
    if kind == "i":
        return str(_signed(value))
    if kind == "t":
        return heap_type_name(value)
    if kind == "j":
        return f"-> {position + _signed(value)}"
    return str(value)


def _words(code: bytes) -> list[tuple[int, int, int, int, int]]:
    return list(INSTR.iter_unpack(code))


def _data_operands(op_name: str, word: tuple[int, int, int, int, int]) -> str:
    """What a second word adds to the line of its instruction."""
    op, x, a, b, c = word
    if op_name in ("select", "select128"):
        return f"if s{a}"
    if op_name.endswith("call_indirect"):
        return f"table {a}"
    return f"[{x << 16 | op} {a} {b} {c}]"


def _line(words: list[tuple[int, int, int, int, int]], at: int) -> tuple[str, str, int]:
    """Name, operands and number of words of the instruction at a position."""
    number, x, a, b, c = words[at]
    op = OPS[number]
    fields = {"a": a, "b": b, "c": c}
    operands = [_operand(kind, fields[field], at) for field, kind in SHAPES[op.shape]]
    name = op.name
    count = WORDS.get(op.name, 1)
    if op.name == "const":
        operands.append(f"{c << 32 | b:#x}")
    elif op.shape in ("simd", "memop", "bulk"):
        name = BY_ID[x].name
    elif op.shape in ("test", "cast") and x:
        operands[-1] = f"null {operands[-1]}"
    elif op.name == "br_table":
        targets = range(at + 1, at + 2 + b)
        operands[1:] = [_operand("j", words[target][4], target) for target in targets]
        count = 2 + b
    if count == 2 and op.name != "br_table":
        operands.append(_data_operands(op.name, words[at + 1]))
    return name, ", ".join(operands).replace(", ->", " ->"), count


def format_lines(listing: Listing) -> Iterator[str]:
    """The lines of a function's listing."""
    plural = "" if listing.param_slots == 1 else "s"
    yield (
        f"func {listing.name}: {listing.param_slots} parameter slot{plural}, "
        f"header s{listing.header}, frame of {listing.frame_slots} slots"
    )
    words = _words(listing.code)
    at = 0
    while at < len(words):
        name, operands, count = _line(words, at)
        yield f"{at:5}  {name:<22} {operands:<28} ; {listing.offsets[at]:#x}"
        at += count


def format_listing(listing: Listing) -> str:
    """The listing of a function, a line an instruction."""
    return "\n".join(format_lines(listing))
