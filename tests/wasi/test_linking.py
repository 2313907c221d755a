"""WASI as the imports of real modules."""

import io
import os
from pathlib import Path
from typing import Any

import pytest

import wasmine
from wasmine.wasi import Exit, WasiConfig, define, run

HELLO = """
(module
  (import "wasi_snapshot_preview1" "fd_write" (func $write (param i32 i32 i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "proc_exit" (func $exit (param i32)))
  (memory (export "memory") 1)
  (data (i32.const 8) "hello\\n")
  (func $hello
    (i32.store (i32.const 0) (i32.const 8))
    (i32.store (i32.const 4) (i32.const 6))
    (drop (call $write (i32.const 1) (i32.const 0) (i32.const 1) (i32.const 20))))
  {rest})
"""


def hello(rest: str) -> str:
    return HELLO.replace("{rest}", rest)


COMMAND = hello('(func (export "_start") (call $hello))')
FAILING = hello('(func (export "_start") (call $hello) (call $exit (i32.const 7)) unreachable)')


def open_count() -> int:
    return sum(1 for _ in Path("/proc/self/fd").iterdir())


def test_a_command_runs() -> None:
    out = io.BytesIO()
    with wasmine.load(COMMAND, wasi=WasiConfig(stdout=out)) as instance:
        assert run(instance) == 0
        assert run(instance) == 0
    assert out.getvalue() == b"hello\n" * 2


def test_the_exit_code() -> None:
    with wasmine.load(FAILING, wasi=WasiConfig()) as instance:
        assert run(instance) == 7
        with pytest.raises(Exit) as caught:
            instance.exports["_start"]()
        assert caught.value.code == 7
        assert run(instance) == 7, "the store stays usable"


def test_nothing_is_granted_without_a_configuration(capfd: pytest.CaptureFixture[str]) -> None:
    with wasmine.load(COMMAND, wasi=True) as instance:
        assert run(instance) == 0
    assert capfd.readouterr().out == ""


def test_a_start_function_has_a_memory() -> None:
    out = io.BytesIO()
    wasmine.load(hello("(start $hello)"), wasi=WasiConfig(stdout=out)).close()
    assert out.getvalue() == b"hello\n"


def test_a_library_is_initialised() -> None:
    out = io.BytesIO()
    source = hello('(func (export "_initialize") (call $hello)) (func (export "f"))')
    with wasmine.load(source, wasi=WasiConfig(stdout=out)) as instance:
        assert out.getvalue() == b"hello\n"
        with pytest.raises(KeyError):
            run(instance)


def test_a_memory_that_grows() -> None:
    out = io.BytesIO()
    source = hello(
        """(func (export "_start")
             (drop (memory.grow (i32.const 1)))
             (i32.store8 (i32.const 0x1fffe) (i32.const 33))
             (call $hello)
             (i32.store (i32.const 0) (i32.const 0x1fffe))
             (i32.store (i32.const 4) (i32.const 1))
             (drop (call $write (i32.const 1) (i32.const 0) (i32.const 1) (i32.const 20))))"""
    )
    with wasmine.load(source, wasi=WasiConfig(stdout=out)) as instance:
        run(instance)
    assert out.getvalue() == b"hello\n!"


def test_two_modules_of_one_store_share_files_and_have_their_own_memories() -> None:
    out = io.BytesIO()
    linker = wasmine.Linker()
    define(linker, WasiConfig(stdout=out))
    store = wasmine.Store()
    first = linker.instantiate(store, wasmine.Module(hello('(func (export "go") (call $hello))')))
    other = hello('(func (export "go") (call $hello))').replace("hello\\n", "other\\n")
    second = linker.instantiate(store, wasmine.Module(other))
    for instance in (first, second, first):
        instance.exports.go()
    assert out.getvalue() == b"hello\nother\nhello\n"


def test_each_store_has_its_own_files(tmp_path: Path) -> None:
    linker = wasmine.Linker()
    linker.define_wasi(WasiConfig(stdin=b"abc", preopens={"/": tmp_path}))
    module = wasmine.Module(
        """(module
             (import "wasi_snapshot_preview1" "fd_close" (func $close (param i32) (result i32)))
             (memory (export "memory") 1)
             (func (export "close") (param i32) (result i32) (call $close (local.get 0))))"""
    )
    before = open_count()
    with wasmine.Store() as one, wasmine.Store() as two:
        instances = [linker.instantiate(store, module) for store in (one, two)]
        assert open_count() == before + 2
        assert [i.exports.close(3) for i in instances] == [0, 0]
        assert instances[0].exports.close(3) == 8


def test_files_are_closed_with_the_store(tmp_path: Path) -> None:
    before = open_count()
    instance = wasmine.load(COMMAND, wasi=WasiConfig(preopens={"/": tmp_path}))
    assert open_count() == before + 1
    instance.close()
    assert open_count() == before


