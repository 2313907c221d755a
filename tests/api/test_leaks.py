"""Ten thousand lives of a module leave nothing behind."""

import gc
import os
from pathlib import Path

import pytest

import wasmine
from wasmine import Func, FuncType, Linker, Module, Store
from wasmine.text import parse_module

PAGE = 4096
CYCLES = 10_000
ALLOWED = 1 << 20  # bytes: what allocators may keep for themselves

PLUGIN = parse_module("""
(module $plugin
  (import "env" "log" (func $log (param i32 externref)))
  (memory (export "memory") 1)
  (table (export "table") 2 funcref)
  (global (export "count") (mut i32) (i32.const 0))
  (elem (i32.const 0) $run)
  (func $run (export "run") (param i32 externref) (result i32)
    (call $log (local.get 0) (local.get 1))
    (i32.store (i32.const 8) (local.get 0))
    (i32.load (i32.const 8)))
  (func (export "trap") unreachable))
""")


def resident():
    gc.collect()
    return int(Path("/proc/self/statm").read_text().split()[1]) * PAGE


def load_and_close():
    kept = []
    with wasmine.load(PLUGIN, {"env": {"log": lambda x, thing: kept.append(thing)}}) as instance:
        exports = instance.exports
        assert exports.run(7, kept) == 7
        assert exports.memory.read_i32(8) == 7
        exports.table[1] = exports.run
        exports.count.value = 3


def load_and_forget():
    kept = []

    def log(x, thing):
        kept.append((instance, view))

    instance = wasmine.load(PLUGIN, {"env": {"log": log}})
    view = memoryview(instance.exports.memory)
    instance.exports.run(7, instance)


def fail_in_every_way():
    def log(x, thing):
        raise LookupError(thing)

    instance = wasmine.load(PLUGIN, {"env": {"log": log}})
    with pytest.raises(LookupError):
        instance.exports.run(1, instance)
    with pytest.raises(wasmine.Trap):
        instance.exports.trap()
    with pytest.raises(TypeError):
        instance.exports.run("1", None)
    with pytest.raises(wasmine.LinkError):
        wasmine.load(PLUGIN)
    with pytest.raises(wasmine.InvalidError):
        wasmine.load(PLUGIN.replace(b"\x36\x02\x00", b"\x36\x03\x00"))


def make_and_forget():
    store = Store()
    func = Func(store, lambda *args: store, FuncType(["i32"], ["externref"]))
    assert func(1) is store
    table = wasmine.Table(store, wasmine.TableType("externref", 3), store)
    assert table[2] is store
    wasmine.Global(store, wasmine.GlobalType("externref", mutable=True), table)
    wasmine.Memory(store, wasmine.MemoryType(1))
    wasmine.Tag(store, ["i32"])


@pytest.mark.slow
@pytest.mark.skipif(not Path("/proc/self/statm").exists(), reason="reads the size of the process from /proc")
@pytest.mark.skipif("WASMINE_EMULATED" in os.environ, reason="qemu keeps 24 bytes for each page ever mapped")
@pytest.mark.parametrize("cycle", [load_and_close, load_and_forget, fail_in_every_way, make_and_forget])
def test_memory_stays_flat(cycle):
    for _ in range(CYCLES // 10):
        cycle()
    before = resident()
    for _ in range(CYCLES):
        cycle()
    assert resident() - before <= ALLOWED


def test_calls_leave_nothing_behind():
    instance = wasmine.load(PLUGIN, {"env": {"log": lambda x, thing: None}})
    run = instance.exports.run
    for i in range(1000):
        run(i, None)
    before = resident()
    for i in range(100_000):
        run(i, None)
    assert resident() - before <= ALLOWED


@pytest.mark.skipif("WASMINE_EMULATED" in os.environ, reason="qemu looks for room page by page")
def test_ten_thousand_instances_of_one_module():
    engine = wasmine.Engine(wasmine.Config(guard=False))
    module = Module(engine, PLUGIN)
    linker = Linker(engine)
    linker.define("env", "log", lambda x, thing: None)
    stores = []
    for i in range(CYCLES):
        store = Store(engine)
        stores.append(store)
        assert linker.instantiate(store, module).exports.run(i, None) == i
    for store in stores:
        store.close()
