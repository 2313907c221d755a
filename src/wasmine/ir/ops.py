"""The register-IR ops: the one table from which interpreter, printer and lowering tables derive.

A row gives an op's name, its shape (what the fields of the instruction word hold) and, for computing ops, its
meaning as an expression over `x` and `y`. Operand types: `u32 s32 u64 s64 f32 f64`, and `bool` for a result
that is 0 or 1. `tools/gen_ir.py` writes `ops.pxd`, `tables.py` and `interp/loop.py` from this file; run it
after a change.
"""

import re
from typing import NamedTuple

# What a, b, c and x hold. The printer formats operands by these; `d` is a slot that is written, `s` a slot
# that is read, `D`/`S` two adjacent slots, `j` a branch distance in instructions, `i` a signed immediate, `u`
# an unsigned one, `t` a heap type code.
SHAPES: dict[str, tuple[tuple[str, str], ...]] = {
    "none": (),
    "unary": (("a", "d"), ("b", "s")),
    "binary": (("a", "d"), ("b", "s"), ("c", "s")),
    "binary_imm": (("a", "d"), ("b", "s"), ("c", "i")),
    "branch": (("a", "s"), ("b", "s"), ("c", "j")),
    "branch_imm": (("a", "s"), ("b", "i"), ("c", "j")),
    "jump": (("c", "j"),),
    "jump_table": (("a", "s"), ("b", "u")),
    "load": (("a", "d"), ("b", "s"), ("c", "u")),
    "store": (("a", "s"), ("b", "s"), ("c", "u")),
    "const": (("a", "d"),),
    "copy": (("a", "d"), ("b", "s")),
    "copy128": (("a", "D"), ("b", "S")),
    "copy_n": (("a", "d"), ("b", "s"), ("c", "u")),
    "select": (("a", "d"), ("b", "s"), ("c", "s")),
    "select128": (("a", "D"), ("b", "S"), ("c", "S")),
    "get": (("a", "d"), ("c", "u")),
    "get128": (("a", "D"), ("c", "u")),
    "set": (("a", "s"), ("c", "u")),
    "set128": (("a", "S"), ("c", "u")),
    "count": (("c", "u"),),
    "trips": (("a", "u"),),
    "ret": (("c", "u"),),
    "ret1": (("a", "s"), ("c", "u")),
    "ret_n": (("a", "s"), ("b", "u"), ("c", "u")),
    "call": (("a", "u"), ("b", "s")),
    "call_ref": (("a", "u"), ("b", "s"), ("c", "s")),
    "simd": (("a", "d"), ("b", "s"), ("c", "s")),
    "memop": (("a", "s"), ("b", "s"), ("c", "u")),
    "bulk": (("a", "s"), ("b", "u"), ("c", "u")),
    "load128": (("a", "D"), ("b", "s"), ("c", "u")),
    "store128": (("a", "S"), ("b", "s"), ("c", "u")),
    "element128": (("a", "D"), ("b", "s"), ("c", "s")),
    "element_set": (("a", "s"), ("b", "s"), ("c", "s")),
    "element_set128": (("a", "S"), ("b", "s"), ("c", "s")),
    "test": (("a", "d"), ("b", "s"), ("c", "t")),
    "cast": (("b", "s"), ("c", "t")),
    "data": (),
}

# Shapes whose field a is the slot of the result: the lowering may send such a result straight to a local.
WRITES_A = ("unary", "binary", "binary_imm", "load", "const", "get", "test")

# How the lowering treats a WebAssembly instruction; those not named here have code of their own.
LOWER_SHAPES = (
    "special",
    "unary",
    "binary",
    "compare",
    "load",
    "store",
    "nothing",
    "simd",
    "memop",
    "atomic",
)

# Words that an instruction takes: itself, and what follows it.
WORDS = {
    "select": 2,
    "select128": 2,
    "call_indirect": 2,
    "return_call_indirect": 2,
    "simd2": 2,
    "memop": 2,
    "atomic": 2,
}


