"""The compiled modules: all are in one extension, their types are declared, and the dispatch loop is the C it should be."""

import ast
import re
import tomllib
from importlib.machinery import EXTENSION_SUFFIXES
from pathlib import Path

import pytest

from wasmine._compiled import COMPILED, symbol

ROOT = Path(__file__).parents[3]
SOURCES = ROOT / "src" / "wasmine"
CORE = SOURCES / f"_core{EXTENSION_SUFFIXES[0]}"
LOOP = ROOT / "build/cython/src/wasmine/interp/loop.c"


def source(module: str, suffix: str) -> Path:
    return (SOURCES.parent / module.replace(".", "/")).with_suffix(suffix)


def test_the_extension_holds_the_listed_modules_and_no_other() -> None:
    held = set(re.findall(rb"(?<=\0)PyInit_\w+(?=\0)", CORE.read_bytes()))
    assert held == {f"PyInit_{symbol(module)}".encode() for module in COMPILED}, "make clean build"
    assert len(held) == len(COMPILED)


def test_there_is_no_other_extension() -> None:
    found = {path for suffix in EXTENSION_SUFFIXES for path in SOURCES.rglob(f"*{suffix}")}
    assert found == {CORE}


def test_mypy_looks_at_plain_modules_and_at_no_other() -> None:
    overrides = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["mypy"]["overrides"]
    ignored, checked = (
        [name for part in overrides if part.get("ignore_errors") is value for name in part["module"]]
        for value in (True, False)
    )
    rooms = tuple(name.removesuffix("*") for name in ignored if name.endswith("*"))
    modules = {
        ".".join(path.relative_to(SOURCES.parent).with_suffix("").parts)
        for path in SOURCES.rglob("*.py")
        if path.name != "__init__.py"
    }
    plain = modules - set(COMPILED)
    assert sorted(checked) == sorted(module for module in plain if module.startswith(rooms))
    without = {module for module in COMPILED if not source(module, ".pyi").exists()}
    assert {name for name in without if not name.startswith(rooms)} <= set(ignored)
    assert plain.isdisjoint(ignored)


def names_imported(path: Path) -> set[str]:
    """The modules whose names a plain file uses."""
    return {
        node.module
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.ImportFrom) and node.module
    }


def test_what_plain_python_uses_of_compiled_modules_has_a_pyi() -> None:
    compiled = {source(module, ".py") for module in COMPILED}
    plain = [path for path in SOURCES.rglob("*.py") if path not in compiled]
    plain += [path for room in ("tests", "tools", "bench", "programs") for path in (ROOT / room).rglob("*.py")]
    without = {module for module in COMPILED if not source(module, ".pyi").exists()}
    assert {str(path): missing for path in plain if (missing := names_imported(path) & without)} == {}


@pytest.fixture(scope="module")
def run_function() -> str:
    if not LOOP.exists():
        pytest.skip("the C of the dispatch loop is not there: this is no checkout that was built in place")
    text = LOOP.read_text(encoding="utf-8")
    start = re.search(r"^static \w+ __pyx_f_\w+loop_run\([^;]*?\) \{$", text, re.MULTILINE)
    assert start
    return text[start.start() : text.index("\n}", start.start())]


def test_the_dispatch_loop_is_one_switch(run_function: str) -> None:
    from wasmine.ir.ops import OPS

    assert run_function.count("switch (") == 1
    with_arm = [op for op in OPS if op.arm]
    assert len(re.findall(r"^ *case \w+:", run_function, re.MULTILINE)) >= len(with_arm)


def test_the_dispatch_loop_touches_no_python(run_function: str) -> None:
    code = re.sub(r"/\*.*?\*/", "", run_function, flags=re.DOTALL)
    assert set(re.findall(r"\b(?:__Pyx_|Py[A-Z]?)\w+", code)) == set()
