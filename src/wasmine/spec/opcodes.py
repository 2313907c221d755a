"""The one table of WebAssembly's instructions: number, immediates, type and feature of each.

Decoder, validator, lowering, text parser and printer derive from it; compiled modules see it as
`opcodes.pxd`, which `tools/gen_opcodes.py` writes from this file. This module is never compiled and imports
nothing of wasmine.

An instruction is one byte, or a prefix byte and a LEB128 sub-opcode (Core 5.4). Both are folded into one
dense id, so that one C switch covers all of them:

    id  000        100        140        180        200                  400
        | one byte | 0xFC ... | 0xFB ... | 0xFE ... | 0xFD ...           |

Kinds of immediates, in binary order:

    block    block type: empty, a value type, or a type index
    label    label index
    labels   vector of labels and the default one (br_table)
    func, type, table, memory, local, global, tag, data, elem, field
             index into the space of that name
    u32      a plain count (array.new_fixed)
    memarg   alignment, memory index if there is one, offset
    lane     one lane index
    lanes16  the sixteen lane indices of i8x16.shuffle
    i32 i64  constant as signed LEB128
    f32 f64 v128
             constant as little-endian bytes
    heap     heap type
    types    vector of value types (typed select)
    cast     castflags byte of br_on_cast
    catches  vector of try_table's catch clauses
    fence    the zero byte of atomic.fence
"""

from collections.abc import Iterator
from typing import Final, NamedTuple


class Op(NamedTuple):
    """One instruction of WebAssembly."""

    name: str
    """Mnemonic of the text format; unique, hence `select_t`, `ref.test_null`, `ref.cast_null`."""
    id: int
    """Dense id, below 0x400: `PREFIX_BASE[prefix] + code`."""
    prefix: int
    """0 for a one-byte opcode, else 0xFB, 0xFC, 0xFD or 0xFE."""
    code: int
    """The opcode byte, or the sub-opcode after the prefix."""
    immediates: tuple[str, ...]
    """Kinds of the immediates in binary order; see the top of this file."""
    signature: str | None
    """Type such as "i32 i32 -> i32"; None where it depends on immediates or context.

    "addr" is the address type of the accessed memory: i32 or i64.
    """
    feature: str
    """Key into `features.FEATURES`."""
    access: int = 0
    """For an instruction with a memarg: log2 of the bytes it accesses, its largest valid alignment."""


PREFIX_BASE: Final[dict[int, int]] = {0: 0x000, 0xFB: 0x140, 0xFC: 0x100, 0xFD: 0x200, 0xFE: 0x180}


def _op(
    prefix: int, code: int, name: str, immediates: str, signature: str | None, feature: str, access: int = 0
) -> Op:
    op_id = PREFIX_BASE[prefix] + code
    return Op(name, op_id, prefix, code, tuple(immediates.split()), signature, feature, access)


def _general(prefix: int, feature: str, rows: tuple[tuple[int, str, str, str | None], ...]) -> Iterator[Op]:
    """Rows of (code, name, immediates, signature)."""
    for code, name, immediates, signature in rows:
        yield _op(prefix, code, name, immediates, signature, feature)


def _numeric(prefix: int, feature: str, rows: tuple[tuple[int, str, str], ...]) -> Iterator[Op]:
    """Rows of (code, name, signature); no immediates."""
    for code, name, signature in rows:
        yield _op(prefix, code, name, "", signature, feature)


def _memory(
    prefix: int, feature: str, rows: tuple[tuple[int, str, str, int], ...], immediates: str = "memarg"
) -> Iterator[Op]:
    """Rows of (code, name, signature, access)."""
    for code, name, signature, access in rows:
        yield _op(prefix, code, name, immediates, signature, feature, access)


def _memory_lane(prefix: int, feature: str, rows: tuple[tuple[int, str, str, int], ...]) -> Iterator[Op]:
    """Rows of (code, name, signature, access); a lane index follows the memarg."""
    return _memory(prefix, feature, rows, "memarg lane")


