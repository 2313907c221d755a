"""The meaning of the memory accesses that leave the interpreter's main loop: one row each.

From these rows `tools/gen_groups.py` writes `interp/memops.py` and `interp/atomics.py`. Scalar loads and
stores are the rows of `ops.py`, here with any memory, address type and offset. How many bytes an instruction
accesses is in `spec.opcodes`. Imports nothing of wasmine.
"""

from typing import Final, NamedTuple


class VectorLoad(NamedTuple):
    """A load of a vector; the language of expressions is that of `simd_ops`, and `v` is what was read."""

    name: str
    read: str
    """Lane type of the bytes in memory."""
    write: str
    """Lane type of the result."""
    expression: str
    """Lane i of the result. `a` is lane i of the vector operand."""


class VectorStore(NamedTuple):
    """A store of a vector `a`, or of one of its lanes."""

    name: str
    write: str
    """Lane type of what is stored."""
    expression: str
    """Lane i of what is stored."""


# fmt: off
VECTOR_LOADS: Final = (
    VectorLoad("v128.load",         "u64", "u64", "v"),
    VectorLoad("v128.load8x8_s",    "i8",  "i16", "v"),
    VectorLoad("v128.load8x8_u",    "u8",  "u16", "v"),
    VectorLoad("v128.load16x4_s",   "i16", "i32", "v"),
    VectorLoad("v128.load16x4_u",   "u16", "u32", "v"),
    VectorLoad("v128.load32x2_s",   "i32", "i64", "v"),
    VectorLoad("v128.load32x2_u",   "u32", "u64", "v"),
    VectorLoad("v128.load8_splat",  "u8",  "u8",  "v[0]"),
    VectorLoad("v128.load16_splat", "u16", "u16", "v[0]"),
    VectorLoad("v128.load32_splat", "u32", "u32", "v[0]"),
    VectorLoad("v128.load64_splat", "u64", "u64", "v[0]"),
    VectorLoad("v128.load32_zero",  "u32", "u32", "v[0] if i == 0 else 0"),
    VectorLoad("v128.load64_zero",  "u64", "u64", "v[0] if i == 0 else 0"),
    VectorLoad("v128.load8_lane",   "u8",  "u8",  "v[0] if i == lane else a"),
    VectorLoad("v128.load16_lane",  "u16", "u16", "v[0] if i == lane else a"),
    VectorLoad("v128.load32_lane",  "u32", "u32", "v[0] if i == lane else a"),
    VectorLoad("v128.load64_lane",  "u64", "u64", "v[0] if i == lane else a"),
)

VECTOR_STORES: Final = (
    VectorStore("v128.store",        "u64", "a"),
    VectorStore("v128.store8_lane",  "u8",  "a[lane]"),
    VectorStore("v128.store16_lane", "u16", "a[lane]"),
    VectorStore("v128.store32_lane", "u32", "a[lane]"),
    VectorStore("v128.store64_lane", "u64", "a[lane]"),
)

# Atomic accesses, all sequentially consistent. `p` points to the integer in memory, `y` and `z` are the
# operands after the address, `v` is what was there and becomes the result, zero-extended. Operands are cut to
# the width of the access, also the value that a compare-exchange expects.
ATOMIC_OPERATIONS: Final = {
    "load":    "v = load(p, SEQ_CST)",
    "store":   "store(p, y, SEQ_CST)",
    "add":     "v = fetch_add(p, y, SEQ_CST)",
    "sub":     "v = fetch_sub(p, y, SEQ_CST)",
    "and":     "v = fetch_and(p, y, SEQ_CST)",
    "or":      "v = fetch_or(p, y, SEQ_CST)",
    "xor":     "v = fetch_xor(p, y, SEQ_CST)",
    "xchg":    "v = exchange(p, y, SEQ_CST)",
    "cmpxchg": "v = y; compare_exchange(p, cython.address(v), z, False, SEQ_CST, SEQ_CST)",
}
# fmt: on
