"""Calls from Python into Wasm and back: both ways in, nesting, exceptions, threads, stacks."""

import ctypes
import gc
import os
import random
import sys
import threading
import time
import traceback
import weakref

import pytest

import wasmine

CALLS = """
(module
  (import "a" "h" (func $h (param i32) (result i32)))
  (func (export "add") (param i32 i32) (result i32) (i32.add (local.get 0) (local.get 1)))
  (func (export "div") (param i32 i32) (result i32) (i32.div_s (local.get 0) (local.get 1)))
  (func $down (export "down") (param i32) (result i32)
    (if (result i32) (local.get 0)
      (then (i32.add (i32.const 1) (call $down (i32.sub (local.get 0) (i32.const 1)))))
      (else (i32.const 0))))
  (func (export "host") (param i32) (result i32) (call $h (local.get 0)))
  (func (export "twice") (param i32) (result i32)
    (i32.add (call $h (local.get 0)) (call $h (i32.add (local.get 0) (i32.const 1)))))
  (func $forever (export "forever") (result i32) (i32.add (i32.const 1) (call $forever)))
  (func (export "swap") (param i32 i64 f32 f64) (result f64 f32 i64 i32)
    (local.get 3) (local.get 2) (local.get 1) (local.get 0))
  (func (export "spin") (param i32) (result i32)
    (loop (br_if 0 (local.tee 0 (i32.sub (local.get 0) (i32.const 1))))) (local.get 0)))
"""


@pytest.fixture
def calls(load):
    """`calls(host)`: exports of CALLS with that host function."""
    return lambda host=lambda x: x, **limits: load(CALLS, {"a": {"h": host}}, **limits).exports


def test_first_and_later_calls_agree(calls):
    """The first call lowers and takes the long way; later ones of a small function take the short one."""
    exports = calls()
    assert [exports.add(2, 40) for _ in range(3)] == [42, 42, 42]
    assert [exports.swap(1, 2, 0.5, 4.25) for _ in range(3)] == [(4.25, 0.5, 2, 1)] * 3
    for _ in range(3):
        with pytest.raises(wasmine.Trap, match="integer divide by zero"):
            exports.div(1, 0)
        assert exports.div(-7, 2) == -3


def test_depth_of_recursion(calls):
    exports = calls()
    assert exports.down(20_000) == 20_000
    with pytest.raises(wasmine.StackExhausted, match=r"^call stack exhausted$"):
        exports.down(10_000_000)
    with pytest.raises(RecursionError):
        exports.forever()
    assert exports.down(20_000) == 20_000


def test_stack_limit(calls):
    small = calls(max_stack=16384)
    assert small.down(50) == 50
    with pytest.raises(wasmine.StackExhausted):
        small.down(20_000)
    large = calls(max_stack=256 << 20)
    assert large.down(1_000_000) == 1_000_000


def test_stack_exhaustion_does_not_depend_on_the_thread(calls):
    exports = calls()
    results = []

    def work():
        results.append(exports.down(20_000))
        with pytest.raises(wasmine.StackExhausted):
            exports.forever()
        results.append("trapped")

    size = threading.stack_size(256 * 1024)
    try:
        thread = threading.Thread(target=work)
        thread.start()
        thread.join()
    finally:
        threading.stack_size(size)
    assert results == [20_000, "trapped"]


def test_host_exception_arrives_unchanged(calls):
    error = KeyError("boom")

    def host(x):
        raise error

    exports = calls(host)
    for _ in range(2):
        with pytest.raises(KeyError) as caught:
            exports.host(1)
        assert caught.value is error
    names = [frame.name for frame in traceback.extract_tb(caught.value.__traceback__)]
    assert names[-2:] == ["host", "host"]
    assert exports.add(1, 2) == 3


@pytest.mark.parametrize("error", [KeyboardInterrupt, SystemExit, GeneratorExit])
def test_exceptions_that_are_no_errors_pass_too(calls, error):
    def host(x):
        raise error

    with pytest.raises(error):
        calls(host).host(1)


def test_nested_calls(calls):
    box = {}

    def host(x):
        return x if x <= 0 else 1 + box["exports"].host(x - 1)

    exports = box["exports"] = calls(host)
    assert exports.host(100) == 100


def test_frames_of_the_outer_activation_survive_inner_calls(calls):
    box = {}

    def host(x):
        assert box["exports"].add(x, 1) == x + 1
        with pytest.raises(wasmine.Trap):
            box["exports"].div(x, 0)
        assert box["exports"].down(500) == 500
        return x * 2

    exports = box["exports"] = calls(host)
    assert exports.twice(10) == 20 + 22