class IrOp(NamedTuple):
    """One row: see the module docstring. `arm` is empty for ops that the loop template writes out."""

    name: str
    shape: str
    arm: tuple[str, ...] = ()

    @property
    def constant(self) -> str:
        """The name of the op's enum member."""
        return self.name.upper().replace(".", "_")


class Unary(NamedTuple):
    """`a = expression(x)`, x in slot b. `traps`: pairs of condition and TRAP_ name, tested in order."""

    name: str
    operand: str
    result: str
    expression: str
    traps: tuple[tuple[str, str], ...] = ()


class Binary(NamedTuple):
    """`a = expression(x, y)`, x in slot b, y in slot c or (with `imm`) the immediate c."""

    name: str
    operand: str
    result: str
    expression: str
    traps: tuple[tuple[str, str], ...] = ()
    imm: bool = False
    commutes: bool = False


class Compare(NamedTuple):
    """A relation; also a conditional branch on it. `inverse` negates it, `swapped` exchanges the operands."""

    name: str
    operand: str
    operator: str
    inverse: str
    swapped: str


class Load(NamedTuple):
    """`a = memory[slot b + c]`, read as `memory` type and widened to `result`."""

    name: str
    memory: str
    result: str


class Store(NamedTuple):
    """`memory[slot b + c] = slot a`, narrowed to `memory` type."""

    name: str
    memory: str


BY_ZERO = ("y == 0", "INTEGER_DIVIDE_BY_ZERO")
OVERFLOW_32 = ("y == -1 and x == INT32_MIN", "INTEGER_OVERFLOW")
OVERFLOW_64 = ("y == -1 and x == INT64_MIN", "INTEGER_OVERFLOW")
NULL_I31 = (("x == 0", "NULL_I31_REFERENCE"),)
NOT_A_NUMBER = ("x != x", "INVALID_CONVERSION_TO_INTEGER")


def trunc(name: str, operand: str, result: str, low: str, high: str) -> Unary:
    """A checked truncation; traps for NaN, and for values outside the range that `low` and `high` delimit."""
    traps = (NOT_A_NUMBER, (f"x {low} or x {high}", "INTEGER_OVERFLOW"))
    c_type = result.replace("s", "int").replace("u", "uint") + "_t"
    return Unary(name, operand, result, f"cython.cast({c_type}, x)", traps)


