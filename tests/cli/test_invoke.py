"""`wasmine run --invoke`: arguments in, results out."""

from typing import Any

import pytest

MODULE = """
(module
  (func (export "add") (param i32 i32) (result i32) (i32.add (local.get 0) (local.get 1)))
  (func (export "i64") (param i64) (result i64) (local.get 0))
  (func (export "f32") (param f32) (result f32) (local.get 0))
  (func (export "f64") (param f64) (result f64) (local.get 0))
  (func (export "v128") (param v128) (result v128) (local.get 0))
  (func (export "externref") (param externref) (result externref) (local.get 0))
  (func (export "funcref") (param funcref) (result funcref) (local.get 0))
  (func (export "none"))
  (func (export "many") (result i32 f64 i64) (i32.const -1) (f64.const 0.5) (i64.const 7))
  (func $deep (export "trap") (param i32) (result i32) (i32.div_s (i32.const 1) (local.get 0)))
  (func (export "--odd name") (result i32) (i32.const 1))
  (memory (export "memory") 1))
"""


@pytest.fixture
def module(wasm: Any) -> Any:
    return wasm(MODULE)


@pytest.mark.parametrize(
    ("name", "given", "printed"),
    [
        ("add", ["2", "40"], "42"),
        ("add", ["-5", "3"], "-2"),
        ("add", ["4294967295", "0"], "-1"),
        ("add", ["0x10", "-0x1"], "15"),
        ("add", ["2147483647", "1"], "-2147483648"),
        ("i64", ["-9223372036854775808"], "-9223372036854775808"),
        ("i64", ["18446744073709551615"], "-1"),
        ("f64", ["0.1"], "0.1"),
        ("f64", ["1e300"], "1e+300"),
        ("f64", ["-0.0"], "-0.0"),
        ("f64", ["-inf"], "-inf"),
        ("f64", ["nan"], "nan"),
        ("f64", ["3"], "3.0"),
        ("f64", ["0x1.8p1"], "3.0"),
        ("f32", ["0.1"], "0.1"),
        ("f32", ["16777216"], "16777216.0"),
        ("f32", ["3.4028235e38"], "3.4028235e+38"),
        ("f32", ["1e-45"], "1e-45"),
        ("f32", ["-0"], "-0.0"),
        ("f32", ["inf"], "inf"),
        ("f32", ["nan"], "nan"),
        ("v128", ["0x0123"], "0x00000000000000000000000000000123"),
        ("v128", ["-1"], "0x" + "f" * 32),
        ("externref", ["text"], "text"),
        ("externref", ["null"], "null"),
        ("funcref", ["null"], "null"),
        ("many", [], "-1\n0.5\n7"),
        ("--odd name", [], "1"),
    ],
)
def test_values(run: Any, module: str, name: str, given: list[str], printed: str) -> None:
    assert run("run", "--invoke", name, module, *given) == (0, printed + "\n", "")


def test_no_result_prints_nothing(run: Any, module: str) -> None:
    assert run("run", "--invoke", "none", module) == (0, "", "")


@pytest.mark.parametrize(
    "order",
    [
        ["run", "--invoke", "add", "FILE", "-2", "3"],
        ["run", "--invoke=add", "FILE", "-2", "3"],
        ["run", "FILE", "--invoke", "add", "-2", "3"],
        ["FILE", "--invoke", "add", "-2", "3"],
        ["--invoke", "add", "FILE", "-2", "3"],
        ["run", "--invoke", "add", "FILE", "--", "-2", "3"],
        ["run", "--invoke", "add", "--", "FILE", "-2", "3"],
        ["run", "FILE", "--timeout", "60", "--invoke", "add", "-2", "3"],
    ],
)
def test_where_options_may_be(run: Any, module: str, order: list[str]) -> None:
    assert run(*[module if word == "FILE" else word for word in order]) == (0, "1\n", "")


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["add", "1"], "add takes 2 arguments, not 1; its type is (i32, i32) -> i32"),
        (["add", "1", "2", "3"], "add takes 2 arguments, not 3"),
        (["i64"], "i64 takes 1 argument, not 0"),
        (["add", "1", "x"], "argument 2 of add: 'x' is no i32"),
        (["add", "1", "1.5"], "argument 2 of add: '1.5' is no i32"),
        (["add", "4294967296", "1"], "argument 1 of add: 4294967296 is out of range for i32"),
        (["f32", "wide"], "'wide' is no f32"),
        (["f64", "0xzz"], "'0xzz' is no f64"),
        (["funcref", "x"], "only null can be given"),
        (["sub", "1"], "no exported function sub; exported functions: add, i64, f32"),
        (["memory"], "no exported function memory"),
    ],
)
def test_wrong_usage(run: Any, module: str, words: list[str], said: str) -> None:
    name, *given = words
    code, out, err = run("run", "--invoke", name, module, *given)
    assert (code, out) == (2, "")
    assert said in err.splitlines()[0]
    assert err.startswith("wasmine: error: ")


def test_a_trap(run: Any, module: str) -> None:
    code, out, err = run("run", "--invoke", "trap", module, "0")
    assert (code, out) == (134, "")
    first, second = err.splitlines()
    assert first == "wasmine: trap: integer divide by zero"
    assert second.strip().startswith(("deep at offset 0x", "trap at offset 0x"))


def test_an_endless_recursion_is_a_trap(run: Any, wasm: Any) -> None:
    code, _, err = run("--invoke", "f", wasm('(module (func $f (export "f") (call $f)))'))
    assert code == 134
    assert "call stack exhausted" in err.splitlines()[0]
    assert len(err.splitlines()) < 100


def test_names_cannot_drive_the_terminal(run: Any, wasm: Any) -> None:
    source = '(module (func (export "\\1b[2J") unreachable))'
    for code, _, err in (run(wasm(source)), run("--invoke", "\x1b[2J", wasm(source))):
        assert code in (2, 134)
        assert "\x1b" not in err
        assert "\\x1b[2J" in err
