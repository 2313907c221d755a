"""The commands beside `run`, and what all have in common."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

import wasmine
from wasmine.cli.dispatch import COMMANDS
from wasmine.spec.features import FEATURES
from wasmine.spec.opcodes import OPS

MODULE = """
(module $named
  (import "env" "log" (func (param i32)))
  (import "env" "table" (table 1 funcref))
  (func (export "add") (param i32 i32) (result i32) (i32.const 0))
  (memory (export "memory") 1 2)
  (global (export "g") (mut i64) (i64.const 0)))
"""


def test_inspect(run: Any, wasm: Any) -> None:
    path = wasm(MODULE)
    code, out, err = run("inspect", path)
    assert (code, err) == (0, "")
    for expected in (
        "(named)",
        "env.log",
        "(i32) -> ()",
        "add",
        "(i32, i32) -> i32",
        "memory",
        "global",
        "code",
    ):
        assert expected in out


def test_inspect_as_json(run: Any, wasm: Any) -> None:
    path = wasm(MODULE)
    data = Path(path).read_bytes()
    for order in (["--json", path], [path, "--json"]):
        found = json.loads(run("inspect", *order).out)
    assert (found["file"], found["name"], found["size"]) == (path, "named", len(data))
    assert [(i["module"], i["name"], i["kind"]) for i in found["imports"]] == [
        ("env", "log", "func"),
        ("env", "table", "table"),
    ]
    assert [(e["name"], e["kind"]) for e in found["exports"]] == [
        ("add", "func"),
        ("memory", "memory"),
        ("g", "global"),
    ]
    names = [section["name"] for section in found["sections"]]
    assert names == ["type", "import", "function", "memory", "global", "export", "code", "name"]
    last = found["sections"][-1]
    assert last["custom"]
    assert last["offset"] + last["size"] == len(data)


def test_inspect_takes_one_file(run: Any, wasm: Any) -> None:
    assert run("inspect").code == 2
    assert run("inspect", wasm(MODULE), "x").code == 2
    assert run("inspect", "none").code == 1
    assert run("inspect", "--yaml", "x").code == 2


def test_validate(run: Any, wasm: Any, tmp_path: Path) -> None:
    good = wasm(MODULE)
    bad = tmp_path / "bad.wasm"
    bad.write_bytes(b"junk")
    assert run("validate", good) == (0, f"{good}: valid\n", "")
    code, out, err = run("validate", good, bad, "none", good)
    assert code == 1
    assert out == f"{good}: valid\n" * 2
    first, second = err.splitlines()
    assert first.startswith(f"wasmine: error: {bad}: magic header not detected")
    assert second == "wasmine: error: none: No such file or directory"
    assert run("validate").code == 2


def test_features(run: Any) -> None:
    code, out, err = run("features")
    assert (code, err) == (0, "")
    assert [line.split()[0] for line in out.splitlines()] == list(FEATURES)
    rows = json.loads(run("features", "--json").out)
    assert [row["name"] for row in rows] == list(FEATURES)
    assert sum(row["instructions"] for row in rows) == len(OPS)
    assert run("features", "x").code == 2


def test_version(run: Any) -> None:
    for option in ("--version", "-V"):
        assert run(option) == (0, f"wasmine {wasmine.__version__}\n", "")


def test_help(run: Any) -> None:
    for option in ("--help", "-h", "help"):
        code, out, err = run(option)
        assert (code, err) == (0, "")
        assert all(command in out for command in COMMANDS)
    code, out, err = run()
    assert (code, out) == (2, "")
    assert "usage: wasmine" in err


@pytest.mark.parametrize("command", COMMANDS)
def test_help_of_commands(run: Any, command: str) -> None:
    for option in ("--help", "-h"):
        code, out, err = run(command, option)
        assert (code, err) == (0, "")
        assert f"usage: wasmine {command}" in out


def test_a_small_run_imports_nothing_large(wasm: Any) -> None:
    path = wasm('(module (func (export "f") (result i32) (i32.const 1)))')
    script = (
        "import sys; from wasmine.cli import main;"
        f"before = set(sys.modules); main(['--invoke', 'f', {path!r}]);"
        "print(*(set(sys.modules) - before))"
    )
    command = [sys.executable, "-S", "-c", f"import sys; sys.path[:0] = {sys.path!r}; {script}"]
    loaded = subprocess.run(command, capture_output=True, text=True, check=True).stdout.split()
    assert loaded[0] == "1"
    assert not {"argparse", "dataclasses", "inspect", "json", "pathlib", "re", "typing"} & set(loaded)
    assert not [name for name in loaded if name.startswith(("wasmine.wasi", "wasmine.text"))]


AS_COMMAND = "from wasmine.cli import command; command()"
AS_MODULE = "import runpy; runpy.run_module('wasmine', run_name='__main__')"


def end_of_process(start: str, arguments: list[str], stdout: Any = subprocess.PIPE) -> tuple[int, Any, Any]:
    """Run the command line in a process of its own."""
    script = f"import sys; sys.path[:0] = {sys.path!r}; {start}"
    command = [sys.executable, "-c", script, *arguments]
    done = subprocess.run(command, stdout=stdout, stderr=subprocess.PIPE, text=True, check=False)
    return done.returncode, done.stdout, done.stderr


@pytest.mark.parametrize("start", [AS_COMMAND, AS_MODULE])
def test_a_process_ends_with_all_said(wasm: Any, start: str) -> None:
    path = wasm('(module (func (export "f") (result i32) (i32.const 7)) (func (export "g") unreachable))')
    assert end_of_process(start, ["--invoke", "f", path]) == (0, "7\n", "")
    code, out, err = end_of_process(start, ["--invoke", "g", path])
    assert (code, out) == (134, "")
    assert "unreachable" in err
    assert end_of_process(start, ["--no-such-option"])[0] == 2


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="no /dev/full on this system")
@pytest.mark.parametrize("start", [AS_COMMAND, AS_MODULE])
def test_output_that_goes_nowhere_is_an_error(wasm: Any, start: str) -> None:
    path = wasm('(module (func (export "f") (result i32) (i32.const 7)))')
    with Path("/dev/full").open("w") as full:
        end = end_of_process(start, ["--invoke", "f", path], full)
    assert end == (1, None, "wasmine: error: standard output: No space left on device\n")


@pytest.mark.parametrize("start", [AS_COMMAND, AS_MODULE])
def test_output_may_be_closed(wasm: Any, start: str) -> None:
    path = wasm('(module (func (export "f") (result i32) (i32.const 7)))')
    closing = f"import os; os.close(1); os.close(2); sys.stdout = sys.stderr = None; {start}"
    assert end_of_process(closing, ["--invoke", "f", path])[0] == 0