UNARY = (
    Unary("i32.clz", "u32", "u32", "clz32(x)"),
    Unary("i32.ctz", "u32", "u32", "ctz32(x)"),
    Unary("i32.popcnt", "u32", "u32", "popcnt32(x)"),
    Unary("i32.extend8_s", "u32", "s32", "cython.cast(int8_t, x)"),
    Unary("i32.extend16_s", "u32", "s32", "cython.cast(int16_t, x)"),
    Unary("i64.clz", "u64", "u64", "clz64(x)"),
    Unary("i64.ctz", "u64", "u64", "ctz64(x)"),
    Unary("i64.popcnt", "u64", "u64", "popcnt64(x)"),
    Unary("i64.extend8_s", "u64", "s64", "cython.cast(int8_t, x)"),
    Unary("i64.extend16_s", "u64", "s64", "cython.cast(int16_t, x)"),
    Unary("i64.extend32_s", "u64", "s64", "cython.cast(int32_t, x)"),
    Unary("i32.wrap_i64", "u64", "u32", "x"),
    Unary("i64.extend_i32_s", "s32", "s64", "x"),
    Unary("f32.abs", "u32", "u32", "abs32(x)"),
    Unary("f32.neg", "u32", "u32", "neg32(x)"),
    Unary("f32.ceil", "f32", "f32", "ceil32(x)"),
    Unary("f32.floor", "f32", "f32", "floor32(x)"),
    Unary("f32.trunc", "f32", "f32", "trunc32(x)"),
    Unary("f32.nearest", "f32", "f32", "nearest32(x)"),
    Unary("f32.sqrt", "f32", "f32", "sqrt32(x)"),
    Unary("f64.abs", "u64", "u64", "abs64(x)"),
    Unary("f64.neg", "u64", "u64", "neg64(x)"),
    Unary("f64.ceil", "f64", "f64", "ceil64(x)"),
    Unary("f64.floor", "f64", "f64", "floor64(x)"),
    Unary("f64.trunc", "f64", "f64", "trunc64(x)"),
    Unary("f64.nearest", "f64", "f64", "nearest64(x)"),
    Unary("f64.sqrt", "f64", "f64", "sqrt64(x)"),
    trunc("i32.trunc_f32_s", "f32", "s32", "< -2147483648.0", ">= 2147483648.0"),
    trunc("i32.trunc_f32_u", "f32", "u32", "<= -1.0", ">= 4294967296.0"),
    trunc("i32.trunc_f64_s", "f64", "s32", "<= -2147483649.0", ">= 2147483648.0"),
    trunc("i32.trunc_f64_u", "f64", "u32", "<= -1.0", ">= 4294967296.0"),
    trunc("i64.trunc_f32_s", "f32", "s64", "< -9223372036854775808.0", ">= 9223372036854775808.0"),
    trunc("i64.trunc_f32_u", "f32", "u64", "<= -1.0", ">= 18446744073709551616.0"),
    trunc("i64.trunc_f64_s", "f64", "s64", "< -9223372036854775808.0", ">= 9223372036854775808.0"),
    trunc("i64.trunc_f64_u", "f64", "u64", "<= -1.0", ">= 18446744073709551616.0"),
    Unary("i32.trunc_sat_f32_s", "f32", "s32", "trunc_sat_s32(x)"),
    Unary("i32.trunc_sat_f32_u", "f32", "u32", "trunc_sat_u32(x)"),
    Unary("i32.trunc_sat_f64_s", "f64", "s32", "trunc_sat_s32(x)"),
    Unary("i32.trunc_sat_f64_u", "f64", "u32", "trunc_sat_u32(x)"),
    Unary("i64.trunc_sat_f32_s", "f32", "s64", "trunc_sat_s64(x)"),
    Unary("i64.trunc_sat_f32_u", "f32", "u64", "trunc_sat_u64(x)"),
    Unary("i64.trunc_sat_f64_s", "f64", "s64", "trunc_sat_s64(x)"),
    Unary("i64.trunc_sat_f64_u", "f64", "u64", "trunc_sat_u64(x)"),
    Unary("f32.convert_i32_s", "s32", "f32", "x"),
    Unary("f32.convert_i32_u", "u32", "f32", "x"),
    Unary("f32.convert_i64_s", "s64", "f32", "x"),
    Unary("f32.convert_i64_u", "u64", "f32", "x"),
    Unary("f32.demote_f64", "f64", "f32", "x"),
    Unary("f64.convert_i32_s", "s32", "f64", "x"),
    Unary("f64.convert_i32_u", "u32", "f64", "x"),
    Unary("f64.convert_i64_s", "s64", "f64", "x"),
    Unary("f64.convert_i64_u", "u64", "f64", "x"),
    Unary("f64.promote_f32", "f32", "f64", "x"),
    # An i31 is odd, so that only null has a zero there.
    Unary("ref.i31", "u32", "u32", "x << 1 | 1"),
    Unary("i31.get_s", "s32", "s32", "x >> 1", NULL_I31),
    Unary("i31.get_u", "u32", "u32", "x >> 1", NULL_I31),
)

