"""Backtraces: frames as objects and as traceback entries."""

import pickle
import traceback

import pytest

import wasmine

NAMED = """
(module
  (func $inner (param i32) (result i32) (i32.div_u (i32.const 1) (local.get 0)))
  (func $middle (param i32) (result i32) (i32.add (call $inner (local.get 0)) (i32.const 1)))
  (func (export "outer") (param i32) (result i32) (call $middle (local.get 0)))
  (func $deep (param i32) (result i32)
    (if (result i32) (local.get 0)
      (then (call $deep (i32.sub (local.get 0) (i32.const 1))) (i32.const 1) (i32.add))
      (else (unreachable))))
  (func (export "deep") (param i32) (result i32) (call $deep (local.get 0))))
"""


def test_frames_innermost_first(load):
    with pytest.raises(wasmine.Trap) as caught:
        load(NAMED).exports.outer(0)
    trap = caught.value
    assert str(trap) == trap.message == "integer divide by zero"
    assert [frame.func_name for frame in trap.frames] == ["inner", "middle", "outer"]
    assert [frame.func_index for frame in trap.frames] == [0, 1, 2]


def test_offsets_point_at_the_instructions(load):
    import wasmtime

    code = bytes(wasmtime.wat2wasm(NAMED))
    with pytest.raises(wasmine.Trap) as caught:
        wasmine.load(code).exports.outer(0)
    inner, middle, outer = caught.value.frames
    assert code[inner.offset] == 0x6E
    assert code[middle.offset] == code[outer.offset] == 0x10


def test_frames_are_traceback_entries(load):
    with pytest.raises(wasmine.Trap) as caught:
        load(NAMED).exports.outer(0)
    entries = traceback.extract_tb(caught.value.__traceback__)[-3:]
    assert [entry.name for entry in entries] == ["outer", "middle", "inner"]
    assert entries[2].filename == f"<wasm offset {caught.value.frames[0].offset:#x}>"
    assert "in inner" in "".join(traceback.format_exception(caught.value))


def test_long_backtraces_are_cut(load):
    with pytest.raises(wasmine.Trap) as caught:
        load(NAMED).exports.deep(1000)
    frames = caught.value.frames
    assert len(frames) < 100
    assert str(frames[-1]) == f"... {1002 - (len(frames) - 1)} more"


def test_names_come_from_exports_where_there_is_no_name_section(load):
    with pytest.raises(wasmine.Trap) as caught:
        load(
            """(module (func (result i32) (unreachable))
               (func (export "run") (result i32) (i32.eqz (call 0))))"""
        ).exports.run()
    assert [frame.func_name for frame in caught.value.frames] == ["func[0]", "run"]


def test_calls_across_instances(instantiate):
    first = instantiate('(module (func $f (export "f") (unreachable)))')
    second = instantiate(
        '(module (import "a" "f" (func $g)) (func $run (export "run") (call $g) (nop)))',
        {"a.f": first.exports.f},
    )
    with pytest.raises(wasmine.Trap, match=r"^unreachable$") as caught:
        second.exports.run()
    assert [frame.func_name for frame in caught.value.frames] == ["f", "run"]


def test_host_exception_shows_the_wasm_frames_above_it(load):
    def fail():
        raise LookupError("no")

    exports = load(
        '(module (import "a" "h" (func $h)) (func $run (export "run") (call $h) (nop)))', {"a": {"h": fail}}
    ).exports
    with pytest.raises(LookupError) as caught:
        exports.run()
    assert [entry.name for entry in traceback.extract_tb(caught.value.__traceback__)][-2:] == ["run", "fail"]


def test_a_trap_can_be_pickled(load):
    with pytest.raises(wasmine.Trap) as caught:
        load(NAMED).exports.outer(0)
    copy = pickle.loads(pickle.dumps(caught.value))
    assert (copy.message, copy.code, copy.frames) == (
        caught.value.message,
        caught.value.code,
        caught.value.frames,
    )


def test_no_frames_of_an_earlier_trap(load, instantiate):
    with pytest.raises(wasmine.Trap):
        load(NAMED).exports.outer(0)
    with pytest.raises(wasmine.Trap) as caught:
        instantiate('(module (memory 0) (data (i32.const 1) "x"))')
    assert caught.value.frames == ()


def test_a_regular_end_has_no_wasm_frames(load):
    class End(Exception):
        ends_quietly = True

    def stop(which):
        raise End if which else SystemExit(3)

    exports = load(
        """(module (import "a" "h" (func $h (param i32)))
           (func $run (export "run") (param i32) (call $h (local.get 0)) (nop)))""",
        {"a": {"h": stop}},
    ).exports
    for which, error in ((0, SystemExit), (1, End)):
        with pytest.raises(error) as caught:
            exports.run(which)
        names = [entry.name for entry in traceback.extract_tb(caught.value.__traceback__)]
        assert names[-1] == "stop"
        assert "run" not in names
