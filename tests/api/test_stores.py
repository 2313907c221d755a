"""Stores: limits, fuel, time, closing, threads, and which objects belong to which."""

import contextlib
import gc
import threading
import time
import weakref

import pytest

import wasmine
from wasmine import (
    Config,
    Engine,
    Func,
    FuncType,
    Linker,
    Module,
    ResourceError,
    Store,
    StoreBusy,
    StoreClosed,
)

LOOP = """
(module
  (import "env" "host" (func $host (param i32)))
  (memory (export "memory") 1)
  (func (export "forever") (loop br 0))
  (func (export "count") (param i32) (result i32) (local $n i32)
    (loop (local.set $n (i32.add (local.get $n) (i32.const 1)))
      (br_if 0 (i32.lt_u (local.get $n) (local.get 0))))
    local.get $n)
  (func $deep (export "deep") (param i32) (result i32)
    (if (result i32) (local.get 0)
      (then (i32.add (i32.const 1) (call $deep (i32.sub (local.get 0) (i32.const 1)))))
      (else (i32.const 0))))
  (func (export "call") (param i32) local.get 0 call $host))
"""


def make(store, host=lambda x: None, text=LOOP):
    linker = Linker(store.engine)
    linker.func("env", "host", params=["i32"])(host)
    return linker.instantiate(store, Module(store.engine, text))


def test_fuel_is_a_budget():
    engine = Engine(Config(fuel=True))
    store = Store(engine, fuel=10_000)
    exports = make(store).exports
    assert exports.count(10) == 10
    used = 10_000 - store.fuel
    assert 10 <= used <= 200
    assert exports.count(10) == 10
    assert store.fuel == 10_000 - 2 * used
    with pytest.raises(wasmine.FuelExhausted):
        exports.forever()
    assert store.fuel == 0
    with pytest.raises(wasmine.FuelExhausted):
        exports.count(1)
    store.fuel = 1000
    assert exports.count(10) == 10
    store.fuel = None
    assert store.fuel is None
    assert exports.count(100_000) == 100_000


def test_an_engine_that_counts_may_have_stores_without_a_budget():
    store = Store(Engine(Config(fuel=True)))
    assert store.fuel is None
    assert make(store).exports.count(1000) == 1000


def test_fuel_needs_an_engine_that_counts():
    with pytest.raises(ValueError, match="Config"):
        Store(fuel=5)
    store = Store()
    assert store.fuel is None
    with pytest.raises(ValueError, match="Config"):
        store.fuel = 5
    assert wasmine.load("(module)", fuel=5).store.fuel == 5


def test_a_timeout_ends_a_call_and_the_store_stays_usable():
    store = Store(timeout=0.1)
    exports = make(store).exports
    start = time.perf_counter()
    with pytest.raises(wasmine.Timeout):
        exports.forever()
    assert 0.09 <= time.perf_counter() - start < 2
    with pytest.raises(TimeoutError) as info:
        exports.forever()
    assert isinstance(info.value, wasmine.Trap)
    assert exports.count(3) == 3
    assert store.timeout == pytest.approx(0.1)
    store.timeout = None
    assert store.timeout is None
    store.timeout = 5
    assert store.timeout == 5


@pytest.mark.parametrize("value", [0, -1, float("nan")])
def test_a_timeout_is_positive(value):
    with pytest.raises(ValueError, match="positive"):
        Store(timeout=value)
    with pytest.raises(ValueError, match="positive"):
        Store().timeout = value


def test_an_endless_timeout():
    assert make(Store(timeout=float("inf"))).exports.count(3) == 3


def test_interruption_from_another_thread():
    store = Store()
    assert store.interrupt() is False
    exports = make(store).exports
    done = threading.Event()

    def interrupt():
        while not done.is_set() and not store.interrupt():
            time.sleep(0.001)

    thread = threading.Thread(target=interrupt)
    thread.start()
    try:
        with pytest.raises(wasmine.Interrupted):
            exports.forever()
    finally:
        done.set()
        thread.join()
    assert exports.count(5) == 5


