"""The runner judges: what a script says falsely is a failure of that command, with line and reason."""

import pytest

from wasmine.api.config import Config
from wasmine.script import config_for, run_script
from wasmine.text import TextError

MODULE = """(module $m
  (func (export "one") (result i32) (i32.const 1))
  (func (export "float") (result f32) (f32.const 0.1))
  (func (export "two") (result i32 i64) (i32.const -1) (i64.const 2))
  (func (export "vector") (result v128) (v128.const i32x4 1 2 3 4))
  (func (export "null") (result funcref) (ref.null func))
  (func (export "echo") (param externref) (result externref) (local.get 0))
  (func (export "nothing"))
  (func (export "trap") unreachable)
  (global (export "g") i32 (i32.const 5)))
"""


def failures(script: str) -> list[tuple[int, str]]:
    return [(failure.line, failure.reason) for failure in run_script(script).failures]


def reason(command: str) -> str:
    """Why a command on the module above fails."""
    found = failures(MODULE + command)
    assert len(found) == 1
    line, text = found[0]
    assert line == MODULE.count("\n") + 1
    return text


WRONG = {
    '(assert_return (invoke "one") (i32.const -2))': "expected (i32.const -2), got 1",
    '(assert_return (invoke "one"))': "expected 0 results, got 1",
    '(assert_return (invoke "nothing") (i32.const 0))': "expected 1 results, got 0",
    '(assert_return (invoke "one") (i64.const 1))': "expected (i64.const 1), got 1 of type i32",
    '(assert_return (invoke "float") (f32.const 0.2))': "expected (f32.const 0.2), got 0.1",
    '(assert_return (invoke "float") (f32.const nan:canonical))': "expected (f32.const nan:canonical)",
    '(assert_return (invoke "two") (i32.const -1) (i64.const 3))': "result 1: expected (i64.const 3), got 2",
    '(assert_return (invoke "vector") (v128.const i32x4 1 2 3 5))': "expected (v128.const i32x4 1 2 3 5)",
    '(assert_return (invoke "vector") (v128.const f32x4 nan:arithmetic 0 0 0))': "expected (v128.const f32x4",
    '(assert_return (invoke "null") (ref.func))': "expected (ref.func), got None",
    '(assert_return (invoke "echo" (ref.extern 1)) (ref.extern 2))': "expected (ref.extern 2)",
    '(assert_return (invoke "echo" (ref.extern 1)) (ref.null extern))': "expected (ref.null extern)",
    '(assert_return (invoke "one") (either (i32.const 2) (i32.const 3)))': (
        "expected (either (i32.const 2) (i32.const 3)), got 1"
    ),
    '(assert_return (get "g") (i32.const 6))': "expected (i32.const 6), got 5",
    '(assert_return (get "one") (i32.const 6))': "one is no global",
    '(assert_return (invoke "g"))': "g is no function",
    '(assert_return (invoke "missing"))': "missing",
    '(assert_return (invoke $other "one"))': "no module is called $other",
    '(assert_return (invoke "trap"))': "Trap: unreachable",
    '(invoke "trap")': "Trap: unreachable",
    '(assert_trap (invoke "one") "unreachable")': "expected Trap 'unreachable', got 1",
    '(assert_trap (invoke "trap") "integer overflow")': "got 'unreachable'",
    '(assert_exhaustion (invoke "one") "call stack exhausted")': "expected Trap 'call stack",
    '(assert_exception (invoke "one"))': "expected WasmException '', got 1",
    '(assert_exception (invoke "trap"))': "expected WasmException '', got Trap",
    '(assert_invalid (module) "type mismatch")': "expected InvalidError 'type mismatch', got <Module",
    '(assert_invalid (module (func (result i32))) "unknown local")': "got 'type mismatch",
    '(assert_invalid (module quote "(func") "type mismatch")': "got TextError",
    '(assert_malformed (module (func (result i32))) "type mismatch")': "got InvalidError",
    '(assert_malformed (module quote "") "unexpected token")': "expected MalformedError 'unexpected token'",
    '(assert_unlinkable (module) "unknown import")': "expected LinkError 'unknown import', got",
    '(assert_unlinkable (module (import "a" "b" (func))) "incompatible import type")': "got 'unknown import",
    '(module (import "a" "b" (func)))': "LinkError: unknown import",
    '(module (func (result i32)))': "InvalidError: type mismatch",
    '(module quote "(func")': "TextError: unexpected token",
    '(module instance $a $b)': "no module is defined as $b",
    '(module instance)': "no module is defined",
    '(register "x" $y)': "no module is called $y",
    "(wait $t)": "no thread is called $t",
    '(thread $t (assert_return (i32.const 1)))': None,
    '(thread $t (shared (module $x)))': "no module is called $x",
    '(thread $t (invoke "one"))': "in thread t, line",
}  # fmt: skip


