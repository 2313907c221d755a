"""What `import wasmine` gives, and what it costs."""

import ast
import importlib
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

import wasmine
from wasmine.text import parse_module

PACKAGE = Path(wasmine.__file__).parent


def run(code):
    result = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=False, timeout=60
    )
    assert result.returncode == 0, result.stderr
    return result.stdout


def test_every_public_name_is_there():
    for name in wasmine.__all__:
        assert getattr(wasmine, name) is not None
    assert set(wasmine.__all__) <= set(dir(wasmine))
    with pytest.raises(AttributeError, match="no attribute 'nothing'"):
        _ = wasmine.nothing


def test_type_checkers_see_the_same_names():
    tree = ast.parse(Path(wasmine.__file__).read_text())
    block = next(node for node in tree.body if isinstance(node, ast.If))
    seen = {
        alias.asname: node.module
        for node in block.body
        if isinstance(node, ast.ImportFrom)
        for alias in node.names
        if alias.asname == alias.name
    }
    assert seen == wasmine._HOMES


def test_import_loads_nothing_that_is_not_needed():
    before = set(run("import sys; print(*sys.modules)").split())
    after = set(run("import sys, wasmine; print(*sys.modules)").split())
    assert after - before <= {"wasmine", "wasmine._compiled", "__future__"}


SLOW = {"contextlib", "dataclasses", "enum", "functools", "inspect", "re", "struct", "typing", "weakref"}


def test_loading_and_calling_loads_no_slow_module():
    code = f"""import sys; before = set(sys.modules); import wasmine
wasmine.load({parse_module('(module (func (export "f")))')!r}).exports.f()
print(*set(sys.modules) - before)"""
    loaded = set(run(code).split())
    assert loaded & SLOW == set()
    assert loaded & {"wasmine.spec.opcodes", "wasmine.ir.text", "wasmine.text"} == set()


@pytest.mark.skipif("WASMINE_EMULATED" in os.environ, reason="an emulated processor takes ten times as long")
def test_import_takes_at_most_ten_milliseconds():
    # Processor time: other work on the machine does not count.
    code = "import time; t = time.process_time(); import wasmine; print(time.process_time() - t)"
    assert min(float(run(code)) for _ in range(10)) <= 0.010


def test_a_missing_extension_is_an_import_error(tmp_path):
    shutil.copytree(PACKAGE, tmp_path / "wasmine", ignore=shutil.ignore_patterns("*.so", "*.pyd"))
    code = f"import sys; sys.path.insert(0, {str(tmp_path)!r}); import wasmine"
    result = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=False, timeout=60
    )
    assert "ImportError: wasmine is here without its compiled modules: no _core in" in result.stderr
    assert "build_ext --inplace" in result.stderr


STUBS = sorted(path for path in PACKAGE.glob("api/*.pyi") if path.stem != "describe")


@pytest.mark.parametrize("stub", STUBS, ids=lambda path: path.stem)
def test_stubs_name_what_there_is_and_all_of_it_is_documented(stub):
    module = importlib.import_module(f"wasmine.api.{stub.stem}")
    for node in ast.parse(stub.read_text()).body:
        if isinstance(node, ast.FunctionDef):
            assert callable(getattr(module, node.name))
        if not isinstance(node, ast.ClassDef) or any(getattr(b, "id", "") == "Protocol" for b in node.bases):
            continue
        cls = getattr(module, node.name)
        named = {
            getattr(item, "name", None) or item.target.id
            for item in node.body
            if isinstance(item, (ast.FunctionDef, ast.AnnAssign))
        }
        public = {name for name in dir(cls) if not name.startswith("_")}
        assert {name for name in named if not name.startswith("_")} <= public
        inherited = {name for base in cls.__mro__[1:] for name in vars(base)}
        assert public - named <= inherited
        assert cls.__doc__
        for name in public & named:
            assert getattr(cls, name).__doc__ or f"\n        {name}: " in cls.__doc__, f"{node.name}.{name}"
