"""What ends a computation that does not end by itself: Ctrl-C, deadlines, Store.interrupt, fuel."""

import os
import signal
import subprocess
import sys
import threading
import time

import pytest
import wasmtime

import wasmine

SPIN = """
(module
  (import "a" "h" (func $h))
  (memory 16384)
  (func (export "loop") (loop (br 0)))
  (func $a (call $b)) (func $b (return_call $a))
  (func (export "tail") (return_call $c)) (func $c (return_call $d)) (func $d (return_call $c))
  (func (export "host") (loop (call $h) (br 0)))
  (func (export "bulk")
    (loop (memory.copy (i32.const 1) (i32.const 0) (i32.const 0x3ffffff0)) (br 0)))
  (func $fib (export "fib") (param i32) (result i32)
    (if (result i32) (i32.lt_u (local.get 0) (i32.const 2)) (then (local.get 0))
      (else (i32.add (call $fib (i32.sub (local.get 0) (i32.const 1)))
                     (call $fib (i32.sub (local.get 0) (i32.const 2)))))))
  (func (export "add") (param i32 i32) (result i32) (i32.add (local.get 0) (local.get 1))))
"""
LONG = [("loop", ()), ("tail", ()), ("host", ()), ("bulk", ()), ("fib", (60,))]


@pytest.fixture
def spin(load):
    return lambda host=lambda: None, **limits: load(SPIN, {"a": {"h": host}}, **limits)


@pytest.mark.parametrize(("name", "args"), LONG)
def test_ctrl_c(spin, name, args):
    exports = spin().exports
    sent = []

    def send():
        sent.append(time.perf_counter())
        os.kill(os.getpid(), signal.SIGINT)

    timer = threading.Timer(0.15, send)
    timer.start()
    with pytest.raises(KeyboardInterrupt):
        exports[name](*args)
    assert time.perf_counter() - sent[0] < 0.1 if name != "bulk" else 1
    timer.join()
    assert exports.add(2, 3) == 5
    assert exports.fib(15) == 610


def test_a_handler_that_does_not_raise_lets_the_call_go_on(spin):
    seen = []
    exports = spin().exports

    def handler(number, frame):
        seen.append(exports.fib(10))

    before = signal.signal(signal.SIGALRM, handler)
    try:
        signal.setitimer(signal.ITIMER_REAL, 0.05, 0.05)
        assert exports.fib(30) == 832040
        while not seen:
            exports.fib(25)
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)
    assert set(seen) == {55}


@pytest.mark.parametrize(("name", "args"), LONG)
def test_timeout(spin, name, args):
    exports = spin(timeout=0.1).exports
    start = time.perf_counter()
    with pytest.raises(wasmine.Timeout, match=r"^timeout$") as caught:
        exports[name](*args)
    assert 0.1 <= time.perf_counter() - start < (0.25 if name != "bulk" else 2)
    assert isinstance(caught.value, TimeoutError)
    assert caught.value.frames
    assert exports.fib(15) == 610


def test_timeout_in_another_thread(spin):
    exports = spin(timeout=0.1).exports
    caught = []

    def work():
        try:
            exports.loop()
        except wasmine.Timeout as error:
            caught.append(error)

    thread = threading.Thread(target=work)
    thread.start()
    thread.join(5)
    assert len(caught) == 1


def test_timeout_counts_from_the_outermost_call(spin):
    box = {}
    exports = box["exports"] = spin(lambda: box["exports"].fib(12), timeout=0.1).exports
    start = time.perf_counter()
    with pytest.raises(wasmine.Timeout):
        exports.host()
    assert time.perf_counter() - start < 0.3


def test_interrupt_from_another_thread(spin):
    instance = spin()
    assert instance.store.interrupt() is False
    results = []
    timer = threading.Timer(0.1, lambda: results.append(instance.store.interrupt()))
    timer.start()
    with pytest.raises(wasmine.Interrupted, match=r"^interrupted$"):
        instance.exports.loop()
    timer.join()
    assert results == [True]
    assert instance.exports.fib(15) == 610


def test_interrupt_within_a_host_call_reaches_the_loop_around_it(spin):
    box = {}

    def host():
        box["instance"].store.interrupt()
        box["instance"].exports.add(1, 2)

    instance = box["instance"] = spin(host)
    with pytest.raises(wasmine.Interrupted):
        instance.exports.host()


def test_fuel(spin):
    instance = spin(fuel=10_000)
    assert instance.exports.fib(10) == 55
    left = instance.store.fuel
    assert 0 < left < 10_000
    instance.exports.fib(10)
    assert instance.store.fuel == left - (10_000 - left)
    with pytest.raises(wasmine.FuelExhausted, match=r"^all fuel consumed by WebAssembly$"):
        instance.exports.fib(30)
    assert instance.store.fuel == 0
    with pytest.raises(wasmine.FuelExhausted):
        instance.exports.add(1, 2)
    instance.store.fuel = 1000
    assert instance.exports.add(1, 2) == 3


def test_fork_while_wasm_runs(spin):
    """The child has no ticker thread until it runs something; deadlines hold there too."""
    program = """
import os, sys, warnings, wasmine
warnings.simplefilter("ignore")
def host():
    if not pids:
        pids.append(os.fork())
pids = []
instance = wasmine.load(bytes.fromhex(sys.argv[1]), {"a": {"h": host}}, timeout=0.3)
try:
    instance.exports.host()
except wasmine.Timeout:
    code = 7
else:
    code = 8
if pids[0] == 0:
    try:
        wasmine.load(bytes.fromhex(sys.argv[1]), {"a": {"h": host}}, timeout=0.1).exports.loop()
    except wasmine.Timeout:
        os._exit(code)
    os._exit(9)
_, status = os.waitpid(pids[0], 0)
sys.exit(0 if os.waitstatus_to_exitcode(status) == 7 and code == 7 else 1)
"""
    code = bytes(wasmtime.wat2wasm(SPIN)).hex()
    subprocess.run([sys.executable, "-c", program, code], check=True, timeout=60)


def test_exit_while_a_thread_is_in_wasm():
    program = """
import sys, threading, time, wasmine
instance = wasmine.load(bytes.fromhex(sys.argv[1]), {"a": {"h": lambda: None}})
for name in ("loop",):
    threading.Thread(target=instance.exports[name], daemon=True).start()
time.sleep(0.1)
print("done")
"""
    code = bytes(wasmtime.wat2wasm(SPIN)).hex()
    result = subprocess.run(
        [sys.executable, "-c", program, code], check=True, timeout=60, capture_output=True, text=True
    )
    assert result.stdout == "done\n"
    assert result.stderr == ""
