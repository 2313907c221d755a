"""The words of the text format: instructions come from the opcode table, the rest is here."""

from typing import Final

from wasmine.spec.opcodes import BY_NAME

# Opcodes whose text is that of another instruction with a different operand.
_NOT_WRITTEN = {"select_t", "ref.test_null", "ref.cast_null"}

NUMBER_TYPES: Final[dict[str, bytes]] = {
    "i32": b"\x7f",
    "i64": b"\x7e",
    "f32": b"\x7d",
    "f64": b"\x7c",
    "v128": b"\x7b",
}
PACKED_TYPES: Final[dict[str, bytes]] = {"i8": b"\x78", "i16": b"\x77"}
HEAP_TYPES: Final[dict[str, bytes]] = {
    "noexn": b"\x74",
    "nofunc": b"\x73",
    "noextern": b"\x72",
    "none": b"\x71",
    "func": b"\x70",
    "extern": b"\x6f",
    "any": b"\x6e",
    "eq": b"\x6d",
    "i31": b"\x6c",
    "struct": b"\x6b",
    "array": b"\x6a",
    "exn": b"\x69",
}
# `(ref null ht)` in one word.
REFERENCE_TYPES: Final[dict[str, bytes]] = {
    "nullexnref": b"\x74",
    "nullfuncref": b"\x73",
    "nullexternref": b"\x72",
    "nullref": b"\x71",
    "funcref": b"\x70",
    "externref": b"\x6f",
    "anyref": b"\x6e",
    "eqref": b"\x6d",
    "i31ref": b"\x6c",
    "structref": b"\x6b",
    "arrayref": b"\x6a",
    "exnref": b"\x69",
}
LANE_SHAPES: Final[dict[str, tuple[str, int, int]]] = {
    "i8x16": ("i", 8, 16),
    "i16x8": ("i", 16, 8),
    "i32x4": ("i", 32, 4),
    "i64x2": ("i", 64, 2),
    "f32x4": ("f", 32, 4),
    "f64x2": ("f", 64, 2),
}
"""Kind, bits and number of the lanes."""

_STRUCTURE = """
    module type rec import func table memory global tag export start elem data
    sub final struct array field mut ref null param result local offset item declare shared pagesize
    then do catch_ref catch_all_ref before after first last
"""
_SCRIPT = """
    binary quote definition instance register invoke get either thread wait
    assert_return assert_trap assert_exhaustion assert_exception assert_unlinkable
    assert_malformed assert_malformed_custom assert_invalid assert_invalid_custom
    ref.extern ref.host ref.any ref.struct ref.array ref.exn nan:canonical nan:arithmetic
"""

INSTRUCTION_NAMES: Final = frozenset(BY_NAME) - _NOT_WRITTEN
KEYWORDS: Final = frozenset(
    (
        *INSTRUCTION_NAMES,
        *NUMBER_TYPES,
        *PACKED_TYPES,
        *HEAP_TYPES,
        *REFERENCE_TYPES,
        *LANE_SHAPES,
        *_STRUCTURE.split(),
        *_SCRIPT.split(),
    )
)
"""Every word that a text or script may have somewhere; the others are unknown operators."""
