"""Writes what derives from the tables of x86-64 instructions: `ops.pxd` and `vector_tables.py` in `jit/x64`.

`python tools/gen_x64.py` writes them; with `--check` it only says which are stale, and exits 1 if any is.
"""

import sys
from collections.abc import Iterator
from pathlib import Path

import generator
import machine_tables

generator.use_bare_package()

from wasmine.jit.ssa import ops as ssa  # noqa: E402
from wasmine.jit.x64 import ops as x64  # noqa: E402
from wasmine.jit.x64 import vector_ops  # noqa: E402

ROOM = generator.PACKAGE / "jit" / "x64"


def rows() -> Iterator[str]:
    for row in vector_ops.ROWS:
        counted = x64.BY_NAME[row.op + "_imm"].constant if row.form == "by" else ""
        counted = f"x.{counted}" if counted else "0"
        number, op = ssa.OPS[ssa.NUMBER[row.name]].constant, x64.BY_NAME[row.op].constant
        yield f"o.{number}, x.V_{row.form.upper()}, x.{op}, {counted}, {row.imm}"


def generate() -> dict[Path, str]:
    """The generated files and what each must hold."""
    vectors = machine_tables.vector_tables(__file__, "x64", "x", ("counted", "imm"), rows())
    return {
        ROOM / "ops.pxd": machine_tables.ops_pxd(__file__, x64, vector_ops.FORMS, {"VEX": x64.VEX}, {}),
        ROOM / "vector_tables.py": vectors,
    }


if __name__ == "__main__":
    sys.exit(generator.main(__file__, __doc__, generate))
