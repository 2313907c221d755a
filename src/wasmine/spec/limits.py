"""The implementation limits: how large each part of a module may be.

Most are the limits that the WebAssembly JavaScript Interface makes exact for the web ("Implementation-defined
Limits"), so that a module runs here if it runs in a browser. Below a limit, memory may still run out.

Compiled modules see the table as `limits.pxd`, which `tools/gen_opcodes.py` writes from this file. This
module is never compiled and imports nothing of wasmine.
"""

from typing import Final, NamedTuple


class Limit(NamedTuple):
    """The largest permitted value of one dimension of a module."""

    name: str
    """Name of the member of the enum in `limits.pxd`, without its prefix `MAX_`."""
    value: int
    """Largest permitted value."""
    subject: str
    """What is counted, as error messages say it."""
    reason: str
    """Where the value comes from, or what it protects."""


_WEB: Final = "exact limit of the WebAssembly JavaScript Interface"
_GC: Final = "exact limit that the garbage collection proposal added to the WebAssembly JavaScript Interface"
_ENGINES: Final = "not in the JavaScript Interface; the value that the web engines agree on"

LIMITS: Final[tuple[Limit, ...]] = (
    Limit("MODULE_BYTES", 1 << 30, "bytes in a module", _WEB),
    Limit("TYPES", 1_000_000, "types", _WEB),
    Limit("REC_GROUPS", 1_000_000, "recursion groups", _GC),
    Limit("FUNCTIONS", 1_000_000, "functions", _WEB),
    Limit("IMPORTS", 1_000_000, "imports", _WEB + ", raised from 100,000 in 2024"),
    Limit("EXPORTS", 1_000_000, "exports", _WEB + ", raised from 100,000 in 2024"),
    Limit("GLOBALS", 1_000_000, "globals", _WEB),
    Limit("TAGS", 1_000_000, "tags", _ENGINES),
    Limit("DATA_SEGMENTS", 100_000, "data segments", _WEB),
    Limit("ELEM_SEGMENTS", 10_000_000, "element segments", _ENGINES),
    Limit("TABLES", 100_000, "tables", _WEB),
    Limit("MEMORIES", 100, "memories", _WEB + " as raised by the multi-memory proposal"),
    Limit("TABLE_SIZE", 10_000_000, "elements in a table", _WEB + "; checked when a table is made or grows"),
    Limit("TABLE_INIT_ENTRIES", 10_000_000, "items in an element segment", _WEB),
    Limit("PARAMS", 1_000, "parameters", _WEB),
    Limit("RESULTS", 1_000, "results", _WEB),
    Limit("LOCALS", 50_000, "locals of a function", _WEB + "; parameters count"),
    Limit(
        "BODY_BYTES",
        7_654_321,
        "bytes in a function body",
        _WEB + "; local declarations count. It bounds the nesting of blocks",
    ),
    Limit("BR_TABLE", 65_520, "labels of a br_table", _ENGINES),
    Limit("STRUCT_FIELDS", 10_000, "fields of a structure", _GC),
    Limit("ARRAY_NEW_FIXED", 10_000, "operands of array.new_fixed", _GC),
    Limit("SUBTYPE_DEPTH", 63, "supertypes above a type", _GC + "; it bounds every subtype test"),
    Limit("STRING_BYTES", 100_000, "bytes in a name", _ENGINES),
    Limit("MEMORY32_PAGES", 1 << 16, "pages of a 32-bit memory", "core specification, section 3.2.13: 4 GiB"),
    Limit(
        "MEMORY64_PAGES",
        1 << 48,
        "pages of a 64-bit memory",
        "core specification, section 3.2.13: 2^64 bytes",
    ),
)

MAX: Final[dict[str, int]] = {limit.name: limit.value for limit in LIMITS}
"""The limits by name."""