def test_limits_on_what_is_made():
    for limit, text in {
        "max_instances": "(module)",
        "max_memories": "(module (memory 0))",
        "max_tables": "(module (table 0 funcref))",
    }.items():
        store = Store(**{limit: 1})
        module = Module(text)
        Linker().instantiate(store, module)
        with pytest.raises(ResourceError, match="limited to 1"):
            Linker().instantiate(store, module)
        with pytest.raises(ResourceError):
            wasmine.load(text, **{limit: 0})
    with pytest.raises(ResourceError):
        wasmine.load("(module (memory 2))", max_memory=65536)
    with pytest.raises(ResourceError):
        wasmine.load("(module (table 11 funcref))", max_table_elements=10)


def test_what_python_makes_counts_too():
    store = Store(max_memories=1, max_tables=1)
    wasmine.Memory(store, wasmine.MemoryType(1))
    wasmine.Table(store, wasmine.TableType("funcref", 1))
    with pytest.raises(ResourceError, match="1 memories"):
        wasmine.Memory(store, wasmine.MemoryType(1))
    with pytest.raises(ResourceError, match="1 tables"):
        wasmine.Table(store, wasmine.TableType("funcref", 1))


def test_the_stack_is_limited():
    small, large = make(Store(max_stack=16384)).exports, make(Store(max_stack=1 << 24)).exports
    with pytest.raises(wasmine.StackExhausted, match="call stack exhausted"):
        small.deep(10_000)
    assert small.deep(10) == 10
    assert large.deep(10_000) == 10_000
    with pytest.raises(RecursionError):
        large.deep(1 << 30)


@pytest.mark.parametrize("limit", ["max_memory", "max_instances", "max_stack", "max_tables", "max_memories"])
def test_limits_are_not_negative(limit):
    with pytest.raises(ValueError, match=limit):
        Store(**{limit: -1})


def test_closing_is_deterministic_and_may_be_repeated():
    with Store() as store:
        exports = make(store).exports
        assert exports.count(3) == 3
        assert store.closed is False
    assert store.closed is True
    store.close()
    for use in (
        lambda: exports.count(3),
        lambda: exports.memory,
        lambda: exports["count"](1),
        lambda: make(store),
        lambda: Func(store, print, FuncType()),
    ):
        with pytest.raises(StoreClosed):
            use()
    assert repr(store) == "<Store, closed>"
    assert next(iter(exports)) == "memory"


def test_closing_frees_what_host_functions_hold():
    class Thing:
        pass

    thing = Thing()
    gone = weakref.ref(thing)
    store = Store()
    exports = make(store, host=lambda x, thing=thing: None).exports
    exports.call(1)
    del thing
    assert gone() is not None
    store.close()
    assert gone() is None


def test_load_closes_its_store_at_the_end_of_with():
    with wasmine.load("(module)") as instance:
        assert not instance.store.closed
    assert instance.store.closed
    store = Store()
    with Linker().instantiate(store, Module("(module)")):
        pass
    assert not store.closed


def test_garbage_collection_frees_cycles_through_host_closures():
    class Canary:
        pass

    def build():
        canary = Canary()
        store = Store()

        def host(x):
            return canary, exports, store

        exports = make(store, host).exports
        exports.call(1)
        return weakref.ref(canary), weakref.ref(store)

    refs = [ref for _ in range(5) for ref in build()]
    gc.collect()
    assert [ref() for ref in refs] == [None] * 10


def test_garbage_collection_frees_cycles_through_externrefs_and_globals():
    class Holder:
        pass

    holder = Holder()
    holder.exports = wasmine.load('(module (global (export "g") (mut externref) (ref.null extern)))').exports
    holder.exports.g.value = holder
    gone = weakref.ref(holder)
    del holder
    gc.collect()
    assert gone() is None


