"""The direction of imports: the table of docs/architecture.md is read, and what is against it is found."""

import ast
import runpy
from pathlib import Path
from types import SimpleNamespace

import pytest

TOOL = SimpleNamespace(**runpy.run_path(str(Path(__file__).parents[3] / "tools/check_imports.py")))
TABLE = """
| room | what lives there | may import |
| --- | --- | --- |
| `spec/` | what `wasm` is | nothing above it |
| `ir/` | the register IR | `spec`, and `runtime/vm.pxd` |
| `api/` | the objects | `spec`, `ir`, `wasi` (in functions) |
"""
MAY = {
    "spec": {},
    "ir": {"spec": False, "runtime.vm": False},
    "api": {"spec": False, "ir": False, "wasi": True},
}


def test_the_table_is_read() -> None:
    assert TOOL.rooms(TABLE) == MAY


def test_the_checkout_holds_to_its_table(capsys: pytest.CaptureFixture[str]) -> None:
    assert TOOL.main() == 0, capsys.readouterr().out


@pytest.mark.parametrize(
    ("room", "code", "against"),
    [
        ("ir", "from wasmine.spec.types import TypeRegistry", []),
        ("ir", "import wasmine.ir.text", []),
        ("ir", "from cython.cimports.wasmine.runtime.vm import Slot", []),
        ("ir", "from cython.cimports.wasmine.runtime.store import Store", ["runtime.store"]),
        ("ir", "from cython.cimports.wasmine.runtime import vm, store", ["runtime"]),
        ("spec", "import wasmine", ["wasmine"]),
        ("spec", "import wasmine.ir.text", ["ir.text"]),
        ("spec", "from wasmine import load", ["load"]),
        ("spec", "def late():\n    from wasmine.ir import text", ["ir"]),
        ("spec", "try:\n    import wasmine.api\nexcept ImportError:\n    pass", ["api"]),
        ("api", "from wasmine.wasi import run", ["wasi"]),
        ("api", "def late():\n    if True:\n        from wasmine.wasi import run", []),
        ("api", "if TYPE_CHECKING:\n    from wasmine.wasi import run", []),
        ("api", "import re, os.path", []),
    ],
)
def test_python(room: str, code: str, against: list[str]) -> None:
    found = TOOL.imports_of_python(ast.parse(code))
    assert [one.module for one in found if not TOOL.is_allowed(room, one, MAY[room])] == against


@pytest.mark.parametrize(
    ("code", "lines"),
    [
        ("from wasmine.runtime.store cimport Store", [(1, "runtime.store")]),
        ("\n\nfrom wasmine.runtime.vm cimport (\n    VMContext,\n    Slot,\n)", [(3, "runtime.vm")]),
        ("cimport wasmine.runtime.vm", [(1, "runtime.vm")]),
        ("from wasmine cimport ir, spec", [(1, "ir"), (1, "spec")]),
        ("from libc.stdint cimport uint64_t", []),
    ],
)
def test_declarations(code: str, lines: list[tuple[int, str]]) -> None:
    found = [
        (one.line, one.module) for one in TOOL.imports_of_pxd(code) if "." in one.module or one.module in MAY
    ]
    assert found == lines


@pytest.mark.parametrize(
    ("file", "imported", "against"),
    [
        ("jit.compile", "jit.x64.emit", True),
        ("jit.compile", "jit.arm64", True),
        ("jit.backend.moves", "jit.arm64.ops", True),
        ("jit.arm64.emit", "jit.x64.emit", True),
        ("jit.arm64.emit", "jit.arm64.encode", False),
        ("jit.host", "jit.x64.target", False),
        ("jit.compile", "jit.backend.target", False),
    ],
)
def test_who_names_a_machine(file: str, imported: str, against: bool) -> None:
    assert TOOL.is_behind_seam(file, TOOL.Import(1, imported, False)) == against
