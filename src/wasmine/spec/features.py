"""The features of WebAssembly: what the standard gained after its first version, and the proposals beyond it.

`opcodes.py` files each instruction under one of these; some features add no instruction.
"""

from collections.abc import Collection
from typing import Final, NamedTuple


class Feature(NamedTuple):
    """One feature, as the standard's process delimits it."""

    name: str
    """The key; also what the command line prints and accepts."""
    title: str
    """Name in prose."""
    standard: str
    """First version of the standard that has it ("1.0", "2.0", "3.0"), else "proposal" or "legacy"."""
    description: str
    """One sentence: what it lets a module do."""


_ALL: Final = (
    Feature(
        "mvp", "Minimum viable product", "1.0", "Numbers, structured control, one linear memory, one table."
    ),
    Feature("mutable-global", "Mutable globals", "1.0", "Imported and exported globals may be mutable."),
    Feature(
        "sign-extension",
        "Sign extension",
        "2.0",
        "Instructions that extend the low 8, 16 or 32 bits of an integer.",
    ),
    Feature(
        "nontrapping-float-to-int",
        "Saturating float-to-int conversion",
        "2.0",
        "Float-to-integer conversions that saturate where the others trap.",
    ),
    Feature(
        "multi-value",
        "Multiple values",
        "2.0",
        "Functions and blocks may have several results, blocks parameters.",
    ),
    Feature(
        "bulk-memory",
        "Bulk memory and tables",
        "2.0",
        "Copy, fill and initialise ranges of memories and tables; passive segments.",
    ),
    Feature(
        "reference-types",
        "Reference types",
        "2.0",
        "References to functions and host values as first-class values; tables that code can read and write.",
    ),
    Feature("simd", "Fixed-width SIMD", "2.0", "The type v128 and its instructions on lanes."),
    Feature(
        "relaxed-simd",
        "Relaxed SIMD",
        "3.0",
        "SIMD instructions whose result in rare cases may be any of a small set, for speed.",
    ),
    Feature("tail-call", "Tail calls", "3.0", "Calls that replace the caller's frame."),
    Feature(
        "extended-const",
        "Extended constant expressions",
        "3.0",
        "Integer addition, subtraction and multiplication in constant expressions.",
    ),
    Feature("multi-memory", "Multiple memories", "3.0", "A module may have several memories."),
    Feature("memory64", "64-bit address space", "3.0", "Memories and tables indexed by i64."),
    Feature(
        "function-references",
        "Typed function references",
        "3.0",
        "References to functions of a known type, callable without a check; non-null references.",
    ),
    Feature(
        "gc",
        "Garbage collection",
        "3.0",
        "Structures, arrays, i31 and casts among a hierarchy of reference types.",
    ),
    Feature(
        "exceptions", "Exception handling", "3.0", "Tags, `throw`, and `try_table` with exception references."
    ),
    Feature(
        "legacy-exceptions",
        "Legacy exception handling",
        "legacy",
        "`try` with `catch` and `delegate`, as first shipped by browsers and still emitted by compilers.",
    ),
    Feature("threads", "Threads", "proposal", "Shared memories, atomic accesses, wait and notify."),
    Feature(
        "wide-arithmetic",
        "Wide arithmetic",
        "proposal",
        "128-bit addition, subtraction and widening multiplication.",
    ),
    Feature("custom-page-sizes", "Custom page sizes", "proposal", "A memory may have pages of one byte."),
    Feature(
        "branch-hinting",
        "Branch hinting",
        "3.0",
        "A custom section that says which way a branch probably goes.",
    ),
    Feature(
        "custom-annotations",
        "Custom annotations",
        "3.0",
        "Annotations in the text format that carry what custom sections hold.",
    ),
)

FEATURES: Final[dict[str, Feature]] = {feature.name: feature for feature in _ALL}

_REQUIRES: Final[dict[str, tuple[str, ...]]] = {
    "relaxed-simd": ("simd",),
    "function-references": ("reference-types",),
    "gc": ("function-references",),
    "exceptions": ("reference-types",),
}

SWITCHES: Final = frozenset(
    (
        "sign-extension",
        "nontrapping-float-to-int",
        "reference-types",
        "simd",
        "relaxed-simd",
        "tail-call",
        "multi-memory",
        "memory64",
        "function-references",
        "gc",
        "exceptions",
        "legacy-exceptions",
        "threads",
        "wide-arithmetic",
        "custom-page-sizes",
    )
)
"""The features that can be switched off (`wasmine.Config.disable`)."""


def closure(disabled: Collection[str]) -> frozenset[str]:
    """Return the features that are off when these are: also those that build on them.

    Raises ValueError for a name that is no switch.
    """
    off = set(disabled)
    if not off <= SWITCHES:
        raise ValueError(f"{', '.join(sorted(off - SWITCHES))}: no feature that can be switched off")
    while more := {name for name, needs in _REQUIRES.items() if not off.isdisjoint(needs)} - off:
        off |= more
    return frozenset(off)
