"""Writes what derives from the tables of ARM64 instructions: `ops.pxd` and `vector_tables.py` in `jit/arm64`.

`python tools/gen_arm64.py` writes them; with `--check` it only says which are stale, and exits 1 if any is.
"""

import sys
from collections.abc import Iterator
from pathlib import Path

import generator
import machine_tables

generator.use_bare_package()

from wasmine.jit.arm64 import ops as arm64  # noqa: E402
from wasmine.jit.arm64 import vector_ops  # noqa: E402
from wasmine.jit.ssa import ops as ssa  # noqa: E402

ROOM = generator.PACKAGE / "jit" / "arm64"
OPTIONS = {name: getattr(arm64, name) for name in ("NO_RESULT", "FROM_ZERO", "WITH_ZERO")}


def rows() -> Iterator[str]:
    for row in vector_ops.ROWS:
        number, op = ssa.OPS[ssa.NUMBER[row.name]].constant, arm64.BY_NAME[row.op].constant
        other = "a." + arm64.BY_NAME[row.other].constant if row.other else "0"
        mask = int(row.name[1 : row.name.index("x")]) - 1 if row.form in ("left", "right") else 0
        yield f"o.{number}, a.V_{row.form.upper()}, a.{op}, {other}, {mask}"


def generate() -> dict[Path, str]:
    """The generated files and what each must hold."""
    vectors = machine_tables.vector_tables(__file__, "arm64", "a", ("other", "mask"), rows())
    return {
        ROOM / "ops.pxd": machine_tables.ops_pxd(__file__, arm64, vector_ops.FORMS, OPTIONS, arm64.WORDS),
        ROOM / "vector_tables.py": vectors,
    }


if __name__ == "__main__":
    sys.exit(generator.main(__file__, __doc__, generate))
