"""Holds the rooms of `src/wasmine` to the table in docs/architecture.md, which says what each may import.

The table's last column names rooms or single modules in backticks; "(in functions)" behind one means that
only a call that needs it, or the type checker, may import it. A machine of the JIT is named by its own files
and by the one that chooses. Reads imports and cimports of `.py` and `.pxd`
files. Exits 1 with a line for each one that the table does not allow, and for each room that it does not
have.
"""

import ast
import re
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).resolve().parent.parent
PACKAGE = ROOT / "src" / "wasmine"
TABLE = ROOT / "docs" / "architecture.md"

ROW = re.compile(r"^\| `(\w+)/` \|.*\|([^|]*)\|$", re.MULTILINE)
ALLOWED = re.compile(r"`([\w./]+)`( \(in functions\))?")
# The machines that the compiler knows, and who names them.
MACHINES = ("jit.x64", "jit.arm64")
CHOOSES = "jit.host"

CIMPORT = re.compile(r"^ *(?:from ([\w.]+) c?import ([\w, ]+|\()|c?import ([\w.]+))", re.MULTILINE)


class Import(NamedTuple):
    """`module` is a path below wasmine, such as "runtime.vm"; `lazy` when no import of the file runs it."""

    line: int
    module: str
    lazy: bool


def rooms(text: str) -> dict[str, dict[str, bool]]:
    """What each room may import, and whether only in functions."""
    return {
        room: {
            name.removesuffix(".pxd").replace("/", "."): bool(lazy) for name, lazy in ALLOWED.findall(allowed)
        }
        for room, allowed in ROW.findall(text)
    }


def below_wasmine(module: str, names: list[str]) -> Iterator[str]:
    """The paths below wasmine that `from module import names` reaches."""
    module = module.removeprefix("cython.cimports.")
    if module == "wasmine":
        yield from names
    elif module.startswith("wasmine."):
        yield module.removeprefix("wasmine.")


def imports_of_python(tree: ast.AST, lazy: bool = False) -> Iterator[Import]:
    """The imports of a module, those in functions included. (Statements only: the tree is not hostile.)"""
    for node in ast.iter_child_nodes(tree):
        if isinstance(node, ast.Import):
            for alias in node.names:
                for module in below_wasmine(alias.name, ["wasmine"]):
                    yield Import(node.lineno, module, lazy)
        elif isinstance(node, ast.ImportFrom):
            for module in below_wasmine(node.module or "", [alias.name for alias in node.names]):
                yield Import(node.lineno, module, lazy)
        elif not isinstance(node, ast.expr):
            yield from imports_of_python(node, lazy or is_lazy(node))


def is_lazy(node: ast.AST) -> bool:
    """Whether an import of the file does not run what is in here."""
    if isinstance(node, ast.If):
        return isinstance(node.test, ast.Name) and node.test.id == "TYPE_CHECKING"
    return isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)


def imports_of_pxd(text: str) -> Iterator[Import]:
    """The cimports of a `.pxd`."""
    for match in CIMPORT.finditer(text):
        line = text.count("\n", 0, match.end()) + 1
        module, names = match[1] or match[3], [name.strip() for name in (match[2] or "").split(",")]
        for path in below_wasmine(module, names):
            yield Import(line, path, False)


def is_allowed(room: str, found: Import, may: dict[str, bool]) -> bool:
    """Whether the room's row of the table allows the import."""
    if found.module.split(".")[0] == room or found.module.startswith("_"):
        return True
    return any(
        (found.module == name or found.module.startswith(f"{name}."))
        and (found.lazy or not only_in_functions)
        for name, only_in_functions in may.items()
    )


def is_behind_seam(file: str, found: Import) -> bool:
    """Whether a module, a path below wasmine, imports a machine of the JIT that is not its own."""
    return file != CHOOSES and any(
        f"{found.module}.".startswith(f"{machine}.") and not file.startswith(f"{machine}.")
        for machine in MACHINES
    )


def main() -> int:
    table = rooms(TABLE.read_text(encoding="utf-8"))
    there = {path.parent.name for path in PACKAGE.glob("*/__init__.py")}
    wrong = [f"{TABLE.name} and src/wasmine differ: {room}/" for room in sorted(there ^ set(table))]
    for path in sorted(PACKAGE.rglob("*.p*")):
        room = path.relative_to(PACKAGE).parts[0]
        if room not in table or path.suffix not in (".py", ".pxd"):
            continue
        text = path.read_text(encoding="utf-8")
        found = imports_of_python(ast.parse(text)) if path.suffix == ".py" else imports_of_pxd(text)
        file = ".".join(path.relative_to(PACKAGE).with_suffix("").parts)
        wrong += [
            f"{path.relative_to(ROOT)}:{one.line}: {room} may not import {one.module}"
            for one in found
            if not is_allowed(room, one, table[room]) or is_behind_seam(file, one)
        ]
    print("\n".join(wrong), end="\n" if wrong else "")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
