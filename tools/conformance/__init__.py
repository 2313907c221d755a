"""Scripts whose expected values are computed here, by Python's integers and fractions and nothing of wasmine.

The tests run them as they are made. `python tools/conformance DIRECTORY` writes them to files, for a look or
for another engine.
"""

from collections.abc import Callable
from typing import Final

from conformance import floats, integers, memory, simd
from conformance.softfloat import F32, F64

SCRIPTS: Final[dict[str, Callable[[], str]]] = {
    "i32": lambda: integers.integers(32),
    "i64": lambda: integers.integers(64),
    "wide_arithmetic": integers.wide,
    "f32": lambda: floats.floats(F32),
    "f64": lambda: floats.floats(F64),
    "conversions": floats.conversions,
    "memory": lambda: memory.plain("i32"),
    "memory64": lambda: memory.plain("i64"),
    "atomics": lambda: memory.atomic(shared=False),
    "atomics_shared": lambda: memory.atomic(shared=True),
    "simd_integers": simd.integers,
    "simd_floats": simd.floats,
    "simd_lanes": simd.lanes_and_memory,
    "simd_relaxed": simd.relaxed,
}
"""Names of scripts, and what makes them."""
