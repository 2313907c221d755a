"""Writes `jit/backend/pseudo.pxd`, the numbers of the pseudo instructions that all machines have.

`python tools/gen_pseudo.py` writes it; with `--check` it only says whether it is stale, and exits 1 if it is.
"""

import runpy
import sys
from pathlib import Path

import generator

ROOM = generator.PACKAGE / "jit" / "backend"


def generate() -> dict[Path, str]:
    """The generated file and what it must hold."""
    table: tuple[str, ...] = runpy.run_path(str(ROOM / "pseudo.py"))["PSEUDO"]
    members = [(f"P_{name.upper()}", str(number)) for number, name in enumerate(table, 1)]
    return {ROOM / "pseudo.pxd": generator.enum(__file__, "pseudo.py", members)}


if __name__ == "__main__":
    sys.exit(generator.main(__file__, __doc__, generate))
