"""Stacks of Wasm: their pool, their guard pages, and machines without stubs."""

import os
import subprocess
import sys
import threading

import pytest
import wasmtime

import wasmine

TEXT = """
(module
  (import "a" "h" (func $h (param i32) (result i32)))
  (func (export "host") (param i32) (result i32) (call $h (local.get 0)))
  (func $down (export "down") (param i32) (result i32)
    (if (result i32) (local.get 0)
      (then (i32.add (i32.const 1) (call $down (i32.sub (local.get 0) (i32.const 1)))))
      (else (i32.const 0))))
  (func (export "loop") (loop (br 0))))
"""


def stack_mappings() -> int:
    """Mappings of the process that nobody may access: the guard pages among them."""
    with open("/proc/self/maps") as maps:  # noqa: PTH123
        return sum(1 for line in maps if " ---p " in line)


def test_nested_activations_give_their_stacks_back(load):
    box = {}

    def host(x):
        return x if x == 0 else box["exports"].host(x - 1)

    exports = box["exports"] = load(TEXT, {"a": {"h": host}}).exports
    exports.host(50)
    before = stack_mappings()
    for _ in range(20):
        exports.host(50)
    assert stack_mappings() < before + 16


def test_stacks_of_threads_are_used_again(load):
    instances = [load(TEXT, {"a": {"h": lambda x: x}}) for _ in range(8)]

    def round_of_calls():
        threads = [threading.Thread(target=i.exports.down, args=(1000,)) for i in instances]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()

    round_of_calls()
    before = stack_mappings()
    for _ in range(10):
        round_of_calls()
    assert stack_mappings() <= before + 8 * 2


@pytest.mark.parametrize("size", [64, 128, 256])
def test_nesting_on_a_small_stack_of_a_thread(load, size):
    """A module drives the recursion through the host, so it may not use up the thread's stack."""
    if size * 1024 < os.sysconf("SC_THREAD_STACK_MIN"):
        pytest.skip("no thread has a smaller stack here than SC_THREAD_STACK_MIN")
    box = {}
    exports = box["exports"] = load(TEXT, {"a": {"h": lambda x: box["exports"].host(x)}}).exports
    ends = []

    def recurse():
        try:
            exports.host(1)
        except wasmine.StackExhausted as error:
            ends.append(error)

    old = threading.stack_size(size * 1024)
    try:
        thread = threading.Thread(target=recurse)
        thread.start()
    finally:
        threading.stack_size(old)
    thread.join()
    assert len(ends) == 1


def test_frame_larger_than_the_stack():
    """Of the interpreter: native code has no room for locals that nobody needs."""
    locals_ = "i64 " * 2000
    text = f'(module (func (export "f") (result i64) (local {locals_}) (local.get 1999)))'
    engine = wasmine.Engine(wasmine.Config(tier="interp"))
    module = wasmine.Module(engine, text)
    linker = wasmine.Linker(engine)
    assert linker.instantiate(wasmine.Store(engine), module).exports.f() == 0
    with pytest.raises(wasmine.StackExhausted):
        linker.instantiate(wasmine.Store(engine, max_stack=8192), module).exports.f()


WITHOUT_STUBS = """
import os, signal, sys, threading, types
os.uname = lambda: types.SimpleNamespace(machine="vax")
import wasmine
from wasmine.jit import stubs
assert not stubs.install()

box = {}
def host(x: int) -> int:
    if x < 0:
        raise KeyError(x)
    return x if x == 0 else 1 + box["exports"].host(x - 1)
instance = wasmine.load(bytes.fromhex(sys.argv[1]), {"a": {"h": host}}, timeout=0.3)
exports = box["exports"] = instance.exports
assert exports.down(20000) == 20000
assert exports.host(20) == 20
for call, error in (
    (lambda: exports.down(10**7), wasmine.StackExhausted),
    (lambda: exports.host(-1), KeyError),
    (exports.loop, wasmine.Timeout),
):
    try:
        call()
    except error:
        pass
    else:
        sys.exit(f"{error} expected")
instance.store.timeout = None
threading.Timer(0.1, os.kill, (os.getpid(), signal.SIGINT)).start()
try:
    exports.loop()
except KeyboardInterrupt:
    print("done")
"""


def test_a_machine_without_stubs():
    code = bytes(wasmtime.wat2wasm(TEXT)).hex()
    result = subprocess.run(
        [sys.executable, "-c", WITHOUT_STUBS, code], check=True, timeout=60, capture_output=True, text=True
    )
    assert result.stdout == "done\n"
