"""The meaning of the SIMD and relaxed SIMD instructions, without loads and stores: one row each.

From these rows `tools/gen_groups.py` writes the interpreter's group, `interp/simd.py`. Numbers, operand
types and immediates are those of `spec.opcodes`. Imports nothing of wasmine.

A row says how the lanes of the operands are read, how those of the result are written, and what lane `i` of
the result is. Arithmetic is that of C: narrow integers compute as 32-bit ones, and the result is cut to its
lane.

    a b c    lane i of the first, second, third vector operand; a[k] is lane k,
             c.i32[k] is lane k of another lane type
    m        lane i of the sixteen immediate bytes
    x        the scalar operand, as the 64 bits of its slot
    lane     the lane immediate
    i        the number of the lane

A lane type is a letter and a width: `i` is a signed integer, `u` an unsigned one, `f` a float. A truth value
is all ones or all zeros: `-(a < b)`. Helpers such as `sat_i8` and `min32` are in `interp/lanes.pxd` and
`ir/scalar.pxd`.
"""

from collections.abc import Iterator
from typing import Final, NamedTuple

C_INTEGER: Final = {"i": "int", "u": "uint"}


class SimdOp(NamedTuple):
    """One instruction."""

    name: str
    """Its mnemonic, a name of `spec.opcodes`."""
    read: str
    """Lane type of the operands."""
    write: str
    """Lane type of the result; for a scalar result, the type of its slot."""
    expressions: tuple[str, ...]
    """One: lane i of the result, or the scalar result. Two: lane i of its lower half and of its upper."""
    start: str | None = None
    """For a fold over all lanes: the first value of `s`, whose next value the expression gives."""


def lane_bits(lane_type: str) -> int:
    """Width of a lane type: 16 for "u16"."""
    return int(lane_type[1:])


def lane_count(lane_type: str) -> int:
    """Lanes of that type in a vector."""
    return 128 // lane_bits(lane_type)


# A kind says how lanes are read, and after "-" how the result's are written if otherwise.
_Row = tuple[str, str, *tuple[str, ...]]


def _each(shapes: str, *rows: _Row) -> Iterator[SimdOp]:
    """Rows of (instruction, kind, expression...), once for each shape.

    In an expression, {w} is the width of a lane in bits.
    """
    for shape in shapes.split():
        width = shape[1:].partition("x")[0]
        for name, kind, *expressions in rows:
            read, _, write = kind.partition("-")
            filled = tuple(text.format(w=width) for text in expressions)
            yield SimdOp(f"{shape}.{name}", read + width, (write or read) + width, filled)


def _folds(shapes: str, *rows: tuple[str, str, str, str]) -> Iterator[SimdOp]:
    """Rows of (instruction, kind, first value, expression of the next value), once for each shape."""
    for shape in shapes.split():
        width = shape[1:].partition("x")[0]
        for name, kind, start, step in rows:
            yield SimdOp(f"{shape}.{name}", kind + width, "i32", (step,), start)


def _widening(shapes: str, *rows: _Row) -> Iterator[SimdOp]:
    """Rows of (instruction, kind, expression...), once for each pair "wide:narrow" of shapes.

    In a name, {narrow} is the narrow shape. In an expression, {n} is the number of wide lanes, {wide} their
    C type.
    """
    for pair in shapes.split():
        wide, narrow = pair.split(":")
        wide_bits, _, n = wide[1:].partition("x")
        narrow_bits = narrow[1:].partition("x")[0]
        for name, kind, *expressions in rows:
            filled = tuple(text.format(n=n, wide=f"{C_INTEGER[kind]}{wide_bits}_t") for text in expressions)
            yield SimdOp(f"{wide}.{name.format(narrow=narrow)}", kind + narrow_bits, kind + wide_bits, filled)


def _one(name: str, read: str, write: str, *expressions: str) -> Iterator[SimdOp]:
    yield SimdOp(name, read, write, expressions)