BINARY = (
    Binary("i32.add", "u32", "u32", "x + y", imm=True, commutes=True),
    Binary("i32.sub", "u32", "u32", "x - y"),
    Binary("i32.mul", "u32", "u32", "x * y", imm=True, commutes=True),
    Binary("i32.div_s", "s32", "s32", "x // y", (BY_ZERO, OVERFLOW_32)),
    Binary("i32.div_u", "u32", "u32", "x // y", (BY_ZERO,)),
    Binary("i32.rem_s", "s32", "s32", "0 if y == -1 else x % y", (BY_ZERO,)),
    Binary("i32.rem_u", "u32", "u32", "x % y", (BY_ZERO,)),
    Binary("i32.and", "u32", "u32", "x & y", imm=True, commutes=True),
    Binary("i32.or", "u32", "u32", "x | y", imm=True, commutes=True),
    Binary("i32.xor", "u32", "u32", "x ^ y", imm=True, commutes=True),
    Binary("i32.shl", "u32", "u32", "x << (y & 31)", imm=True),
    Binary("i32.shr_s", "s32", "s32", "x >> (y & 31)", imm=True),
    Binary("i32.shr_u", "u32", "u32", "x >> (y & 31)", imm=True),
    Binary("i32.rotl", "u32", "u32", "rotl32(x, y)", imm=True),
    Binary("i32.rotr", "u32", "u32", "rotr32(x, y)"),
    Binary("i64.add", "u64", "u64", "x + y", imm=True, commutes=True),
    Binary("i64.sub", "u64", "u64", "x - y"),
    Binary("i64.mul", "u64", "u64", "x * y", imm=True, commutes=True),
    Binary("i64.div_s", "s64", "s64", "x // y", (BY_ZERO, OVERFLOW_64)),
    Binary("i64.div_u", "u64", "u64", "x // y", (BY_ZERO,)),
    Binary("i64.rem_s", "s64", "s64", "0 if y == -1 else x % y", (BY_ZERO,)),
    Binary("i64.rem_u", "u64", "u64", "x % y", (BY_ZERO,)),
    Binary("i64.and", "u64", "u64", "x & y", imm=True, commutes=True),
    Binary("i64.or", "u64", "u64", "x | y", imm=True, commutes=True),
    Binary("i64.xor", "u64", "u64", "x ^ y", imm=True, commutes=True),
    Binary("i64.shl", "u64", "u64", "x << (y & 63)", imm=True),
    Binary("i64.shr_s", "s64", "s64", "x >> (y & 63)", imm=True),
    Binary("i64.shr_u", "u64", "u64", "x >> (y & 63)", imm=True),
    Binary("i64.rotl", "u64", "u64", "rotl64(x, y)", imm=True),
    Binary("i64.rotr", "u64", "u64", "rotr64(x, y)"),
    Binary("f32.add", "f32", "f32", "x + y"),
    Binary("f32.sub", "f32", "f32", "x - y"),
    Binary("f32.mul", "f32", "f32", "x * y"),
    Binary("f32.div", "f32", "f32", "x / y"),
    Binary("f32.min", "f32", "f32", "min32(x, y)"),
    Binary("f32.max", "f32", "f32", "max32(x, y)"),
    Binary("f32.copysign", "u32", "u32", "copysign32(x, y)"),
    Binary("f64.add", "f64", "f64", "x + y"),
    Binary("f64.sub", "f64", "f64", "x - y"),
    Binary("f64.mul", "f64", "f64", "x * y"),
    Binary("f64.div", "f64", "f64", "x / y"),
    Binary("f64.min", "f64", "f64", "min64(x, y)"),
    Binary("f64.max", "f64", "f64", "max64(x, y)"),
    Binary("f64.copysign", "u64", "u64", "copysign64(x, y)"),
)