def test_files_are_closed_with_a_store_that_is_forgotten(tmp_path: Path) -> None:
    import gc

    linker = wasmine.Linker()
    linker.define_wasi(WasiConfig(preopens={"/": tmp_path}))
    before = open_count()
    run(linker.instantiate(wasmine.Store(), wasmine.Module(COMMAND)))
    gc.collect()
    assert open_count() == before


def test_a_module_without_a_memory() -> None:
    source = """
    (module
      (import "wasi_snapshot_preview1" "clock_time_get" (func $clock (param i32 i64 i32) (result i32)))
      (import "wasi_snapshot_preview1" "sched_yield" (func $yield (result i32)))
      (func (export "clock") (result i32) (call $clock (i32.const 0) (i64.const 0) (i32.const 0)))
      (func (export "yield") (result i32) (call $yield)))"""
    with wasmine.load(source, wasi=True) as instance:
        assert instance.exports["yield"]() == 0
        with pytest.raises(wasmine.LinkError, match="export its memory"):
            instance.exports.clock()


def test_a_memory_that_is_none() -> None:
    source = """
    (module
      (import "wasi_snapshot_preview1" "clock_time_get" (func $clock (param i32 i64 i32) (result i32)))
      (func (export "memory"))
      (func (export "clock") (result i32) (call $clock (i32.const 0) (i64.const 0) (i32.const 0))))"""
    with wasmine.load(source, wasi=True) as instance, pytest.raises(wasmine.LinkError):
        instance.exports.clock()


def test_an_import_of_the_wrong_type_is_refused() -> None:
    source = '(module (import "wasi_snapshot_preview1" "fd_close" (func (param i64) (result i32))))'
    with pytest.raises(wasmine.LinkError, match="incompatible import type"):
        wasmine.load(source, wasi=True)


def test_wasi_is_not_there_unless_granted() -> None:
    with pytest.raises(wasmine.LinkError, match="unknown import"):
        wasmine.load(COMMAND)


SLEEP = """
(module
  (import "wasi_snapshot_preview1" "poll_oneoff" (func $poll (param i32 i32 i32 i32) (result i32)))
  (memory (export "memory") 1)
  (func (export "_start")
    (i32.store (i32.const 16) (i32.const 1))
    (i64.store (i32.const 24) (i64.const 60_000_000_000))
    (loop $again
      (drop (call $poll (i32.const 0) (i32.const 64) (i32.const 1) (i32.const 128)))
      (br $again))))
"""


def test_a_timeout_ends_a_sleep() -> None:
    import time

    with wasmine.load(SLEEP, wasi=True, timeout=0.1) as instance:
        start = time.monotonic()
        with pytest.raises(wasmine.Trap, match="timeout"):
            run(instance)
        assert time.monotonic() - start < 5


def test_an_interruption_ends_a_sleep() -> None:
    import threading
    import time

    with wasmine.load(SLEEP, wasi=True) as instance:
        timer = threading.Timer(0.1, instance.store.interrupt)
        timer.start()
        start = time.monotonic()
        with pytest.raises(wasmine.Trap, match="interrupted"):
            run(instance)
        assert time.monotonic() - start < 5
        timer.join()


def test_what_a_stream_raises_passes_through() -> None:
    class Broken(io.RawIOBase):
        def write(self, data: Any) -> int:
            raise ZeroDivisionError

    with (
        wasmine.load(COMMAND, wasi=WasiConfig(stdout=Broken())) as instance,
        pytest.raises(ZeroDivisionError),
    ):
        run(instance)


def test_the_configuration_is_frozen_and_reusable(tmp_path: Path) -> None:
    import dataclasses

    config = WasiConfig(args=iter(["a", "b"]), env={"A": "1"}, preopens={"/": tmp_path})
    assert config.args == ("a", "b")
    assert dataclasses.replace(config, args=["c"]).args == ("c",)
    with pytest.raises(dataclasses.FrozenInstanceError):
        config.args = ()  # type: ignore[misc]
    with pytest.raises(TypeError):
        WasiConfig(["a"])  # type: ignore[call-arg]
    for wrong in ({"args": ["\0"]}, {"env": {"=": ""}}):
        with pytest.raises(ValueError):  # noqa: PT011
            WasiConfig(**wrong)


def test_the_configuration_names_the_fields_of_the_system() -> None:
    import inspect

    from wasmine.wasi.system import Wasi

    fields = inspect.signature(WasiConfig).parameters
    assert {name: field.default for name, field in fields.items()} == {
        name: parameter.default for name, parameter in inspect.signature(Wasi).parameters.items()
    }


def test_environment_of_this_process_is_not_passed_on() -> None:
    os.environ["WASMINE_TEST_SECRET"] = "1"
    source = """
    (module
      (import "wasi_snapshot_preview1" "environ_sizes_get" (func $sizes (param i32 i32) (result i32)))
      (memory (export "memory") 1)
      (func (export "count") (result i32)
        (drop (call $sizes (i32.const 0) (i32.const 4))) (i32.load (i32.const 0))))"""
    try:
        with wasmine.load(source, wasi=True) as instance:
            assert instance.exports.count() == 0
    finally:
        del os.environ["WASMINE_TEST_SECRET"]