_INTEGERS = "i8x16 i16x8 i32x4 i64x2"
_FLOATS = "f32x4 f64x2"
_WIDENED = "i16x8:i8x16 i32x4:i16x8 i64x2:i32x4"
_ALL = f"{_INTEGERS} {_FLOATS}"

# fmt: off
_STANDARD: Final = (
    # Bits
    *_one("v128.const",     "u64", "u64", "m"),
    *_one("v128.not",       "u64", "u64", "~a"),
    *_one("v128.and",       "u64", "u64", "a & b"),
    *_one("v128.andnot",    "u64", "u64", "a & ~b"),
    *_one("v128.or",        "u64", "u64", "a | b"),
    *_one("v128.xor",       "u64", "u64", "a ^ b"),
    *_one("v128.bitselect", "u64", "u64", "(a & c) | (b & ~c)"),

    # Lanes moved. A float in a lane is moved as an integer, which keeps the bits of a NaN.
    *_one("i8x16.shuffle", "u8", "u8", "a[m & 15] if m < 16 else b[m & 15]"),
    *_one("i8x16.swizzle", "u8", "u8", "a[b & 15] if b < 16 else 0"),
    *_each(_ALL,
        ("splat",        "u", "x"),
        ("replace_lane", "u", "x if i == lane else a")),
    *_one("i8x16.extract_lane_s", "i8",  "i32", "a[lane]"),
    *_one("i8x16.extract_lane_u", "u8",  "i32", "a[lane]"),
    *_one("i16x8.extract_lane_s", "i16", "i32", "a[lane]"),
    *_one("i16x8.extract_lane_u", "u16", "i32", "a[lane]"),
    *_one("i32x4.extract_lane",   "u32", "i32", "a[lane]"),
    *_one("i64x2.extract_lane",   "u64", "i64", "a[lane]"),
    *_one("f32x4.extract_lane",   "u32", "f32", "a[lane]"),
    *_one("f64x2.extract_lane",   "u64", "f64", "a[lane]"),

    # Tests of all lanes
    SimdOp("v128.any_true", "u64", "i32", ("s | (a != 0)",), "0"),
    *_folds(_INTEGERS,
        ("all_true", "u", "1", "s & (a != 0)"),
        ("bitmask",  "i", "0", "s | (a < 0) << i")),

    # Comparisons
    *_each(_INTEGERS,
        ("eq",   "i", "-(a == b)"),
        ("ne",   "i", "-(a != b)"),
        ("lt_s", "i", "-(a < b)"),
        ("gt_s", "i", "-(a > b)"),
        ("le_s", "i", "-(a <= b)"),
        ("ge_s", "i", "-(a >= b)")),
    *_each("i8x16 i16x8 i32x4",
        ("lt_u", "u-i", "-(a < b)"),
        ("gt_u", "u-i", "-(a > b)"),
        ("le_u", "u-i", "-(a <= b)"),
        ("ge_u", "u-i", "-(a >= b)")),
    *_each(_FLOATS,
        ("eq", "f-i", "-(a == b)"),
        ("ne", "f-i", "-(a != b)"),
        ("lt", "f-i", "-(a < b)"),
        ("gt", "f-i", "-(a > b)"),
        ("le", "f-i", "-(a <= b)"),
        ("ge", "f-i", "-(a >= b)")),

    # Integers, lane by lane; a shift count is taken modulo the lane's width
    *_each(_INTEGERS,
        ("abs",   "i", "-a if a < 0 else a"),
        ("neg",   "i", "-a"),
        ("add",   "i", "a + b"),
        ("sub",   "i", "a - b"),
        ("shl",   "u", "a << (x & ({w} - 1))"),
        ("shr_s", "i", "a >> (x & ({w} - 1))"),
        ("shr_u", "u", "a >> (x & ({w} - 1))")),
    *_each("i16x8 i32x4 i64x2",
        ("mul", "u", "a * b")),
    *_each("i8x16 i16x8 i32x4",
        ("min_s", "i", "a if a < b else b"),
        ("min_u", "u", "a if a < b else b"),
        ("max_s", "i", "a if a > b else b"),
        ("max_u", "u", "a if a > b else b")),
    *_each("i8x16 i16x8",
        ("add_sat_s", "i", "sat_i{w}(a + b)"),
        ("add_sat_u", "u", "sat_u{w}(a + b)"),
        ("sub_sat_s", "i", "sat_i{w}(a - b)"),
        ("sub_sat_u", "u", "sat_u{w}(a - b)"),
        ("avgr_u",    "u", "(a + b + 1) >> 1")),
    *_one("i8x16.popcnt",         "u8",  "u8",  "popcnt8(a)"),
    *_one("i16x8.q15mulr_sat_s", "i16", "i16", "sat_i16((a * b + 0x4000) >> 15)"),

    # Integers that change their width
    *_one("i8x16.narrow_i16x8_s", "i16", "i8",  "sat_i8(a)",  "sat_i8(b)"),
    *_one("i8x16.narrow_i16x8_u", "i16", "u8",  "sat_u8(a)",  "sat_u8(b)"),
    *_one("i16x8.narrow_i32x4_s", "i32", "i16", "sat_i16(a)", "sat_i16(b)"),
    *_one("i16x8.narrow_i32x4_u", "i32", "u16", "sat_u16(a)", "sat_u16(b)"),
    *_widening(_WIDENED,
        ("extend_low_{narrow}_s",  "i", "a"),
        ("extend_low_{narrow}_u",  "u", "a"),
        ("extend_high_{narrow}_s", "i", "a[i + {n}]"),
        ("extend_high_{narrow}_u", "u", "a[i + {n}]"),
        ("extmul_low_{narrow}_s",  "i", "cython.cast({wide}, a) * b"),
        ("extmul_low_{narrow}_u",  "u", "cython.cast({wide}, a) * b"),
        ("extmul_high_{narrow}_s", "i", "cython.cast({wide}, a[i + {n}]) * b[i + {n}]"),
        ("extmul_high_{narrow}_u", "u", "cython.cast({wide}, a[i + {n}]) * b[i + {n}]")),
    *_widening("i16x8:i8x16 i32x4:i16x8",
        ("extadd_pairwise_{narrow}_s", "i", "a[2 * i] + a[2 * i + 1]"),
        ("extadd_pairwise_{narrow}_u", "u", "a[2 * i] + a[2 * i + 1]")),
    *_one("i32x4.dot_i16x8_s", "i16", "i32", "a[2 * i] * b[2 * i] + a[2 * i + 1] * b[2 * i + 1]"),

    # Floats. Signs change on the bits alone. `pmin` and `pmax` return one of their operands, bit for bit.
    *_each(_FLOATS,
        ("abs",     "u", "abs{w}(a)"),
        ("neg",     "u", "neg{w}(a)"),
        ("sqrt",    "f", "sqrt{w}(a)"),
        ("ceil",    "f", "ceil{w}(a)"),
        ("floor",   "f", "floor{w}(a)"),
        ("trunc",   "f", "trunc{w}(a)"),
        ("nearest", "f", "nearest{w}(a)"),
        ("add",     "f", "a + b"),
        ("sub",     "f", "a - b"),
        ("mul",     "f", "a * b"),
        ("div",     "f", "a / b"),
        ("min",     "f", "min{w}(a, b)"),
        ("max",     "f", "max{w}(a, b)"),
        ("pmin",    "f", "b if b < a else a"),
        ("pmax",    "f", "b if a < b else a")),

    # Conversions; f32 widens to f64 exactly, so one saturating truncation serves both
    *_one("f32x4.demote_f64x2_zero",      "f64", "f32", "a", "0"),
    *_one("f64x2.promote_low_f32x4",      "f32", "f64", "a"),
    *_one("i32x4.trunc_sat_f32x4_s",      "f32", "i32", "trunc_sat_s32(a)"),
    *_one("i32x4.trunc_sat_f32x4_u",      "f32", "u32", "trunc_sat_u32(a)"),
    *_one("i32x4.trunc_sat_f64x2_s_zero", "f64", "i32", "trunc_sat_s32(a)", "0"),
    *_one("i32x4.trunc_sat_f64x2_u_zero", "f64", "u32", "trunc_sat_u32(a)", "0"),
    *_one("f32x4.convert_i32x4_s",        "i32", "f32", "a"),
    *_one("f32x4.convert_i32x4_u",        "u32", "f32", "a"),
    *_one("f64x2.convert_low_i32x4_s",    "i32", "f64", "a"),
    *_one("f64x2.convert_low_i32x4_u",    "u32", "f64", "a"),
)