# Integer relations come with immediate forms; a float relation has no inverse, because of NaN.
COMPARE = (
    Compare("i32.eq", "u32", "==", "i32.ne", "i32.eq"),
    Compare("i32.ne", "u32", "!=", "i32.eq", "i32.ne"),
    Compare("i32.lt_s", "s32", "<", "i32.ge_s", "i32.gt_s"),
    Compare("i32.lt_u", "u32", "<", "i32.ge_u", "i32.gt_u"),
    Compare("i32.gt_s", "s32", ">", "i32.le_s", "i32.lt_s"),
    Compare("i32.gt_u", "u32", ">", "i32.le_u", "i32.lt_u"),
    Compare("i32.le_s", "s32", "<=", "i32.gt_s", "i32.ge_s"),
    Compare("i32.le_u", "u32", "<=", "i32.gt_u", "i32.ge_u"),
    Compare("i32.ge_s", "s32", ">=", "i32.lt_s", "i32.le_s"),
    Compare("i32.ge_u", "u32", ">=", "i32.lt_u", "i32.le_u"),
    Compare("i64.eq", "u64", "==", "i64.ne", "i64.eq"),
    Compare("i64.ne", "u64", "!=", "i64.eq", "i64.ne"),
    Compare("i64.lt_s", "s64", "<", "i64.ge_s", "i64.gt_s"),
    Compare("i64.lt_u", "u64", "<", "i64.ge_u", "i64.gt_u"),
    Compare("i64.gt_s", "s64", ">", "i64.le_s", "i64.lt_s"),
    Compare("i64.gt_u", "u64", ">", "i64.le_u", "i64.lt_u"),
    Compare("i64.le_s", "s64", "<=", "i64.gt_s", "i64.ge_s"),
    Compare("i64.le_u", "u64", "<=", "i64.gt_u", "i64.ge_u"),
    Compare("i64.ge_s", "s64", ">=", "i64.lt_s", "i64.le_s"),
    Compare("i64.ge_u", "u64", ">=", "i64.lt_u", "i64.le_u"),
    Compare("f32.eq", "f32", "==", "", "f32.eq"),
    Compare("f32.ne", "f32", "!=", "", "f32.ne"),
    Compare("f32.lt", "f32", "<", "", "f32.gt"),
    Compare("f32.gt", "f32", ">", "", "f32.lt"),
    Compare("f32.le", "f32", "<=", "", "f32.ge"),
    Compare("f32.ge", "f32", ">=", "", "f32.le"),
    Compare("f64.eq", "f64", "==", "", "f64.eq"),
    Compare("f64.ne", "f64", "!=", "", "f64.ne"),
    Compare("f64.lt", "f64", "<", "", "f64.gt"),
    Compare("f64.gt", "f64", ">", "", "f64.lt"),
    Compare("f64.le", "f64", "<=", "", "f64.ge"),
    Compare("f64.ge", "f64", ">=", "", "f64.le"),
)

# Loads and stores of memory 0 with 32-bit addresses; every other access is a `memop`.
LOADS = (
    Load("i32.load", "uint32_t", "uint32_t"),
    Load("i64.load", "uint64_t", "uint64_t"),
    Load("i32.load8_s", "int8_t", "uint32_t"),
    Load("i32.load8_u", "uint8_t", "uint32_t"),
    Load("i32.load16_s", "int16_t", "uint32_t"),
    Load("i32.load16_u", "uint16_t", "uint32_t"),
    Load("i64.load8_s", "int8_t", "uint64_t"),
    Load("i64.load16_s", "int16_t", "uint64_t"),
    Load("i64.load32_s", "int32_t", "uint64_t"),
)
STORES = (
    Store("i32.store", "uint32_t"),
    Store("i64.store", "uint64_t"),
    Store("i32.store8", "uint8_t"),
    Store("i32.store16", "uint16_t"),
)

# Accesses to fields and elements of GC objects, by what they do with the bytes. `struct.get32 a, b, c` and
# its like: slot a, the object in slot b, the offset of the field. `array.get32 a, b, c`: the index in slot c.
# The lowering counts on their order.
OBJECT_GETS = (
    Load("get8_s", "int8_t", "uint32_t"),
    Load("get8_u", "uint8_t", "uint32_t"),
    Load("get16_s", "int16_t", "uint32_t"),
    Load("get16_u", "uint16_t", "uint32_t"),
    Load("get32", "uint32_t", "uint32_t"),
    Load("get64", "uint64_t", "uint64_t"),
)
OBJECT_SETS = (
    Store("set8", "uint8_t"),
    Store("set16", "uint16_t"),
    Store("set32", "uint32_t"),
    Store("set64", "uint64_t"),
)

