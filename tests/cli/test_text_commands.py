"""wat, print and wast."""

from pathlib import Path

import pytest

from wasmine.cli import main

ADD = """(module $m (func $add (export "add") (param $x i32) (result i32)
  (i32.add (local.get $x) (i32.const 2))))"""


def test_text_to_binary_and_back(tmp_path: Path, capfdbinary: pytest.CaptureFixture[bytes]) -> None:
    source = tmp_path / "add.wat"
    source.write_text(ADD)
    assert main(["wat", str(source)]) == 0
    binary = (tmp_path / "add.wasm").read_bytes()
    assert binary.startswith(b"\0asm\1\0\0\0")
    assert main(["print", "--fold", str(tmp_path / "add.wasm"), "-o", str(tmp_path / "again.wat")]) == 0
    again = (tmp_path / "again.wat").read_text()
    assert "(i32.add (local.get $x) (i32.const 2))" in again
    assert main(["wat", str(tmp_path / "again.wat"), "-o", "-"]) == 0
    assert capfdbinary.readouterr().out == binary


def test_print_is_also_called_wasm(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    source = tmp_path / "add.wat"
    source.write_text(ADD)
    assert main(["wasm", str(source)]) == 0
    assert "i32.add" in capfd.readouterr().out


def test_without_names(tmp_path: Path) -> None:
    source = tmp_path / "add.wat"
    source.write_text(ADD)
    assert main(["wat", "--no-names", str(source)]) == 0
    assert b"name" not in (tmp_path / "add.wasm").read_bytes()


def test_a_mistake_is_shown_in_its_line(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    source = tmp_path / "bad.wat"
    source.write_text("(module\n  (func (i32.addd)))\n")
    assert main(["wat", str(source)]) == 1
    error = capfd.readouterr().err.splitlines()
    assert error[0].startswith("wasmine: error: ")
    assert f"{source}:2:10" in "".join(error)
    assert error[-2].endswith("(func (i32.addd)))")
    assert error[-1].rstrip().endswith("^")


def test_an_invalid_module_is_translated_only_when_asked(tmp_path: Path) -> None:
    source = tmp_path / "invalid.wat"
    source.write_text("(module (func (i32.add)))")
    assert main(["wat", str(source)]) == 1
    assert not (tmp_path / "invalid.wasm").exists()
    assert main(["wat", "--no-validate", str(source)]) == 0
    assert (tmp_path / "invalid.wasm").exists()


SCRIPT = """(module (func (export "f") (result i32) (i32.const 1)))
(assert_return (invoke "f") (i32.const 1))
(assert_return (invoke "f") (i32.const 2))
(assert_trap (invoke "f") "unreachable")
"""


def test_scripts(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    script = tmp_path / "script.wast"
    script.write_text(SCRIPT)
    assert main(["wast", str(script)]) == 1
    lines = capfd.readouterr().out.splitlines()
    assert [line.split(": ")[0] for line in lines[:-1]] == [f"{script}:3", f"{script}:4"]
    assert lines[-1] == "2 passed, 2 failed"
    assert main(["wast", "--line", "2", str(script)]) == 0
    assert capfd.readouterr().out == "2 passed, 0 failed\n"


def test_a_script_that_cannot_be_read_fails(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    script = tmp_path / "broken.wast"
    script.write_text("(module)\n(assert_return")
    assert main(["wast", str(script), str(tmp_path / "missing.wast")]) == 1
    assert capfd.readouterr().out.splitlines()[-1] == "0 passed, 2 failed"


@pytest.mark.parametrize(
    "arguments", [["wat"], ["print", "a", "b"], ["wast"], ["wast", "--tier", "fast", "x"]]
)
def test_wrong_usage(arguments: list[str]) -> None:
    assert main(arguments) == 2
