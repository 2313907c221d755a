"""Holds the rooms of `src/wasmine` to the direction of imports that docs/architecture.md states.

Reads imports and cimports of `.py` and `.pxd` files, whether at the top or inside a function. Exits 1 with a
line for each one that points the wrong way.
"""

import re
import sys
from collections.abc import Iterator
from pathlib import Path

PACKAGE = Path(__file__).resolve().parent.parent / "src" / "wasmine"

# What each room may import; everyone may import itself.
MAY_IMPORT: dict[str, set[str]] = {
    "spec": set(),
    "binary": {"spec"},
    "text": {"spec", "binary"},
    "validate": {"spec", "binary"},
    "ir": {"spec", "binary", "runtime.vm"},
    "runtime": {"spec", "binary", "ir", "jit.stubs", "jit.codespace"},
    "interp": {"spec", "ir", "runtime"},
    "jit": {"spec", "ir", "runtime"},
    # wasi: by the calls that ask for WASI, when they are made.
    "api": {"spec", "binary", "text", "validate", "ir", "runtime", "interp", "jit", "wasi"},
    "wasi": {"api", "spec", "wasmine"},
    "cli": {"api", "wasi", "text", "spec", "binary", "ir", "wasmine"},
}

IMPORT = re.compile(
    r"^\s*(?:from\s+(?:cython\.cimports\.)?wasmine(?:\.([\w.]+))?\s+c?import\s+([\w, ]+|\()"
    r"|c?import\s+wasmine(?:\.([\w.]+))?)",
    re.MULTILINE,
)


def imported_rooms(text: str) -> Iterator[tuple[int, str]]:
    """Line number and imported module path below wasmine, for each import."""
    for match in IMPORT.finditer(text):
        line = text.count("\n", 0, match.start(0)) + 1
        module = match.group(1) or match.group(3) or ""
        if module:
            yield line, module
            continue
        for name in (match.group(2) or "").replace("(", "").split(","):
            yield line, name.strip().split(" ")[0] or "wasmine"


def allowed(room: str, module: str) -> bool:
    target = module.split(".")[0]
    if target == room or target.startswith("_"):
        return True
    if target not in MAY_IMPORT:
        return "wasmine" in MAY_IMPORT[room]
    return any(module == name or module.startswith(f"{name}.") for name in MAY_IMPORT[room])


def main() -> int:
    wrong = 0
    for path in sorted(PACKAGE.rglob("*.p*")):
        room = path.relative_to(PACKAGE).parts[0]
        if room not in MAY_IMPORT or path.suffix not in (".py", ".pxd"):
            continue
        for line, module in imported_rooms(path.read_text(encoding="utf-8")):
            if not allowed(room, module):
                print(f"{path.relative_to(PACKAGE.parent)}:{line}: {room} may not import {module}")
                wrong += 1
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