# Relaxed SIMD: the choices of the standard's deterministic profile (Core, appendix A.4), so that a program
# computes the same on every machine and on both tiers. None is dear in native code: an unfused multiply-add
# is two instructions on either machine, a selection by bits is `bsl` or three logical instructions, and a
# dot product that saturates falls out of `packssdw` and `sqxtn`.
_RELAXED_AS: Final = {
    "i8x16.relaxed_swizzle":            "i8x16.swizzle",                   # an index above 15 gives 0
    "i32x4.relaxed_trunc_f32x4_s":      "i32x4.trunc_sat_f32x4_s",         # NaN gives 0, the rest saturates
    "i32x4.relaxed_trunc_f32x4_u":      "i32x4.trunc_sat_f32x4_u",
    "i32x4.relaxed_trunc_f64x2_s_zero": "i32x4.trunc_sat_f64x2_s_zero",
    "i32x4.relaxed_trunc_f64x2_u_zero": "i32x4.trunc_sat_f64x2_u_zero",
    "i8x16.relaxed_laneselect":         "v128.bitselect",                  # bit by bit
    "i16x8.relaxed_laneselect":         "v128.bitselect",
    "i32x4.relaxed_laneselect":         "v128.bitselect",
    "i64x2.relaxed_laneselect":         "v128.bitselect",
    "f32x4.relaxed_min":                "f32x4.min",                       # a NaN wins, -0 is below +0
    "f32x4.relaxed_max":                "f32x4.max",
    "f64x2.relaxed_min":                "f64x2.min",
    "f64x2.relaxed_max":                "f64x2.max",
    "i16x8.relaxed_q15mulr_s":          "i16x8.q15mulr_sat_s",             # -1 times -1 saturates
}