# fmt: off
_ALL: Final = (
    # Control
    *_general(0x00, "mvp", (
        (0x00, "unreachable",   "",           None),
        (0x01, "nop",           "",           "->"),
        (0x02, "block",         "block",      None),
        (0x03, "loop",          "block",      None),
        (0x04, "if",            "block",      None),
        (0x05, "else",          "",           None),
        (0x0B, "end",           "",           None),
        (0x0C, "br",            "label",      None),
        (0x0D, "br_if",         "label",      None),
        (0x0E, "br_table",      "labels",     None),
        (0x0F, "return",        "",           None),
        (0x10, "call",          "func",       None),
        (0x11, "call_indirect", "type table", None),
    )),

    # Exceptions as they were first shipped; `throw` is shared with the standard
    *_general(0x00, "legacy-exceptions", (
        (0x06, "try",       "block", None),
        (0x07, "catch",     "tag",   None),
        (0x09, "rethrow",   "label", None),
        (0x18, "delegate",  "label", None),
        (0x19, "catch_all", "",      None),
    )),

    # Exceptions
    *_general(0x00, "exceptions", (
        (0x08, "throw",     "tag",           None),
        (0x0A, "throw_ref", "",              None),
        (0x1F, "try_table", "block catches", None),
    )),

    # Tail calls
    *_general(0x00, "tail-call", (
        (0x12, "return_call",          "func",       None),
        (0x13, "return_call_indirect", "type table", None),
    )),

    # Typed function references
    *_general(0x00, "function-references", (
        (0x14, "call_ref",        "type",  None),
        (0x15, "return_call_ref", "type",  None),
        (0xD4, "ref.as_non_null", "",      None),
        (0xD5, "br_on_null",      "label", None),
        (0xD6, "br_on_non_null",  "label", None),
    )),

    # Parametric, variables
    *_general(0x00, "mvp", (
        (0x1A, "drop",       "",       None),
        (0x1B, "select",     "",       None),
        (0x20, "local.get",  "local",  None),
        (0x21, "local.set",  "local",  None),
        (0x22, "local.tee",  "local",  None),
        (0x23, "global.get", "global", None),
        (0x24, "global.set", "global", None),
    )),

    # References and tables; the text of `select_t` is `select (result t)`
    *_general(0x00, "reference-types", (
        (0x1C, "select_t",    "types", None),
        (0x25, "table.get",   "table", None),
        (0x26, "table.set",   "table", None),
        (0xD0, "ref.null",    "heap",  None),
        (0xD1, "ref.is_null", "",      None),
        (0xD2, "ref.func",    "func",  None),
    )),

    *_general(0xFC, "reference-types", (
        (0x0F, "table.grow", "table", None),
        (0x10, "table.size", "table", None),
        (0x11, "table.fill", "table", None),
    )),

    # Loads and stores
    *_memory(0x00, "mvp", (
        (0x28, "i32.load",     "addr -> i32", 2),
        (0x29, "i64.load",     "addr -> i64", 3),
        (0x2A, "f32.load",     "addr -> f32", 2),
        (0x2B, "f64.load",     "addr -> f64", 3),
        (0x2C, "i32.load8_s",  "addr -> i32", 0),
        (0x2D, "i32.load8_u",  "addr -> i32", 0),
        (0x2E, "i32.load16_s", "addr -> i32", 1),
        (0x2F, "i32.load16_u", "addr -> i32", 1),
        (0x30, "i64.load8_s",  "addr -> i64", 0),
        (0x31, "i64.load8_u",  "addr -> i64", 0),
        (0x32, "i64.load16_s", "addr -> i64", 1),
        (0x33, "i64.load16_u", "addr -> i64", 1),
        (0x34, "i64.load32_s", "addr -> i64", 2),
        (0x35, "i64.load32_u", "addr -> i64", 2),
        (0x36, "i32.store",    "addr i32 ->", 2),
        (0x37, "i64.store",    "addr i64 ->", 3),
        (0x38, "f32.store",    "addr f32 ->", 2),
        (0x39, "f64.store",    "addr f64 ->", 3),
        (0x3A, "i32.store8",   "addr i32 ->", 0),
        (0x3B, "i32.store16",  "addr i32 ->", 1),
        (0x3C, "i64.store8",   "addr i64 ->", 0),
        (0x3D, "i64.store16",  "addr i64 ->", 1),
        (0x3E, "i64.store32",  "addr i64 ->", 2),
    )),

    # Memory size, constants
    *_general(0x00, "mvp", (
        (0x3F, "memory.size", "memory", None),
        (0x40, "memory.grow", "memory", None),
        (0x41, "i32.const",   "i32",    "-> i32"),
        (0x42, "i64.const",   "i64",    "-> i64"),
        (0x43, "f32.const",   "f32",    "-> f32"),
        (0x44, "f64.const",   "f64",    "-> f64"),
    )),

    # Bulk memory and tables
    *_general(0xFC, "bulk-memory", (
        (0x08, "memory.init", "data memory",   None),
        (0x09, "data.drop",   "data",          "->"),
        (0x0A, "memory.copy", "memory memory", None),
        (0x0B, "memory.fill", "memory",        None),
        (0x0C, "table.init",  "elem table",    None),
        (0x0D, "elem.drop",   "elem",          "->"),
        (0x0E, "table.copy",  "table table",   None),
    )),

    # Integer comparisons
    *_numeric(0x00, "mvp", (
        (0x45, "i32.eqz",  "i32 -> i32"),
        (0x46, "i32.eq",   "i32 i32 -> i32"),
        (0x47, "i32.ne",   "i32 i32 -> i32"),
        (0x48, "i32.lt_s", "i32 i32 -> i32"),
        (0x49, "i32.lt_u", "i32 i32 -> i32"),
        (0x4A, "i32.gt_s", "i32 i32 -> i32"),
        (0x4B, "i32.gt_u", "i32 i32 -> i32"),
        (0x4C, "i32.le_s", "i32 i32 -> i32"),
        (0x4D, "i32.le_u", "i32 i32 -> i32"),
        (0x4E, "i32.ge_s", "i32 i32 -> i32"),
        (0x4F, "i32.ge_u", "i32 i32 -> i32"),
        (0x50, "i64.eqz",  "i64 -> i32"),
        (0x51, "i64.eq",   "i64 i64 -> i32"),
        (0x52, "i64.ne",   "i64 i64 -> i32"),
        (0x53, "i64.lt_s", "i64 i64 -> i32"),
        (0x54, "i64.lt_u", "i64 i64 -> i32"),
        (0x55, "i64.gt_s", "i64 i64 -> i32"),
        (0x56, "i64.gt_u", "i64 i64 -> i32"),
        (0x57, "i64.le_s", "i64 i64 -> i32"),
        (0x58, "i64.le_u", "i64 i64 -> i32"),
        (0x59, "i64.ge_s", "i64 i64 -> i32"),
        (0x5A, "i64.ge_u", "i64 i64 -> i32"),
    )),

    # Float comparisons
    *_numeric(0x00, "mvp", (
        (0x5B, "f32.eq", "f32 f32 -> i32"),
        (0x5C, "f32.ne", "f32 f32 -> i32"),
        (0x5D, "f32.lt", "f32 f32 -> i32"),
        (0x5E, "f32.gt", "f32 f32 -> i32"),
        (0x5F, "f32.le", "f32 f32 -> i32"),
        (0x60, "f32.ge", "f32 f32 -> i32"),
        (0x61, "f64.eq", "f64 f64 -> i32"),
        (0x62, "f64.ne", "f64 f64 -> i32"),
        (0x63, "f64.lt", "f64 f64 -> i32"),
        (0x64, "f64.gt", "f64 f64 -> i32"),
        (0x65, "f64.le", "f64 f64 -> i32"),
        (0x66, "f64.ge", "f64 f64 -> i32"),
    )),

    # Integer arithmetic
    *_numeric(0x00, "mvp", (
        (0x67, "i32.clz",    "i32 -> i32"),
        (0x68, "i32.ctz",    "i32 -> i32"),
        (0x69, "i32.popcnt", "i32 -> i32"),
        (0x6A, "i32.add",    "i32 i32 -> i32"),
        (0x6B, "i32.sub",    "i32 i32 -> i32"),
        (0x6C, "i32.mul",    "i32 i32 -> i32"),
        (0x6D, "i32.div_s",  "i32 i32 -> i32"),
        (0x6E, "i32.div_u",  "i32 i32 -> i32"),
        (0x6F, "i32.rem_s",  "i32 i32 -> i32"),
        (0x70, "i32.rem_u",  "i32 i32 -> i32"),
        (0x71, "i32.and",    "i32 i32 -> i32"),
        (0x72, "i32.or",     "i32 i32 -> i32"),
        (0x73, "i32.xor",    "i32 i32 -> i32"),
        (0x74, "i32.shl",    "i32 i32 -> i32"),
        (0x75, "i32.shr_s",  "i32 i32 -> i32"),
        (0x76, "i32.shr_u",  "i32 i32 -> i32"),
        (0x77, "i32.rotl",   "i32 i32 -> i32"),
        (0x78, "i32.rotr",   "i32 i32 -> i32"),
        (0x79, "i64.clz",    "i64 -> i64"),
        (0x7A, "i64.ctz",    "i64 -> i64"),
        (0x7B, "i64.popcnt", "i64 -> i64"),
        (0x7C, "i64.add",    "i64 i64 -> i64"),
        (0x7D, "i64.sub",    "i64 i64 -> i64"),
        (0x7E, "i64.mul",    "i64 i64 -> i64"),
        (0x7F, "i64.div_s",  "i64 i64 -> i64"),
        (0x80, "i64.div_u",  "i64 i64 -> i64"),
        (0x81, "i64.rem_s",  "i64 i64 -> i64"),
        (0x82, "i64.rem_u",  "i64 i64 -> i64"),
        (0x83, "i64.and",    "i64 i64 -> i64"),
        (0x84, "i64.or",     "i64 i64 -> i64"),
        (0x85, "i64.xor",    "i64 i64 -> i64"),
        (0x86, "i64.shl",    "i64 i64 -> i64"),
        (0x87, "i64.shr_s",  "i64 i64 -> i64"),
        (0x88, "i64.shr_u",  "i64 i64 -> i64"),
        (0x89, "i64.rotl",   "i64 i64 -> i64"),
        (0x8A, "i64.rotr",   "i64 i64 -> i64"),
    )),

    # Float arithmetic
    *_numeric(0x00, "mvp", (
        (0x8B, "f32.abs",      "f32 -> f32"),
        (0x8C, "f32.neg",      "f32 -> f32"),
        (0x8D, "f32.ceil",     "f32 -> f32"),
        (0x8E, "f32.floor",    "f32 -> f32"),
        (0x8F, "f32.trunc",    "f32 -> f32"),
        (0x90, "f32.nearest",  "f32 -> f32"),
        (0x91, "f32.sqrt",     "f32 -> f32"),
        (0x92, "f32.add",      "f32 f32 -> f32"),
        (0x93, "f32.sub",      "f32 f32 -> f32"),
        (0x94, "f32.mul",      "f32 f32 -> f32"),
        (0x95, "f32.div",      "f32 f32 -> f32"),
        (0x96, "f32.min",      "f32 f32 -> f32"),
        (0x97, "f32.max",      "f32 f32 -> f32"),
        (0x98, "f32.copysign", "f32 f32 -> f32"),
        (0x99, "f64.abs",      "f64 -> f64"),
        (0x9A, "f64.neg",      "f64 -> f64"),
        (0x9B, "f64.ceil",     "f64 -> f64"),
        (0x9C, "f64.floor",    "f64 -> f64"),
        (0x9D, "f64.trunc",    "f64 -> f64"),
        (0x9E, "f64.nearest",  "f64 -> f64"),
        (0x9F, "f64.sqrt",     "f64 -> f64"),
        (0xA0, "f64.add",      "f64 f64 -> f64"),
        (0xA1, "f64.sub",      "f64 f64 -> f64"),
        (0xA2, "f64.mul",      "f64 f64 -> f64"),
        (0xA3, "f64.div",      "f64 f64 -> f64"),
        (0xA4, "f64.min",      "f64 f64 -> f64"),
        (0xA5, "f64.max",      "f64 f64 -> f64"),
        (0xA6, "f64.copysign", "f64 f64 -> f64"),
    )),

    # Conversions
    *_numeric(0x00, "mvp", (
        (0xA7, "i32.wrap_i64",        "i64 -> i32"),
        (0xA8, "i32.trunc_f32_s",     "f32 -> i32"),
        (0xA9, "i32.trunc_f32_u",     "f32 -> i32"),
        (0xAA, "i32.trunc_f64_s",     "f64 -> i32"),
        (0xAB, "i32.trunc_f64_u",     "f64 -> i32"),
        (0xAC, "i64.extend_i32_s",    "i32 -> i64"),
        (0xAD, "i64.extend_i32_u",    "i32 -> i64"),
        (0xAE, "i64.trunc_f32_s",     "f32 -> i64"),
        (0xAF, "i64.trunc_f32_u",     "f32 -> i64"),
        (0xB0, "i64.trunc_f64_s",     "f64 -> i64"),
        (0xB1, "i64.trunc_f64_u",     "f64 -> i64"),
        (0xB2, "f32.convert_i32_s",   "i32 -> f32"),
        (0xB3, "f32.convert_i32_u",   "i32 -> f32"),
        (0xB4, "f32.convert_i64_s",   "i64 -> f32"),
        (0xB5, "f32.convert_i64_u",   "i64 -> f32"),
        (0xB6, "f32.demote_f64",      "f64 -> f32"),
        (0xB7, "f64.convert_i32_s",   "i32 -> f64"),
        (0xB8, "f64.convert_i32_u",   "i32 -> f64"),
        (0xB9, "f64.convert_i64_s",   "i64 -> f64"),
        (0xBA, "f64.convert_i64_u",   "i64 -> f64"),
        (0xBB, "f64.promote_f32",     "f32 -> f64"),
        (0xBC, "i32.reinterpret_f32", "f32 -> i32"),
        (0xBD, "i64.reinterpret_f64", "f64 -> i64"),
        (0xBE, "f32.reinterpret_i32", "i32 -> f32"),
        (0xBF, "f64.reinterpret_i64", "i64 -> f64"),
    )),

    # Sign extension
    *_numeric(0x00, "sign-extension", (
        (0xC0, "i32.extend8_s",  "i32 -> i32"),
        (0xC1, "i32.extend16_s", "i32 -> i32"),
        (0xC2, "i64.extend8_s",  "i64 -> i64"),
        (0xC3, "i64.extend16_s", "i64 -> i64"),
        (0xC4, "i64.extend32_s", "i64 -> i64"),
    )),

    # Saturating truncation
    *_numeric(0xFC, "nontrapping-float-to-int", (
        (0x00, "i32.trunc_sat_f32_s", "f32 -> i32"),
        (0x01, "i32.trunc_sat_f32_u", "f32 -> i32"),
        (0x02, "i32.trunc_sat_f64_s", "f64 -> i32"),
        (0x03, "i32.trunc_sat_f64_u", "f64 -> i32"),
        (0x04, "i64.trunc_sat_f32_s", "f32 -> i64"),
        (0x05, "i64.trunc_sat_f32_u", "f32 -> i64"),
        (0x06, "i64.trunc_sat_f64_s", "f64 -> i64"),
        (0x07, "i64.trunc_sat_f64_u", "f64 -> i64"),
    )),

    # Wide arithmetic: a 128-bit value is two i64, low half first
    *_numeric(0xFC, "wide-arithmetic", (
        (0x13, "i64.add128",     "i64 i64 i64 i64 -> i64 i64"),
        (0x14, "i64.sub128",     "i64 i64 i64 i64 -> i64 i64"),
        (0x15, "i64.mul_wide_s", "i64 i64 -> i64 i64"),
        (0x16, "i64.mul_wide_u", "i64 i64 -> i64 i64"),
    )),

    # GC: structures, arrays, casts, i31. `ref.test_null` and `ref.cast_null` are the text's
    # `ref.test (ref null ht)` and `ref.cast (ref null ht)`
    *_general(0x00, "gc", (
        (0xD3, "ref.eq", "", None),
    )),

    *_general(0xFB, "gc", (
        (0x00, "struct.new",         "type",                 None),
        (0x01, "struct.new_default", "type",                 None),
        (0x02, "struct.get",         "type field",           None),
        (0x03, "struct.get_s",       "type field",           None),
        (0x04, "struct.get_u",       "type field",           None),
        (0x05, "struct.set",         "type field",           None),
        (0x06, "array.new",          "type",                 None),
        (0x07, "array.new_default",  "type",                 None),
        (0x08, "array.new_fixed",    "type u32",             None),
        (0x09, "array.new_data",     "type data",            None),
        (0x0A, "array.new_elem",     "type elem",            None),
        (0x0B, "array.get",          "type",                 None),
        (0x0C, "array.get_s",        "type",                 None),
        (0x0D, "array.get_u",        "type",                 None),
        (0x0E, "array.set",          "type",                 None),
        (0x0F, "array.len",          "",                     None),
        (0x10, "array.fill",         "type",                 None),
        (0x11, "array.copy",         "type type",            None),
        (0x12, "array.init_data",    "type data",            None),
        (0x13, "array.init_elem",    "type elem",            None),
        (0x14, "ref.test",           "heap",                 None),
        (0x15, "ref.test_null",      "heap",                 None),
        (0x16, "ref.cast",           "heap",                 None),
        (0x17, "ref.cast_null",      "heap",                 None),
        (0x18, "br_on_cast",         "cast label heap heap", None),
        (0x19, "br_on_cast_fail",    "cast label heap heap", None),
        (0x1A, "any.convert_extern", "",                     None),
        (0x1B, "extern.convert_any", "",                     None),
        (0x1C, "ref.i31",            "",                     None),
        (0x1D, "i31.get_s",          "",                     None),
        (0x1E, "i31.get_u",          "",                     None),
    )),

    # SIMD memory
    *_memory(0xFD, "simd", (
        (0x00, "v128.load",         "addr -> v128", 4),
        (0x01, "v128.load8x8_s",    "addr -> v128", 3),
        (0x02, "v128.load8x8_u",    "addr -> v128", 3),
        (0x03, "v128.load16x4_s",   "addr -> v128", 3),
        (0x04, "v128.load16x4_u",   "addr -> v128", 3),
        (0x05, "v128.load32x2_s",   "addr -> v128", 3),
        (0x06, "v128.load32x2_u",   "addr -> v128", 3),
        (0x07, "v128.load8_splat",  "addr -> v128", 0),
        (0x08, "v128.load16_splat", "addr -> v128", 1),
        (0x09, "v128.load32_splat", "addr -> v128", 2),
        (0x0A, "v128.load64_splat", "addr -> v128", 3),
        (0x0B, "v128.store",        "addr v128 ->", 4),
        (0x5C, "v128.load32_zero",  "addr -> v128", 2),
        (0x5D, "v128.load64_zero",  "addr -> v128", 3),
    )),

    # SIMD memory, one lane
    *_memory_lane(0xFD, "simd", (
        (0x54, "v128.load8_lane",   "addr v128 -> v128", 0),
        (0x55, "v128.load16_lane",  "addr v128 -> v128", 1),
        (0x56, "v128.load32_lane",  "addr v128 -> v128", 2),
        (0x57, "v128.load64_lane",  "addr v128 -> v128", 3),
        (0x58, "v128.store8_lane",  "addr v128 ->",      0),
        (0x59, "v128.store16_lane", "addr v128 ->",      1),
        (0x5A, "v128.store32_lane", "addr v128 ->",      2),
        (0x5B, "v128.store64_lane", "addr v128 ->",      3),
    )),

    # SIMD constants, shuffle and lanes
    *_general(0xFD, "simd", (
        (0x0C, "v128.const",           "v128",    "-> v128"),
        (0x0D, "i8x16.shuffle",        "lanes16", "v128 v128 -> v128"),
        (0x15, "i8x16.extract_lane_s", "lane",    "v128 -> i32"),
        (0x16, "i8x16.extract_lane_u", "lane",    "v128 -> i32"),
        (0x17, "i8x16.replace_lane",   "lane",    "v128 i32 -> v128"),
        (0x18, "i16x8.extract_lane_s", "lane",    "v128 -> i32"),
        (0x19, "i16x8.extract_lane_u", "lane",    "v128 -> i32"),
        (0x1A, "i16x8.replace_lane",   "lane",    "v128 i32 -> v128"),
        (0x1B, "i32x4.extract_lane",   "lane",    "v128 -> i32"),
        (0x1C, "i32x4.replace_lane",   "lane",    "v128 i32 -> v128"),
        (0x1D, "i64x2.extract_lane",   "lane",    "v128 -> i64"),
        (0x1E, "i64x2.replace_lane",   "lane",    "v128 i64 -> v128"),
        (0x1F, "f32x4.extract_lane",   "lane",    "v128 -> f32"),
        (0x20, "f32x4.replace_lane",   "lane",    "v128 f32 -> v128"),
        (0x21, "f64x2.extract_lane",   "lane",    "v128 -> f64"),
        (0x22, "f64x2.replace_lane",   "lane",    "v128 f64 -> v128"),
    )),

    # SIMD swizzle and splats
    *_numeric(0xFD, "simd", (
        (0x0E, "i8x16.swizzle", "v128 v128 -> v128"),
        (0x0F, "i8x16.splat",   "i32 -> v128"),
        (0x10, "i16x8.splat",   "i32 -> v128"),
        (0x11, "i32x4.splat",   "i32 -> v128"),
        (0x12, "i64x2.splat",   "i64 -> v128"),
        (0x13, "f32x4.splat",   "f32 -> v128"),
        (0x14, "f64x2.splat",   "f64 -> v128"),
    )),

    # SIMD comparisons
    *_numeric(0xFD, "simd", (
        (0x23, "i8x16.eq",   "v128 v128 -> v128"),
        (0x24, "i8x16.ne",   "v128 v128 -> v128"),
        (0x25, "i8x16.lt_s", "v128 v128 -> v128"),
        (0x26, "i8x16.lt_u", "v128 v128 -> v128"),
        (0x27, "i8x16.gt_s", "v128 v128 -> v128"),
        (0x28, "i8x16.gt_u", "v128 v128 -> v128"),
        (0x29, "i8x16.le_s", "v128 v128 -> v128"),
        (0x2A, "i8x16.le_u", "v128 v128 -> v128"),
        (0x2B, "i8x16.ge_s", "v128 v128 -> v128"),
        (0x2C, "i8x16.ge_u", "v128 v128 -> v128"),
        (0x2D, "i16x8.eq",   "v128 v128 -> v128"),
        (0x2E, "i16x8.ne",   "v128 v128 -> v128"),
        (0x2F, "i16x8.lt_s", "v128 v128 -> v128"),
        (0x30, "i16x8.lt_u", "v128 v128 -> v128"),
        (0x31, "i16x8.gt_s", "v128 v128 -> v128"),
        (0x32, "i16x8.gt_u", "v128 v128 -> v128"),
        (0x33, "i16x8.le_s", "v128 v128 -> v128"),
        (0x34, "i16x8.le_u", "v128 v128 -> v128"),
        (0x35, "i16x8.ge_s", "v128 v128 -> v128"),
        (0x36, "i16x8.ge_u", "v128 v128 -> v128"),
        (0x37, "i32x4.eq",   "v128 v128 -> v128"),
        (0x38, "i32x4.ne",   "v128 v128 -> v128"),
        (0x39, "i32x4.lt_s", "v128 v128 -> v128"),
        (0x3A, "i32x4.lt_u", "v128 v128 -> v128"),
        (0x3B, "i32x4.gt_s", "v128 v128 -> v128"),
        (0x3C, "i32x4.gt_u", "v128 v128 -> v128"),
        (0x3D, "i32x4.le_s", "v128 v128 -> v128"),
        (0x3E, "i32x4.le_u", "v128 v128 -> v128"),
        (0x3F, "i32x4.ge_s", "v128 v128 -> v128"),
        (0x40, "i32x4.ge_u", "v128 v128 -> v128"),
        (0xD6, "i64x2.eq",   "v128 v128 -> v128"),
        (0xD7, "i64x2.ne",   "v128 v128 -> v128"),
        (0xD8, "i64x2.lt_s", "v128 v128 -> v128"),
        (0xD9, "i64x2.gt_s", "v128 v128 -> v128"),
        (0xDA, "i64x2.le_s", "v128 v128 -> v128"),
        (0xDB, "i64x2.ge_s", "v128 v128 -> v128"),
        (0x41, "f32x4.eq",   "v128 v128 -> v128"),
        (0x42, "f32x4.ne",   "v128 v128 -> v128"),
        (0x43, "f32x4.lt",   "v128 v128 -> v128"),
        (0x44, "f32x4.gt",   "v128 v128 -> v128"),
        (0x45, "f32x4.le",   "v128 v128 -> v128"),
        (0x46, "f32x4.ge",   "v128 v128 -> v128"),
        (0x47, "f64x2.eq",   "v128 v128 -> v128"),
        (0x48, "f64x2.ne",   "v128 v128 -> v128"),
        (0x49, "f64x2.lt",   "v128 v128 -> v128"),
        (0x4A, "f64x2.gt",   "v128 v128 -> v128"),
        (0x4B, "f64x2.le",   "v128 v128 -> v128"),
        (0x4C, "f64x2.ge",   "v128 v128 -> v128"),
    )),

    # SIMD bitwise
    *_numeric(0xFD, "simd", (
        (0x4D, "v128.not",       "v128 -> v128"),
        (0x4E, "v128.and",       "v128 v128 -> v128"),
        (0x4F, "v128.andnot",    "v128 v128 -> v128"),
        (0x50, "v128.or",        "v128 v128 -> v128"),
        (0x51, "v128.xor",       "v128 v128 -> v128"),
        (0x52, "v128.bitselect", "v128 v128 v128 -> v128"),
        (0x53, "v128.any_true",  "v128 -> i32"),
    )),

    # SIMD 8-bit lanes
    *_numeric(0xFD, "simd", (
        (0x60, "i8x16.abs",            "v128 -> v128"),
        (0x61, "i8x16.neg",            "v128 -> v128"),
        (0x62, "i8x16.popcnt",         "v128 -> v128"),
        (0x63, "i8x16.all_true",       "v128 -> i32"),
        (0x64, "i8x16.bitmask",        "v128 -> i32"),
        (0x65, "i8x16.narrow_i16x8_s", "v128 v128 -> v128"),
        (0x66, "i8x16.narrow_i16x8_u", "v128 v128 -> v128"),
        (0x6B, "i8x16.shl",            "v128 i32 -> v128"),
        (0x6C, "i8x16.shr_s",          "v128 i32 -> v128"),
        (0x6D, "i8x16.shr_u",          "v128 i32 -> v128"),
        (0x6E, "i8x16.add",            "v128 v128 -> v128"),
        (0x6F, "i8x16.add_sat_s",      "v128 v128 -> v128"),
        (0x70, "i8x16.add_sat_u",      "v128 v128 -> v128"),
        (0x71, "i8x16.sub",            "v128 v128 -> v128"),
        (0x72, "i8x16.sub_sat_s",      "v128 v128 -> v128"),
        (0x73, "i8x16.sub_sat_u",      "v128 v128 -> v128"),
        (0x76, "i8x16.min_s",          "v128 v128 -> v128"),
        (0x77, "i8x16.min_u",          "v128 v128 -> v128"),
        (0x78, "i8x16.max_s",          "v128 v128 -> v128"),
        (0x79, "i8x16.max_u",          "v128 v128 -> v128"),
        (0x7B, "i8x16.avgr_u",         "v128 v128 -> v128"),
    )),

    # SIMD 16-bit lanes
    *_numeric(0xFD, "simd", (
        (0x7C, "i16x8.extadd_pairwise_i8x16_s", "v128 -> v128"),
        (0x7D, "i16x8.extadd_pairwise_i8x16_u", "v128 -> v128"),
        (0x80, "i16x8.abs",                     "v128 -> v128"),
        (0x81, "i16x8.neg",                     "v128 -> v128"),
        (0x82, "i16x8.q15mulr_sat_s",           "v128 v128 -> v128"),
        (0x83, "i16x8.all_true",                "v128 -> i32"),
        (0x84, "i16x8.bitmask",                 "v128 -> i32"),
        (0x85, "i16x8.narrow_i32x4_s",          "v128 v128 -> v128"),
        (0x86, "i16x8.narrow_i32x4_u",          "v128 v128 -> v128"),
        (0x87, "i16x8.extend_low_i8x16_s",      "v128 -> v128"),
        (0x88, "i16x8.extend_high_i8x16_s",     "v128 -> v128"),
        (0x89, "i16x8.extend_low_i8x16_u",      "v128 -> v128"),
        (0x8A, "i16x8.extend_high_i8x16_u",     "v128 -> v128"),
        (0x8B, "i16x8.shl",                     "v128 i32 -> v128"),
        (0x8C, "i16x8.shr_s",                   "v128 i32 -> v128"),
        (0x8D, "i16x8.shr_u",                   "v128 i32 -> v128"),
        (0x8E, "i16x8.add",                     "v128 v128 -> v128"),
        (0x8F, "i16x8.add_sat_s",               "v128 v128 -> v128"),
        (0x90, "i16x8.add_sat_u",               "v128 v128 -> v128"),
        (0x91, "i16x8.sub",                     "v128 v128 -> v128"),
        (0x92, "i16x8.sub_sat_s",               "v128 v128 -> v128"),
        (0x93, "i16x8.sub_sat_u",               "v128 v128 -> v128"),
        (0x95, "i16x8.mul",                     "v128 v128 -> v128"),
        (0x96, "i16x8.min_s",                   "v128 v128 -> v128"),
        (0x97, "i16x8.min_u",                   "v128 v128 -> v128"),
        (0x98, "i16x8.max_s",                   "v128 v128 -> v128"),
        (0x99, "i16x8.max_u",                   "v128 v128 -> v128"),
        (0x9B, "i16x8.avgr_u",                  "v128 v128 -> v128"),
        (0x9C, "i16x8.extmul_low_i8x16_s",      "v128 v128 -> v128"),
        (0x9D, "i16x8.extmul_high_i8x16_s",     "v128 v128 -> v128"),
        (0x9E, "i16x8.extmul_low_i8x16_u",      "v128 v128 -> v128"),
        (0x9F, "i16x8.extmul_high_i8x16_u",     "v128 v128 -> v128"),
    )),

    # SIMD 32-bit lanes
    *_numeric(0xFD, "simd", (
        (0x7E, "i32x4.extadd_pairwise_i16x8_s", "v128 -> v128"),
        (0x7F, "i32x4.extadd_pairwise_i16x8_u", "v128 -> v128"),
        (0xA0, "i32x4.abs",                     "v128 -> v128"),
        (0xA1, "i32x4.neg",                     "v128 -> v128"),
        (0xA3, "i32x4.all_true",                "v128 -> i32"),
        (0xA4, "i32x4.bitmask",                 "v128 -> i32"),
        (0xA7, "i32x4.extend_low_i16x8_s",      "v128 -> v128"),
        (0xA8, "i32x4.extend_high_i16x8_s",     "v128 -> v128"),
        (0xA9, "i32x4.extend_low_i16x8_u",      "v128 -> v128"),
        (0xAA, "i32x4.extend_high_i16x8_u",     "v128 -> v128"),
        (0xAB, "i32x4.shl",                     "v128 i32 -> v128"),
        (0xAC, "i32x4.shr_s",                   "v128 i32 -> v128"),
        (0xAD, "i32x4.shr_u",                   "v128 i32 -> v128"),
        (0xAE, "i32x4.add",                     "v128 v128 -> v128"),
        (0xB1, "i32x4.sub",                     "v128 v128 -> v128"),
        (0xB5, "i32x4.mul",                     "v128 v128 -> v128"),
        (0xB6, "i32x4.min_s",                   "v128 v128 -> v128"),
        (0xB7, "i32x4.min_u",                   "v128 v128 -> v128"),
        (0xB8, "i32x4.max_s",                   "v128 v128 -> v128"),
        (0xB9, "i32x4.max_u",                   "v128 v128 -> v128"),
        (0xBA, "i32x4.dot_i16x8_s",             "v128 v128 -> v128"),
        (0xBC, "i32x4.extmul_low_i16x8_s",      "v128 v128 -> v128"),
        (0xBD, "i32x4.extmul_high_i16x8_s",     "v128 v128 -> v128"),
        (0xBE, "i32x4.extmul_low_i16x8_u",      "v128 v128 -> v128"),
        (0xBF, "i32x4.extmul_high_i16x8_u",     "v128 v128 -> v128"),
    )),

    # SIMD 64-bit lanes
    *_numeric(0xFD, "simd", (
        (0xC0, "i64x2.abs",                 "v128 -> v128"),
        (0xC1, "i64x2.neg",                 "v128 -> v128"),
        (0xC3, "i64x2.all_true",            "v128 -> i32"),
        (0xC4, "i64x2.bitmask",             "v128 -> i32"),
        (0xC7, "i64x2.extend_low_i32x4_s",  "v128 -> v128"),
        (0xC8, "i64x2.extend_high_i32x4_s", "v128 -> v128"),
        (0xC9, "i64x2.extend_low_i32x4_u",  "v128 -> v128"),
        (0xCA, "i64x2.extend_high_i32x4_u", "v128 -> v128"),
        (0xCB, "i64x2.shl",                 "v128 i32 -> v128"),
        (0xCC, "i64x2.shr_s",               "v128 i32 -> v128"),
        (0xCD, "i64x2.shr_u",               "v128 i32 -> v128"),
        (0xCE, "i64x2.add",                 "v128 v128 -> v128"),
        (0xD1, "i64x2.sub",                 "v128 v128 -> v128"),
        (0xD5, "i64x2.mul",                 "v128 v128 -> v128"),
        (0xDC, "i64x2.extmul_low_i32x4_s",  "v128 v128 -> v128"),
        (0xDD, "i64x2.extmul_high_i32x4_s", "v128 v128 -> v128"),
        (0xDE, "i64x2.extmul_low_i32x4_u",  "v128 v128 -> v128"),
        (0xDF, "i64x2.extmul_high_i32x4_u", "v128 v128 -> v128"),
    )),

    # SIMD f32x4
    *_numeric(0xFD, "simd", (
        (0x67, "f32x4.ceil",    "v128 -> v128"),
        (0x68, "f32x4.floor",   "v128 -> v128"),
        (0x69, "f32x4.trunc",   "v128 -> v128"),
        (0x6A, "f32x4.nearest", "v128 -> v128"),
        (0xE0, "f32x4.abs",     "v128 -> v128"),
        (0xE1, "f32x4.neg",     "v128 -> v128"),
        (0xE3, "f32x4.sqrt",    "v128 -> v128"),
        (0xE4, "f32x4.add",     "v128 v128 -> v128"),
        (0xE5, "f32x4.sub",     "v128 v128 -> v128"),
        (0xE6, "f32x4.mul",     "v128 v128 -> v128"),
        (0xE7, "f32x4.div",     "v128 v128 -> v128"),
        (0xE8, "f32x4.min",     "v128 v128 -> v128"),
        (0xE9, "f32x4.max",     "v128 v128 -> v128"),
        (0xEA, "f32x4.pmin",    "v128 v128 -> v128"),
        (0xEB, "f32x4.pmax",    "v128 v128 -> v128"),
    )),

    # SIMD f64x2
    *_numeric(0xFD, "simd", (
        (0x74, "f64x2.ceil",    "v128 -> v128"),
        (0x75, "f64x2.floor",   "v128 -> v128"),
        (0x7A, "f64x2.trunc",   "v128 -> v128"),
        (0x94, "f64x2.nearest", "v128 -> v128"),
        (0xEC, "f64x2.abs",     "v128 -> v128"),
        (0xED, "f64x2.neg",     "v128 -> v128"),
        (0xEF, "f64x2.sqrt",    "v128 -> v128"),
        (0xF0, "f64x2.add",     "v128 v128 -> v128"),
        (0xF1, "f64x2.sub",     "v128 v128 -> v128"),
        (0xF2, "f64x2.mul",     "v128 v128 -> v128"),
        (0xF3, "f64x2.div",     "v128 v128 -> v128"),
        (0xF4, "f64x2.min",     "v128 v128 -> v128"),
        (0xF5, "f64x2.max",     "v128 v128 -> v128"),
        (0xF6, "f64x2.pmin",    "v128 v128 -> v128"),
        (0xF7, "f64x2.pmax",    "v128 v128 -> v128"),
    )),

    # SIMD conversions between floats and integers
    *_numeric(0xFD, "simd", (
        (0x5E, "f32x4.demote_f64x2_zero",      "v128 -> v128"),
        (0x5F, "f64x2.promote_low_f32x4",      "v128 -> v128"),
        (0xF8, "i32x4.trunc_sat_f32x4_s",      "v128 -> v128"),
        (0xF9, "i32x4.trunc_sat_f32x4_u",      "v128 -> v128"),
        (0xFA, "f32x4.convert_i32x4_s",        "v128 -> v128"),
        (0xFB, "f32x4.convert_i32x4_u",        "v128 -> v128"),
        (0xFC, "i32x4.trunc_sat_f64x2_s_zero", "v128 -> v128"),
        (0xFD, "i32x4.trunc_sat_f64x2_u_zero", "v128 -> v128"),
        (0xFE, "f64x2.convert_low_i32x4_s",    "v128 -> v128"),
        (0xFF, "f64x2.convert_low_i32x4_u",    "v128 -> v128"),
    )),

    # Relaxed SIMD
    *_numeric(0xFD, "relaxed-simd", (
        (0x100, "i8x16.relaxed_swizzle",               "v128 v128 -> v128"),
        (0x101, "i32x4.relaxed_trunc_f32x4_s",         "v128 -> v128"),
        (0x102, "i32x4.relaxed_trunc_f32x4_u",         "v128 -> v128"),
        (0x103, "i32x4.relaxed_trunc_f64x2_s_zero",    "v128 -> v128"),
        (0x104, "i32x4.relaxed_trunc_f64x2_u_zero",    "v128 -> v128"),
        (0x105, "f32x4.relaxed_madd",                  "v128 v128 v128 -> v128"),
        (0x106, "f32x4.relaxed_nmadd",                 "v128 v128 v128 -> v128"),
        (0x107, "f64x2.relaxed_madd",                  "v128 v128 v128 -> v128"),
        (0x108, "f64x2.relaxed_nmadd",                 "v128 v128 v128 -> v128"),
        (0x109, "i8x16.relaxed_laneselect",            "v128 v128 v128 -> v128"),
        (0x10A, "i16x8.relaxed_laneselect",            "v128 v128 v128 -> v128"),
        (0x10B, "i32x4.relaxed_laneselect",            "v128 v128 v128 -> v128"),
        (0x10C, "i64x2.relaxed_laneselect",            "v128 v128 v128 -> v128"),
        (0x10D, "f32x4.relaxed_min",                   "v128 v128 -> v128"),
        (0x10E, "f32x4.relaxed_max",                   "v128 v128 -> v128"),
        (0x10F, "f64x2.relaxed_min",                   "v128 v128 -> v128"),
        (0x110, "f64x2.relaxed_max",                   "v128 v128 -> v128"),
        (0x111, "i16x8.relaxed_q15mulr_s",             "v128 v128 -> v128"),
        (0x112, "i16x8.relaxed_dot_i8x16_i7x16_s",     "v128 v128 -> v128"),
        (0x113, "i32x4.relaxed_dot_i8x16_i7x16_add_s", "v128 v128 v128 -> v128"),
    )),

    # Threads
    *_general(0xFE, "threads", (
        (0x03, "atomic.fence", "fence", "->"),
    )),

    *_memory(0xFE, "threads", (
        (0x00, "memory.atomic.notify", "addr i32 -> i32",     2),
        (0x01, "memory.atomic.wait32", "addr i32 i64 -> i32", 2),
        (0x02, "memory.atomic.wait64", "addr i64 i64 -> i32", 3),
    )),

    # Atomic loads and stores
    *_memory(0xFE, "threads", (
        (0x10, "i32.atomic.load",     "addr -> i32", 2),
        (0x11, "i64.atomic.load",     "addr -> i64", 3),
        (0x12, "i32.atomic.load8_u",  "addr -> i32", 0),
        (0x13, "i32.atomic.load16_u", "addr -> i32", 1),
        (0x14, "i64.atomic.load8_u",  "addr -> i64", 0),
        (0x15, "i64.atomic.load16_u", "addr -> i64", 1),
        (0x16, "i64.atomic.load32_u", "addr -> i64", 2),
        (0x17, "i32.atomic.store",    "addr i32 ->", 2),
        (0x18, "i64.atomic.store",    "addr i64 ->", 3),
        (0x19, "i32.atomic.store8",   "addr i32 ->", 0),
        (0x1A, "i32.atomic.store16",  "addr i32 ->", 1),
        (0x1B, "i64.atomic.store8",   "addr i64 ->", 0),
        (0x1C, "i64.atomic.store16",  "addr i64 ->", 1),
        (0x1D, "i64.atomic.store32",  "addr i64 ->", 2),
    )),

    # Atomic read-modify-write
    *_memory(0xFE, "threads", (
        (0x1E, "i32.atomic.rmw.add",         "addr i32 -> i32",     2),
        (0x1F, "i64.atomic.rmw.add",         "addr i64 -> i64",     3),
        (0x20, "i32.atomic.rmw8.add_u",      "addr i32 -> i32",     0),
        (0x21, "i32.atomic.rmw16.add_u",     "addr i32 -> i32",     1),
        (0x22, "i64.atomic.rmw8.add_u",      "addr i64 -> i64",     0),
        (0x23, "i64.atomic.rmw16.add_u",     "addr i64 -> i64",     1),
        (0x24, "i64.atomic.rmw32.add_u",     "addr i64 -> i64",     2),
        (0x25, "i32.atomic.rmw.sub",         "addr i32 -> i32",     2),
        (0x26, "i64.atomic.rmw.sub",         "addr i64 -> i64",     3),
        (0x27, "i32.atomic.rmw8.sub_u",      "addr i32 -> i32",     0),
        (0x28, "i32.atomic.rmw16.sub_u",     "addr i32 -> i32",     1),
        (0x29, "i64.atomic.rmw8.sub_u",      "addr i64 -> i64",     0),
        (0x2A, "i64.atomic.rmw16.sub_u",     "addr i64 -> i64",     1),
        (0x2B, "i64.atomic.rmw32.sub_u",     "addr i64 -> i64",     2),
        (0x2C, "i32.atomic.rmw.and",         "addr i32 -> i32",     2),
        (0x2D, "i64.atomic.rmw.and",         "addr i64 -> i64",     3),
        (0x2E, "i32.atomic.rmw8.and_u",      "addr i32 -> i32",     0),
        (0x2F, "i32.atomic.rmw16.and_u",     "addr i32 -> i32",     1),
        (0x30, "i64.atomic.rmw8.and_u",      "addr i64 -> i64",     0),
        (0x31, "i64.atomic.rmw16.and_u",     "addr i64 -> i64",     1),
        (0x32, "i64.atomic.rmw32.and_u",     "addr i64 -> i64",     2),
        (0x33, "i32.atomic.rmw.or",          "addr i32 -> i32",     2),
        (0x34, "i64.atomic.rmw.or",          "addr i64 -> i64",     3),
        (0x35, "i32.atomic.rmw8.or_u",       "addr i32 -> i32",     0),
        (0x36, "i32.atomic.rmw16.or_u",      "addr i32 -> i32",     1),
        (0x37, "i64.atomic.rmw8.or_u",       "addr i64 -> i64",     0),
        (0x38, "i64.atomic.rmw16.or_u",      "addr i64 -> i64",     1),
        (0x39, "i64.atomic.rmw32.or_u",      "addr i64 -> i64",     2),
        (0x3A, "i32.atomic.rmw.xor",         "addr i32 -> i32",     2),
        (0x3B, "i64.atomic.rmw.xor",         "addr i64 -> i64",     3),
        (0x3C, "i32.atomic.rmw8.xor_u",      "addr i32 -> i32",     0),
        (0x3D, "i32.atomic.rmw16.xor_u",     "addr i32 -> i32",     1),
        (0x3E, "i64.atomic.rmw8.xor_u",      "addr i64 -> i64",     0),
        (0x3F, "i64.atomic.rmw16.xor_u",     "addr i64 -> i64",     1),
        (0x40, "i64.atomic.rmw32.xor_u",     "addr i64 -> i64",     2),
        (0x41, "i32.atomic.rmw.xchg",        "addr i32 -> i32",     2),
        (0x42, "i64.atomic.rmw.xchg",        "addr i64 -> i64",     3),
        (0x43, "i32.atomic.rmw8.xchg_u",     "addr i32 -> i32",     0),
        (0x44, "i32.atomic.rmw16.xchg_u",    "addr i32 -> i32",     1),
        (0x45, "i64.atomic.rmw8.xchg_u",     "addr i64 -> i64",     0),
        (0x46, "i64.atomic.rmw16.xchg_u",    "addr i64 -> i64",     1),
        (0x47, "i64.atomic.rmw32.xchg_u",    "addr i64 -> i64",     2),
        (0x48, "i32.atomic.rmw.cmpxchg",     "addr i32 i32 -> i32", 2),
        (0x49, "i64.atomic.rmw.cmpxchg",     "addr i64 i64 -> i64", 3),
        (0x4A, "i32.atomic.rmw8.cmpxchg_u",  "addr i32 i32 -> i32", 0),
        (0x4B, "i32.atomic.rmw16.cmpxchg_u", "addr i32 i32 -> i32", 1),
        (0x4C, "i64.atomic.rmw8.cmpxchg_u",  "addr i64 i64 -> i64", 0),
        (0x4D, "i64.atomic.rmw16.cmpxchg_u", "addr i64 i64 -> i64", 1),
        (0x4E, "i64.atomic.rmw32.cmpxchg_u", "addr i64 i64 -> i64", 2),
    )),
)
# fmt: on

OPS: Final[tuple[Op, ...]] = tuple(sorted(_ALL, key=lambda op: op.id))
BY_NAME: Final[dict[str, Op]] = {op.name: op for op in OPS}
BY_ID: Final[dict[int, Op]] = {op.id: op for op in OPS}


_RESERVED: Final = frozenset({"IF", "ELSE"})
"""Words that Cython's `.pxd` syntax keeps for itself."""


def CONSTANT_NAME(op: Op) -> str:  # noqa: N802
    """Name of the instruction's member in the enum of `opcodes.pxd`: I32_ADD for `i32.add`.

    `if` and `else` are `IF_` and `ELSE_`, because Cython reserves the bare words.
    """
    name = op.name.upper().replace(".", "_")
    return name + "_" if name in _RESERVED else name