# WebAssembly instructions that do, on slots, exactly what another one does: an i32 or f32 has its upper half
# zero.
SAME = {
    "f32.load": "i32.load",
    "f64.load": "i64.load",
    "i64.load8_u": "i32.load8_u",
    "i64.load16_u": "i32.load16_u",
    "i64.load32_u": "i32.load",
    "f32.store": "i32.store",
    "f64.store": "i64.store",
    "i64.store8": "i32.store8",
    "i64.store16": "i32.store16",
    "i64.store32": "i32.store",
    "ref.eq": "i64.eq",
}
# ... and those that change no bit of a slot.
NOTHING = (
    "i64.extend_i32_u",
    "i32.reinterpret_f32",
    "f32.reinterpret_i32",
    "i64.reinterpret_f64",
    "f64.reinterpret_i64",
    "any.convert_extern",
    "extern.convert_any",
)

CONTROL = (
    IrOp("halt", "none"),
    IrOp("data", "data"),
    IrOp("unreachable", "none"),
    IrOp("loop", "none"),
    IrOp("loop.count", "trips"),
    IrOp("loop.enter", "none"),
    IrOp("fuel", "count"),
    IrOp("br", "jump"),
    IrOp("br_table", "jump_table"),
    IrOp("ret", "ret"),
    IrOp("ret1", "ret1"),
    IrOp("ret_n", "ret_n"),
    IrOp("call", "call"),
    IrOp("call_import", "call"),
    IrOp("call_indirect", "call_ref"),
    IrOp("call_ref", "call_ref"),
    IrOp("return_call", "call"),
    IrOp("return_call_import", "call"),
    IrOp("return_call_indirect", "call_ref"),
    IrOp("return_call_ref", "call_ref"),
    IrOp("throw", "get"),
    IrOp("throw_ref", "set"),
    IrOp("const", "const"),
    IrOp("copy", "copy"),
    IrOp("copy128", "copy128"),
    IrOp("copy_n", "copy_n"),
    IrOp("select", "select"),
    IrOp("select128", "select128"),
    IrOp("global.get", "get"),
    IrOp("global.get128", "get128"),
    IrOp("global.set", "set"),
    IrOp("global.set128", "set128"),
    IrOp("ref.func", "get"),
    IrOp("ref.as_non_null", "unary"),
    IrOp("memory.size", "get"),
    # Groups: one call each; x holds the WebAssembly opcode's id.
    IrOp("simd", "simd"),
    IrOp("simd2", "simd"),
    IrOp("memop", "memop"),
    IrOp("atomic", "memop"),
    IrOp("bulk", "bulk"),
    IrOp("gc", "bulk"),
)

# How the parts of a 16-byte instruction are read for each operand type.
READ = {
    "u32": "cython.cast(uint32_t, fp[{0}])",
    "s32": "cython.cast(int32_t, fp[{0}])",
    "u64": "fp[{0}]",
    "s64": "cython.cast(int64_t, fp[{0}])",
    "f32": "as_f32(fp[{0}])",
    "f64": "as_f64(fp[{0}])",
}
IMMEDIATE = {
    "u32": "{0}",
    "s32": "cython.cast(int32_t, {0})",
    "u64": "cython.cast(uint64_t, cython.cast(int64_t, cython.cast(int32_t, {0})))",
    "s64": "cython.cast(int64_t, cython.cast(int32_t, {0}))",
}
WRITE = {
    "bool": "fp[pc.a] = {0}",
    "u32": "fp[pc.a] = cython.cast(uint32_t, {0})",
    "s32": "fp[pc.a] = cython.cast(uint32_t, {0})",
    "u64": "fp[pc.a] = cython.cast(uint64_t, {0})",
    "s64": "fp[pc.a] = cython.cast(uint64_t, cython.cast(int64_t, {0}))",
    "f32": "fp[pc.a] = of_f32({0})",
    "f64": "fp[pc.a] = of_f64({0})",
}


