"""When functions are compiled, and that it makes no difference to what they do."""

import os
import platform
import struct
import subprocess
import sys
import threading
import time
from pathlib import Path
from typing import Any

import pytest

from wasmine import Config, Engine, Instance, Interrupted, Linker, Module, Store, Timeout, Trap
from wasmine.api.config import Tier
from wasmine.jit.tiering import wait

NEVER = (1 << 31) - 1

SETTINGS: dict[str, dict[str, Any]] = {
    "interp": {"tier": "interp"},
    "jit": {"tier": "jit"},
    "calls": {"tier_up": (1, NEVER), "compile_threads": 0},
    "loops": {"tier_up": (NEVER, 1), "compile_threads": 0},
    "second trip": {"tier_up": (NEVER, 2), "compile_threads": 0},
    "all": {"tier_up": (1, 1), "compile_threads": 0},
    "thread": {"tier_up": (1, 1), "compile_threads": 1},
}


def load(source: str, *imports: Any, fuel: int | None = None, **settings: Any) -> Instance:
    engine = Engine(Config(fuel=fuel is not None, **settings))
    store = Store(engine, fuel=fuel) if fuel is not None else Store(engine)
    linker = Linker(engine)
    for module, name, value in imports:
        linker.define(module, name, value)
    return linker.instantiate(store, Module(engine, source))


def history(instance: Instance) -> list[tuple[int, int | None, str, str]]:
    """Position, loop, reason and outcome of all compilations."""
    wait()
    return [entry[:4] for entry in instance.module._code.native.history()]


@pytest.fixture(params=SETTINGS)
def settings(request: pytest.FixtureRequest) -> dict[str, Any]:
    return SETTINGS[request.param]


SUM = """(module
  (func (export "sum") (param i64) (result i64) (local i64)
    (loop $more
      (local.set 1 (i64.add (local.get 1) (i64.mul (local.get 0) (local.get 0))))
      (local.set 0 (i64.sub (local.get 0) (i64.const 1)))
      (br_if $more (i64.ne (local.get 0) (i64.const 0))))
    (local.get 1)))"""


def squares(n: int) -> int:
    return sum(i * i for i in range(n + 1))


def test_a_loop_is_left_in_native_code(settings: dict[str, Any]) -> None:
    instance = load(SUM, **settings)
    assert [instance.exports.sum(n) for n in (1, 2, 3, 1000)] == [squares(n) for n in (1, 2, 3, 1000)]


def test_small_functions_are_compiled_after_a_few_calls() -> None:
    instance = load(
        '(module (func (export "f") (param i32) (result i32) (i32.add (local.get 0) (i32.const 1))))',
        compile_threads=0,
    )
    for n in range(30):
        assert instance.exports.f(n) == n + 1
        if n < 6:
            assert history(instance) == []
    assert history(instance) == [(0, None, "calls", "compiled")]


def test_one_long_call_is_taken_over_in_its_loop() -> None:
    instance = load(SUM, compile_threads=0)
    assert instance.exports.sum(100_000) == squares(100_000)
    assert history(instance) == [(0, 0, "loop", "compiled")]
    # The next call finds that the function is worth it.
    instance.exports.sum(1)
    assert history(instance)[1:] == [(0, None, "calls", "compiled")]


def test_short_loops_count_for_the_function() -> None:
    padding = "(local.set 1 (i64.rotl (local.get 1) (i64.const 1)))" * 200
    instance = load(SUM.replace("(loop", padding + "(loop"), compile_threads=0)
    calls = 0
    while not history(instance):
        calls += 1
        assert instance.exports.sum(40) == squares(40)
    assert history(instance) == [(0, None, "loop", "compiled")]
    assert calls < 20


def test_a_function_is_compiled_in_the_background() -> None:
    instance = load(SUM, compile_threads=1, tier_up=(8, 128))
    assert instance.exports.sum(3_000_000) == squares(3_000_000) % (1 << 64)
    assert (0, 0, "loop", "compiled") in history(instance)


MANY_TYPES = """(module
  (func (export "f") (param i32 i64 f32 f64) (result i32 i64 f32 f64 i64)
    (local $i i32) (local $w v128) (local $x f32) (local $y f64) (local $z i64)
    (local.set $w (v128.const i64x2 3 0x8000000000000001))
    (local.set $x (f32.const -1.5))
    (local.set $i (i32.const -5))
    (loop $more
      (local.set $w (i64x2.add (local.get $w) (i64x2.splat (i64.extend_i32_s (local.get $i)))))
      (local.set $x (f32.mul (local.get $x) (local.get 2)))
      (local.set $y (f64.add (local.get $y) (local.get 3)))
      (local.set 1 (i64.xor (local.get 1) (i64x2.extract_lane 1 (local.get $w))))
      (br_if $more (local.tee $i (i32.add (local.get $i) (i32.const 1)))))
    (i32.sub (local.get 0) (local.get $i)) (local.get 1) (local.get $x) (local.get $y)
    (i64x2.extract_lane 0 (local.get $w))))"""