def test_trap_of_an_inner_call_passes_through_the_outer_one(calls):
    box = {}
    exports = box["exports"] = calls(lambda x: box["exports"].div(x, 0))
    with pytest.raises(wasmine.Trap, match="integer divide by zero") as caught:
        exports.host(3)
    assert [frame.func_name for frame in caught.value.frames] == ["div"]


def test_endless_nesting_ends(calls):
    box = {}

    def host(x):
        return box["exports"].host(x)

    exports = box["exports"] = calls(host)
    with pytest.raises(RecursionError):
        exports.host(1)
    assert exports.add(1, 2) == 3


def test_deep_python_recursion_in_a_host_function(calls):
    def host(x):
        def down(n):
            return 0 if n == 0 else 1 + down(n - 1)

        return down(800)

    assert calls(host).host(0) == 800


def test_host_functions_use_the_threads_stack(calls):
    """A host function may need more C stack than a Wasm stack has."""
    deep = "(" * 90 + "1" + ")" * 90
    assert calls(lambda x: eval(deep)).host(0) == 1


def test_wrong_results_of_host_functions(calls):
    for result, error in (("x", TypeError), (None, TypeError), (1.5, TypeError), (1 << 40, OverflowError)):
        with pytest.raises(error, match=r"must return i32"):
            calls(lambda x, result=result: result).host(1)


def test_host_functions_with_many_parameters_and_results(load):
    seen = []
    types = "i32 i64 f32 f64 " * 4
    gets = " ".join(f"(local.get {i})" for i in range(16))

    def host(*args):
        seen.append(args)
        return args[::-1]

    exports = load(
        f"""(module (import "a" "h" (func $h (param {types}) (result {" ".join(types.split()[::-1])})))
            (func (export "f") (param {types}) (result {" ".join(types.split()[::-1])}) (call $h {gets})))""",
        {"a": {"h": host}},
    ).exports
    args = tuple(float(i) if i % 4 > 1 else i for i in range(16))
    assert exports.f(*args) == args[::-1]
    assert seen == [args]


def test_wrong_number_of_results(load):
    text = """(module (import "a" "h" (func $h (result i32 i32)))
              (func (export "f") (result i32 i32) (call $h)))"""
    assert load(text, {"a": {"h": lambda: (1, 2)}}).exports.f() == (1, 2)
    assert load(text, {"a": {"h": lambda: [1, 2]}}).exports.f() == (1, 2)
    for result in ((1,), (1, 2, 3), 5, None):
        with pytest.raises(TypeError, match="must return a tuple of 2 values"):
            load(text, {"a": {"h": lambda result=result: result}}).exports.f()


def test_arguments_are_released(load):
    class Thing:
        pass

    box = [Thing()]
    ref = weakref.ref(box[0])
    instance = load(
        """(module (import "a" "h" (func $h (param externref)))
           (func (export "f") (param externref) (call $h (local.get 0))))""",
        {"a": {"h": lambda x: None}},
    )
    instance.exports.f(box[0])
    counts = sys.getrefcount(box[0])
    for _ in range(100):
        instance.exports.f(box[0])
    after = sys.getrefcount(box[0])
    assert after == counts
    instance.close()
    box.clear()
    assert ref() is None


def test_exported_import_is_called_directly(load):
    instance = load(
        """(module (import "a" "h" (func $h (param i32) (result i32))) (export "h" (func $h)))""",
        {"a": {"h": lambda x: x + 1}},
    )
    assert instance.exports.h(1) == 2


def test_cycles_through_host_functions_are_collected():
    from wasmtime import wat2wasm

    class Owner:
        def __init__(self):
            self.instance = wasmine.load(bytes(wat2wasm(CALLS)), {"a": {"h": self.host}})

        def host(self, x: int) -> int:
            return x + self.instance.exports.add(1, 1)

    owner = Owner()
    assert owner.instance.exports.host(1) == 3
    ref = weakref.ref(owner)
    del owner
    gc.collect()
    assert ref() is None


def test_one_store_in_two_threads_raises(calls):
    inside, leave = threading.Event(), threading.Event()

    def host(x):
        inside.set()
        assert leave.wait(10)
        return x

    exports = calls(host)
    thread = threading.Thread(target=exports.host, args=(1,))
    thread.start()
    assert inside.wait(10)
    try:
        for call in (lambda: exports.add(1, 2), lambda: exports.host(1)):
            with pytest.raises(wasmine.StoreBusy):
                call()
    finally:
        leave.set()
        thread.join()
    assert exports.add(1, 2) == 3