def _traps(checks: tuple[tuple[str, str], ...]) -> list[str]:
    lines: list[str] = []
    for condition, trap in checks:
        lines += [f"if {condition}:", f"    status = t.TRAP_{trap}", "    break"]
    return lines


def _rename(text: str, kind: str) -> str:
    """`x` and `y` become the loop's C variables of the operand type."""
    return re.sub(r"\b([xy])\b", rf"\1_{kind}", text)


def _compute(row: Unary | Binary, second: str | None) -> tuple[str, ...]:
    kind = row.operand
    lines = [f"x = {READ[kind].format('pc.b')}"]
    if second is not None:
        lines.append(f"y = {second}")
    lines += _traps(row.traps)
    lines.append(WRITE[row.result].format(row.expression))
    return (*(_rename(line, kind) for line in lines), "pc += 1")


def _branch(condition: str) -> tuple[str, ...]:
    return (f"if {condition}:", "    pc += cython.cast(int32_t, pc.c)", "else:", "    pc += 1")


def _compare_ops(row: Compare) -> list[IrOp]:
    read = READ[row.operand]
    value = f"{read.format('pc.b')} {row.operator} {read.format('pc.c')}"
    branch = f"{read.format('pc.a')} {row.operator} {read.format('pc.b')}"
    ops = [
        IrOp(row.name, "binary", (WRITE["bool"].format(value), "pc += 1")),
        IrOp(f"br_if.{row.name}", "branch", _branch(branch)),
    ]
    if row.inverse:
        imm = IMMEDIATE[row.operand]
        value = f"{read.format('pc.b')} {row.operator} {imm.format('pc.c')}"
        branch = f"{read.format('pc.a')} {row.operator} {imm.format('pc.b')}"
        ops += [
            IrOp(f"{row.name}.imm", "binary_imm", (WRITE["bool"].format(value), "pc += 1")),
            IrOp(f"br_if.{row.name}.imm", "branch_imm", _branch(branch)),
        ]
    else:
        ops.append(IrOp(f"br_unless.{row.name}", "branch", _branch(f"not ({branch})")))
    return ops


def _binary_ops(row: Binary) -> list[IrOp]:
    ops = [IrOp(row.name, "binary", _compute(row, READ[row.operand].format("pc.c")))]
    if row.imm:
        ops.append(
            IrOp(f"{row.name}.imm", "binary_imm", _compute(row, IMMEDIATE[row.operand].format("pc.c")))
        )
    return ops


def _address(size: str) -> tuple[str, ...]:
    return (
        "address = cython.cast(uint64_t, cython.cast(uint32_t, fp[pc.b])) + pc.c",
        f"if address + cython.sizeof({size}) > mem.size:",
        "    status = t.TRAP_OUT_OF_BOUNDS_MEMORY_ACCESS",
        "    break",
    )


def _load_op(row: Load) -> IrOp:
    value = f"v_{row.memory}"
    widened = f"cython.cast({row.result}, {value})"
    return IrOp(
        row.name,
        "load",
        (
            *_address(row.memory),
            f"memcpy(cython.address({value}), mem.base + address, cython.sizeof({row.memory}))",
            f"fp[pc.a] = {widened}",
            "pc += 1",
        ),
    )


def _store_op(row: Store) -> IrOp:
    value = f"v_{row.memory}"
    return IrOp(
        row.name,
        "store",
        (
            *_address(row.memory),
            f"{value} = cython.cast({row.memory}, fp[pc.a])",
            f"memcpy(mem.base + address, cython.address({value}), cython.sizeof({row.memory}))",
            "pc += 1",
        ),
    )