def test_what_is_in_use_is_not_collected():
    add = wasmine.load(
        '(module (func (export "f") (result i32) i32.const 5) (memory (export "m") 1))'
    ).exports
    call, view = add.f, memoryview(add.m)
    del add
    gc.collect()
    assert call() == 5
    view[0] = 1


def test_stores_run_in_parallel_threads():
    results = []

    def work(n):
        exports = make(Store()).exports
        results.append(exports.count(n))

    threads = [threading.Thread(target=work, args=(100_000 + i,)) for i in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(results) == [100_000 + i for i in range(4)]


def test_one_store_in_two_threads_raises():
    inside, leave = threading.Event(), threading.Event()

    def host(x):
        inside.set()
        leave.wait(10)

    store = Store()
    exports = make(store, host).exports
    thread = threading.Thread(target=exports.call, args=(1,))
    thread.start()
    inside.wait(10)
    try:
        for use in (
            lambda: exports.count(3),
            lambda: store.close(),
            lambda: exports.memory.grow(1),
            lambda: make(store),
        ):
            with pytest.raises(StoreBusy):
                use()
        assert "running" in repr(store)
    finally:
        leave.set()
        thread.join()
    assert exports.count(3) == 3


def test_objects_of_different_stores_do_not_mix():
    one, two = Store(), Store()
    memory = wasmine.Memory(one, wasmine.MemoryType(1))
    linker = Linker()
    linker.define("env", "memory", memory)
    module = Module('(module (import "env" "memory" (memory 1)))')
    linker.instantiate(one, module)
    with pytest.raises(ValueError, match=r"env\.memory belongs to another store"):
        linker.instantiate(two, module)


def test_engines_do_not_mix():
    module = Module(Engine(), "(module)")
    with pytest.raises(ValueError, match="engine"):
        Linker().instantiate(Store(), module)


def test_a_store_that_was_never_initialised_is_closed():
    store = Store.__new__(Store)
    assert repr(store) == "<Store, closed>"
    for use in (
        lambda: Func(store, print, FuncType()),
        lambda: wasmine.Memory(store, wasmine.MemoryType(1)),
        lambda: store.close(),
        lambda: store.fuel,
        lambda: store.timeout,
        lambda: store.caller,
        lambda: store.interrupt(),
    ):
        with contextlib.suppress(StoreClosed, AttributeError):
            use()
    with pytest.raises(RuntimeError, match="once"):
        Store().__init__()
    with pytest.raises(TypeError, match="Engine"):
        Store(3)


def test_a_store_describes_itself():
    store = Store(Engine(Config(fuel=True)), fuel=100)
    assert repr(store) == "<Store with 0 instances, 0 bytes of memory, 100 fuel left>"
    make(store)
    assert repr(store) == "<Store with 1 instance, 65536 bytes of memory, 100 fuel left>"
    assert repr(store.engine).startswith("<Engine Config(tier='auto', compile_threads=1, fuel=True")


def test_what_is_attached_lives_as_long_as_the_store():
    class Files:
        closed = False

        def close(self):
            self.closed = True

    store = Store()
    files = store.attached("files", Files)
    assert store.attached("files", Files) is files
    assert store.attached("others", Files) is not files
    store.close()
    assert files.closed
    with pytest.raises(StoreClosed):
        store.attached("files", Files)


def test_a_host_function_that_waits_is_told_when_time_is_over():
    waits = []

    def host(x):
        while not store.out_of_time:
            time.sleep(0.005)
        waits.append(x)

    store = Store(timeout=0.1)
    assert store.out_of_time is False
    exports = make(store, host).exports
    with contextlib.suppress(wasmine.Timeout):
        exports.call(3)
    assert waits == [3]
    store.timeout = None
    timer = threading.Timer(0.1, store.interrupt)
    timer.start()
    with contextlib.suppress(wasmine.Interrupted):
        exports.call(4)
    timer.join()
    assert waits == [3, 4]
    assert store.out_of_time is False
    assert exports.count(3) == 3