def test_locals_of_every_type_are_taken_over(settings: dict[str, Any]) -> None:
    instance = load(MANY_TYPES, **settings)
    word = 9
    for lane in (0x8000000000000001 - sum(range(1, 6)) + sum(range(1, 6 - n)) for n in range(1, 6)):
        word ^= lane
    for _ in range(3):
        assert instance.exports.f(-7, 9, 0.5, 1e300) == (
            -7,
            word - (1 << 64) if word >> 63 else word,
            -1.5 / 32,
            5e300,
            -12,
        )


CALLER = """(module
  (import "host" "see" (func $see (param i32)))
  (func $loop (param i32 i32) (result i32 i32 i32 i32 i32 i32)
    (loop $more
      (call $see (local.get 0))
      (local.set 1 (i32.add (local.get 1) (i32.const 3)))
      (br_if $more (local.tee 0 (i32.sub (local.get 0) (i32.const 1)))))
    (local.get 0) (local.get 1) (i32.const 2) (i32.const 3) (i32.const 4) (i32.const 5))
  (func (export "f") (param i32) (result i32) (local i32)
    (local.set 1 (i32.const 100))
    (call $loop (local.get 0) (i32.const 1000))
    (drop) (drop) (drop) (drop)
    (i32.add (i32.add) (local.get 1)))
  (func (export "tail") (param i32) (result i32 i32 i32 i32 i32 i32)
    (return_call $loop (local.get 0) (i32.const 1))))"""


def test_results_come_back_to_the_caller_frame(settings: dict[str, Any]) -> None:
    seen: list[int] = []
    engine = Engine(Config(**settings))
    store = Store(engine)
    linker = Linker(engine)
    linker.func("host", "see", params=("i32",))(seen.append)
    instance = linker.instantiate(store, Module(engine, CALLER))
    for n in (1, 2, 7):
        assert instance.exports.f(n) == 1100 + 3 * n
        assert instance.exports.tail(n) == (0, 1 + 3 * n, 2, 3, 4, 5)
        assert seen == [*range(n, 0, -1)] * 2
        seen.clear()


BREAKS = """(module
  (func (export "f") (param $n i32) (result i32) (local $i i32) (local $j i32) (local $s i32)
    (loop $outer
      (local.set $j (i32.const 0))
      (block $next
        (loop $inner
          (local.set $s (i32.add
            (i32.mul (local.get $s) (i32.const 31)) (i32.xor (local.get $i) (local.get $j))))
          (br_if $next (i32.eqz (i32.and (local.get $s) (i32.const 7))))
          (local.set $j (i32.add (local.get $j) (i32.const 1)))
          (br_if $inner (i32.lt_u (local.get $j) (local.get $n))))
        (local.set $s (i32.rotl (local.get $s) (i32.const 3))))
      (local.set $i (i32.add (local.get $i) (i32.const 1)))
      (br_if $outer (i32.lt_u (local.get $i) (local.get $n))))
    (local.get $s)))"""


def breaks(n: int) -> int:
    s = i = 0
    while i < n:
        j = 0
        while True:
            s = (s * 31 + (i ^ j)) % (1 << 32)
            if s & 7 == 0:
                break
            j += 1
            if j >= n:
                s = (s << 3 | s >> 29) % (1 << 32)
                break
        i += 1
    return s - (1 << 32) if s >> 31 else s


def test_loops_that_are_left_in_several_ways(settings: dict[str, Any]) -> None:
    instance = load(BREAKS, **settings)
    for n in (1, 2, 5, 40):
        assert instance.exports.f(n) == breaks(n)


SKIPS = """(module
  (func (export "f") (param $n i32) (result i32) (local $i i32) (local $j i32) (local $s i32)
    (loop $outer
      (local.set $i (i32.add (local.get $i) (i32.const 1)))
      (if (i32.and (local.get $i) (i32.const 1))
        (then
          (local.set $j (i32.const 200))
          (loop $inner
            (local.set $s (i32.add (i32.mul (local.get $s) (i32.const 31)) (local.get $j)))
            (br_if $outer (i32.eqz (i32.and (local.get $s) (i32.const 1023))))
            (br_if $inner (local.tee $j (i32.sub (local.get $j) (i32.const 1)))))))
      (local.set $s (i32.xor (local.get $s) (local.get $i)))
      (br_if $outer (i32.lt_u (local.get $i) (local.get $n))))
    (local.get $s)))"""