# Multiply-add rounds twice. A dot product takes both factors as signed and adds a pair of products with
# saturation to 16 bits; the four products that `add` accumulates are two such pairs.
_RELAXED: Final = (
    *_each(_FLOATS,
        ("relaxed_madd",  "f", "a * b + c"),
        ("relaxed_nmadd", "f", "c - a * b")),
    *_one("i16x8.relaxed_dot_i8x16_i7x16_s", "i8", "i16",
        "sat_i16(a[2 * i] * b[2 * i] + a[2 * i + 1] * b[2 * i + 1])"),
    *_one("i32x4.relaxed_dot_i8x16_i7x16_add_s", "i8", "i32",
        "sat_i16(a[4 * i] * b[4 * i] + a[4 * i + 1] * b[4 * i + 1])"
        " + sat_i16(a[4 * i + 2] * b[4 * i + 2] + a[4 * i + 3] * b[4 * i + 3]) + c.i32[i]"),
)
# fmt: on


def _all_ops() -> tuple[SimdOp, ...]:
    by_name = {row.name: row for row in (*_STANDARD, *_RELAXED)}
    aliases = [by_name[standard]._replace(name=relaxed) for relaxed, standard in _RELAXED_AS.items()]
    return (*by_name.values(), *aliases)


OPS: Final = _all_ops()