def test_close_while_running(load):
    box = {}

    def host(x):
        with pytest.raises(wasmine.StoreBusy):
            box["instance"].close()
        return x

    instance = box["instance"] = load(CALLS, {"a": {"h": host}})
    assert instance.exports.host(4) == 4
    add = instance.exports.add
    instance.close()
    instance.close()
    with pytest.raises(wasmine.StoreClosed):
        add(1, 2)


@pytest.mark.skipif((os.cpu_count() or 1) < 2, reason="needs two cores")
def test_stores_run_in_parallel(calls):
    """The second thread gets to Python while the first is in Wasm: the GIL is not held."""
    exports = calls()
    thread = threading.Thread(target=exports.spin, args=(150_000_000,))
    thread.start()
    turns = 0
    while thread.is_alive():
        time.sleep(0.001)
        turns += 1
    thread.join()
    assert turns > 20


def test_rounding_mode_of_the_thread_does_not_matter(load):
    exports = load(
        """(module (import "a" "h" (func $h))
           (func (export "small") (param f64 f64) (result f64) (f64.div (local.get 0) (local.get 1)))
           (func $div (param f64 f64) (result f64) (call $h) (f64.div (local.get 0) (local.get 1)))
           (func (export "large") (param f64 f64) (result f64) (call $div (local.get 0) (local.get 1))))""",
        {"a": {"h": lambda: None}},
    ).exports
    nearest = exports.small(1.0, 3.0)
    libm = ctypes.CDLL("libm.so.6")
    upward = {"x86_64": 0x800, "aarch64": 0x400000}.get(os.uname().machine)
    if upward is None:
        pytest.skip("the number of the rounding mode is not known on this machine")
    assert libm.fesetround(upward) == 0
    try:
        results = exports.small(1.0, 3.0), exports.large(1.0, 3.0)
        after = libm.fegetround()
    finally:
        libm.fesetround(0)
    assert results == (nearest, nearest)
    assert after == upward


def test_host_function_sees_and_changes_the_threads_rounding_mode(load):
    libm = ctypes.CDLL("libm.so.6")
    upward = {"x86_64": 0x800, "aarch64": 0x400000}.get(os.uname().machine)
    if upward is None:
        pytest.skip("the number of the rounding mode is not known on this machine")
    seen = []

    def host():
        seen.append(libm.fegetround())
        libm.fesetround(0 if seen[-1] else upward)

    exports = load(
        """(module (import "a" "h" (func $h))
           (func (export "f") (param f64 f64) (result f64)
             (call $h) (f64.div (local.get 0) (local.get 1)) (call $h)))""",
        {"a": {"h": host}},
    ).exports
    try:
        assert exports.f(1.0, 3.0) == 1.0 / 3.0
        assert seen == [0, upward]
        assert libm.fegetround() == 0
    finally:
        libm.fesetround(0)


def test_greenlets_take_turns_in_host_functions(load):
    """Activations of one store need not end in the order in which they began."""
    greenlet = pytest.importorskip("greenlet", reason="greenlet is not installed")
    turns = random.Random(5)
    main = greenlet.getcurrent()
    results = {}

    def host(x):
        if turns.random() < 0.7:
            main.switch()
        return x + 1

    exports = load(
        """(module (import "a" "h" (func $h (param i32) (result i32)))
           (func $g (param i32) (result i32) (i32.mul (call $h (local.get 0)) (i32.const 2)))
           (func (export "sum") (param i32 i32) (result i32) (local i32)
             (loop $l
               (local.set 2 (i32.add (local.get 2) (call $g (local.get 0))))
               (br_if $l (local.tee 1 (i32.sub (local.get 1) (i32.const 1)))))
             (local.get 2))
           (func (export "trap") (param i32) (drop (call $g (local.get 0))) unreachable))""",
        {"a": {"h": host}},
    ).exports

    def work(number):
        if number % 5 == 4:
            with pytest.raises(wasmine.Trap) as caught:
                exports.trap(number)
            results[number] = [frame.func_name for frame in caught.value.frames]
        else:
            results[number] = exports.sum(number, 20)

    alive = [greenlet.greenlet(lambda number=number: work(number)) for number in range(30)]
    while alive:
        turns.choice(alive).switch()
        alive = [task for task in alive if not task.dead]
    assert results == {n: ["trap"] if n % 5 == 4 else 40 * (n + 1) for n in range(30)}