@pytest.mark.parametrize("command", WRONG)
def test_failures(command: str) -> None:
    expected = WRONG[command]
    if command.startswith("(thread $t (assert_return"):
        with pytest.raises(TextError):
            run_script(command)
    else:
        assert (expected or "") in reason(command)


def test_what_a_script_says_more() -> None:
    script = """
    (module (table 1 funcref) (func (export "f") (call_indirect (i32.const 0))))
    (assert_trap (invoke "f") "uninitialized element 0")
    (assert_unlinkable (module (import "a" "b" (func))) "unknown import for a.b")
    (assert_invalid (module (func (drop (i32.add)))) "type mismatch: whatever another engine says")
    """
    assert failures(script) == []
    assert (
        "got 'type mismatch"
        in failures('(assert_invalid (module (func i32.add)) "type mismatch in f")')[0][1]
    )


def test_names_that_clash() -> None:
    """The last module of a name has it, and the last module at all needs none."""
    script = """
    (module $m (func (export "f") (result i32) (i32.const 1)))
    (register "m")
    (module $m (func (export "f") (result i32) (i32.const 2)))
    (assert_return (invoke $m "f") (i32.const 2))
    (module $other (import "m" "f" (func (result i32))) (export "f" (func 0)))
    (assert_return (invoke "f") (i32.const 1))
    (register "m" $m)
    (module (import "m" "f" (func (result i32))) (export "f" (func 0)))
    (assert_return (invoke "f") (i32.const 2))
    (module definition $d (func (export "f") (result i32) (i32.const 3)))
    (module definition $d (func (export "f") (result i32) (i32.const 4)))
    (module instance $d $d)
    (assert_return (invoke $d "f") (i32.const 4))
    (module $spectest (func (export "print")))
    (register "spectest" $spectest)
    (module (import "spectest" "print" (func)))
    """
    assert failures(script) == []


def test_a_failed_module_leaves_the_last_one() -> None:
    script = '(module (func (export "f"))) (module (func $g) (start $g) (func (result i32))) (invoke "f")'
    outcome = run_script(script)
    assert (outcome.passed, len(outcome.failures)) == (2, 1)


def test_only_some_lines() -> None:
    script = MODULE + '(assert_return (invoke "one"))\n(assert_return (invoke "one") (i32.const 1))\n'
    last = MODULE.count("\n") + 2
    outcome = run_script(script, lines=lambda line: line == last)
    assert (outcome.passed, outcome.failures) == (2, [])


def test_threads_that_nobody_waits_for_are_judged() -> None:
    found = failures('\n(thread $t (module (func (export "f"))) (assert_return (invoke "f") (i32.const 1)))')
    assert [line for line, _ in found] == [2]
    assert "in thread t, line 2" in found[0][1]


def test_scripts_of_the_threads_proposal() -> None:
    disabled = config_for("suite/proposals/threads/memory.wast").disable
    assert "multi-memory" in disabled
    assert not config_for("suite/memory.wast").disable
    assert not config_for(None).disable
    config = config_for("proposals/threads/x.wast", Config(tier="interp", fuel=True))
    assert (config.tier, config.fuel, config.disable) == ("interp", True, disabled)


def test_a_script_that_is_malformed() -> None:
    with pytest.raises(TextError) as error:
        run_script("(module)\n  (assert_return (invoke))", "name.wast")
    assert (error.value.line, error.value.filename) == (2, "name.wast")