def test_an_inner_loop_without_a_way_in_gives_way_to_the_outer() -> None:
    """The inner one is left to two places of the outer one, which would have two entries then."""
    expected = load(SKIPS, tier="interp").exports.f(1000)
    instance = load(SKIPS, compile_threads=0)
    assert instance.exports.f(1000) == expected
    entries = [(at, status) for _, at, _, status in history(instance) if at is not None]
    assert entries == [(0, "compiled")]


TRAPS = """(module
  (func $f (export "f") (param i32) (result i32) (local i32)
    (loop $more
      (local.set 1 (i32.add
        (local.get 1) (i32.div_u (i32.const 1000) (i32.sub (local.get 0) (i32.const 3)))))
      (br_if $more (local.tee 0 (i32.sub (local.get 0) (i32.const 1)))))
    (local.get 1))
  (func (export "g") (param i32) (result i32) (i32.add (call $f (local.get 0)) (i32.const 1))))"""


def test_traps_in_the_middle_of_a_loop(settings: dict[str, Any]) -> None:
    instance = load(TRAPS, **settings)
    for name in ("f", "g", "f", "g"):
        with pytest.raises(Trap, match="integer divide by zero"):
            instance.exports[name](10)
        assert instance.exports.f(1) == 0
        assert instance.exports.g(2) == 1