def _object(trap: str) -> tuple[str, ...]:
    return ("x_u64 = fp[pc.b]", *_traps((("x_u64 == 0", trap),)))


def _field_ops() -> list[IrOp]:
    check = _object("NULL_STRUCTURE_REFERENCE")
    place = "cython.cast(cython.pointer[{0}], x_u64 + pc.c)"
    whole = place.format("uint64_t")
    return [
        *(IrOp(f"struct.{get.name}", "load", (*check, *_read(get, f"{place}[0]"))) for get in OBJECT_GETS),
        IrOp("struct.get128", "load128", (*check, f"memcpy(fp + pc.a, {whole}, 16)", "pc += 1")),
        *(IrOp(f"struct.{put.name}", "store", (*check, *_write(put, f"{place}[0]"))) for put in OBJECT_SETS),
        IrOp("struct.set128", "store128", (*check, f"memcpy({whole}, fp + pc.a, 16)", "pc += 1")),
    ]


def _element_ops() -> list[IrOp]:
    check = (
        *_object("NULL_ARRAY_REFERENCE"),
        "n = cython.cast(uint32_t, fp[pc.c])",
        *_traps((("n >= array_length(x_u64)", "OUT_OF_BOUNDS_ARRAY_ACCESS"),)),
    )
    place = "cython.cast(cython.pointer[{0}], x_u64 + ARRAY_ELEMENTS)[n]"
    wide = (*check, "y_u64 = x_u64 + ARRAY_ELEMENTS + 16 * cython.cast(uint64_t, n)")
    whole = "cython.cast(cython.pointer[uint64_t], y_u64)"
    return [
        *(IrOp(f"array.{get.name}", "binary", (*check, *_read(get, place))) for get in OBJECT_GETS),
        IrOp("array.get128", "element128", (*wide, f"memcpy(fp + pc.a, {whole}, 16)", "pc += 1")),
        *(IrOp(f"array.{put.name}", "element_set", (*check, *_write(put, place))) for put in OBJECT_SETS),
        IrOp("array.set128", "element_set128", (*wide, f"memcpy({whole}, fp + pc.a, 16)", "pc += 1")),
    ]


def _read(get: Load, place: str) -> tuple[str, ...]:
    value = f"v_{get.memory}"
    return (
        f"{value} = {place.format(get.memory)}",
        f"fp[pc.a] = cython.cast({get.result}, {value})",
        "pc += 1",
    )


def _write(put: Store, place: str) -> tuple[str, ...]:
    value = f"v_{put.memory}"
    return (
        f"{value} = cython.cast({put.memory}, fp[pc.a])",
        f"{place.format(put.memory)} = {value}",
        "pc += 1",
    )


def _reference_ops() -> list[IrOp]:
    """Lengths and casts; x of a cast: whether null is one of the values."""
    is_instance = "is_instance(ctx.defs, fp[pc.b], pc.c, pc.x)"
    return [
        IrOp(
            "array.len",
            "unary",
            (*_object("NULL_ARRAY_REFERENCE"), "fp[pc.a] = array_length(x_u64)", "pc += 1"),
        ),
        IrOp("ref.test", "test", (f"fp[pc.a] = {is_instance}", "pc += 1")),
        IrOp("ref.cast", "cast", (*_traps(((f"not {is_instance}", "CAST_FAILURE"),)), "pc += 1")),
    ]


def _all_ops() -> tuple[IrOp, ...]:
    ops: list[IrOp] = list(CONTROL)
    ops += [IrOp(unary.name, "unary", _compute(unary, None)) for unary in UNARY]
    for binary in BINARY:
        ops += _binary_ops(binary)
    for compare in COMPARE:
        ops += _compare_ops(compare)
    ops += [_load_op(load) for load in LOADS]
    ops += [_store_op(store) for store in STORES]
    return (*ops, *_field_ops(), *_element_ops(), *_reference_ops())


OPS = _all_ops()
NUMBER = {op.name: number for number, op in enumerate(OPS)}