def test_fuel_is_the_same(settings: dict[str, Any]) -> None:
    """Wherever the fuel runs out, the same is left of it."""
    plain = load(BREAKS, fuel=1 << 40, tier="interp")
    plain.exports.f(20)
    assert plain.store.fuel is not None
    used = (1 << 40) - plain.store.fuel
    for fuel in (used, used - 1, used // 2, used // 3, 10, 1, 0):
        for source, name, argument in ((BREAKS, "f", 20), (TRAPS, "g", 10), (TRAPS, "f", 100)):
            left: list[Any] = []
            for each in ({"tier": "interp"}, settings):
                instance = load(source, fuel=fuel, **each)
                try:
                    result: Any = instance.exports[name](argument)
                except Trap as error:
                    result = str(error)
                left.append((result, instance.store.fuel))
            assert left[0] == left[1], (fuel, name)


ENDLESS = """(module
  (func (export "loop") (loop $more (br $more)))
  (func (export "nest") (param i32)
    (loop $outer (loop $inner (br_if $inner (i32.const 0))) (br $outer)))
  (func $even (param i32) (result i32) (call $odd (local.get 0)))
  (func $odd (param i32) (result i32) (loop $more (br_if $more (call $leaf (local.get 0)))) (i32.const 0))
  (func $leaf (param i32) (result i32) (i32.const 1))
  (func (export "calls") (drop (call $even (i32.const 1))))
  (func $tail (export "tail") (return_call $tail)))"""


@pytest.mark.parametrize("name", ["loop", "nest", "calls", "tail"])
def test_timeouts_end_every_loop(settings: dict[str, Any], name: str) -> None:
    engine = Engine(Config(**settings))
    instance = Linker(engine).instantiate(Store(engine, timeout=0.05), Module(engine, ENDLESS))
    start = time.perf_counter()
    with pytest.raises(Timeout):
        instance.exports[name](*(0,) * (name == "nest"))
    assert time.perf_counter() - start < 5


def test_another_thread_ends_a_loop(settings: dict[str, Any]) -> None:
    instance = load(ENDLESS, **settings)
    threading.Timer(0.05, instance.store.interrupt).start()
    with pytest.raises(Interrupted):
        instance.exports.loop()


def test_code_goes_with_its_module_while_it_waits() -> None:
    """Modules that go with functions in the queue, and one that is being compiled."""
    body = "(local.set 0 (i32.mul (local.get 0) (i32.const 3)))" * 2000
    funcs = "".join(f'(func (export "f{i}") (param i32) {body})' for i in range(20))
    engine = Engine(Config(tier_up=(1, 1)))
    module = Module(engine, f"(module {funcs})")
    for _ in range(5):
        fresh = Module(engine, module.data)
        instance = Linker(engine).instantiate(Store(engine), fresh)
        for i in range(20):
            instance.exports[f"f{i}"](1)
        instance.store.close()
        del instance, fresh
    wait()


def test_several_threads_want_the_same_function() -> None:
    engine = Engine(Config(tier_up=(1, 1)))
    module = Module(engine, BREAKS)
    results: list[int] = []

    def work() -> None:
        instance = Linker(engine).instantiate(Store(engine), module)
        results.extend(instance.exports.f(n) for n in (50, 60, 70))

    threads = [threading.Thread(target=work) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(results) == sorted([breaks(50), breaks(60), breaks(70)] * 8)
    wait()
    code = module._code.native.history()
    assert [entry[3] for entry in code if entry[1] is None] == ["compiled"]


@pytest.mark.skipif(not hasattr(os, "fork"), reason="no fork here")
@pytest.mark.filterwarnings("ignore:This process:DeprecationWarning")
def test_compiling_goes_on_in_a_forked_child() -> None:
    """Functions that were waiting, and new ones."""
    body = "(local.set 0 (i32.mul (local.get 0) (i32.const 3)))" * 500
    funcs = "".join(
        f'(func (export "f{i}") (param i32) (result i32) {body} (local.get 0))' for i in range(40)
    )
    engine = Engine(Config(tier_up=(1, 1)))
    instance = Linker(engine).instantiate(Store(engine), Module(engine, f"(module {funcs})"))
    for i in range(30):
        instance.exports[f"f{i}"](1)
    child = os.fork()
    if child == 0:
        code = 1
        try:
            for i in range(40):
                instance.exports[f"f{i}"](1)
            wait()
            statuses = {status for _, _, _, status in history(instance)}
            code = 0 if len(history(instance)) >= 40 and statuses == {"compiled"} else 2
        finally:
            os._exit(code)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
    assert {status for _, _, _, status in history(instance)} == {"compiled"}
    assert len(history(instance)) == 30


def test_settings_are_checked() -> None:
    with pytest.raises(ValueError, match="compile_threads must be 0 or 1"):
        Config(compile_threads=2)
    for wrong in ((0, 1), (1, 0), (1 << 31, 1)):
        with pytest.raises(ValueError, match="tier_up"):
            Config(tier_up=wrong)
    tiers: tuple[Tier, ...] = ("auto", "interp", "jit")
    for tier in tiers:
        assert Engine(Config(tier=tier)).tier == tier


def test_tier_of_says_what_runs_the_next_call() -> None:
    source = """(module
      (import "host" "f" (func (param i32)))
      (memory (export "memory") 1)
      (export "f" (func 0))
      (func (export "g") (param i32)))"""
    engine = Engine(Config(tier_up=(2, 2), compile_threads=0))
    linker = Linker(engine)
    linker.func("host", "f", params=("i32",))(lambda x: None)
    instance = linker.instantiate(Store(engine), Module(engine, source))
    assert instance.tier_of("f") == "host"
    tiers = [instance.tier_of("g")]
    for _ in range(3):
        instance.exports.g(1)
        tiers.append(instance.tier_of("g"))
    assert tiers == ["interp", "interp", "native", "native"]
    with pytest.raises(KeyError):
        instance.tier_of("h")
    with pytest.raises(TypeError, match="no function"):
        instance.tier_of("memory")


PERF = """
import os, sys
os.chdir(sys.argv[1])
from wasmine import Config, Engine, Linker, Module, Store
engine = Engine(Config(tier="jit"))
source = '(module (func $inside (export "f") (result i32) (i32.const 42)))'
instance = Linker(engine).instantiate(Store(engine), Module(engine, source))
assert instance.exports.f() == 42
print(os.getpid())
"""


def test_perf_is_told_on_request(tmp_path: Path) -> None:
    env = {**os.environ, "WASMINE_PERF": "map,dump", "PYTHONPATH": os.pathsep.join(sys.path)}
    done = subprocess.run(
        [sys.executable, "-c", PERF, str(tmp_path)], env=env, capture_output=True, text=True, check=True
    )
    file = Path(f"/tmp/perf-{done.stdout.strip()}.map")
    try:
        start, size, name = file.read_text().split()
    finally:
        file.unlink()
    assert name == "wasm:inside"
    dump = (tmp_path / f"jit-{done.stdout.strip()}.dump").read_bytes()
    magic, version, header, machine = struct.unpack_from("<4I", dump)
    elf = 183 if platform.machine() == "aarch64" else 62
    assert (magic, version, header, machine) == (0x4A695444, 1, 40, elf)
    kind, total, _, pid, _, address, place, code_size, number = struct.unpack_from("<IIQIIQQQQ", dump, header)
    assert (kind, total, pid, number) == (0, len(dump) - header, int(done.stdout), 0)
    assert address == place == int(start, 16)
    assert code_size == int(size, 16)
    assert dump[header + 56 :].startswith(b"wasm:inside\0")
