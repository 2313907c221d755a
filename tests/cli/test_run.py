"""`wasmine run`: programs, what they are granted, limits, and how they end."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

from wasmine.jit.host import host_name

PRELUDE = """
(module
  (import "wasi_snapshot_preview1" "fd_write" (func $fd_write (param i32 i32 i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "proc_exit" (func $exit (param i32)))
  (import "wasi_snapshot_preview1" "args_sizes_get" (func $args_sizes (param i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "args_get" (func $args (param i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "environ_sizes_get" (func $env_sizes (param i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "environ_get" (func $env (param i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "fd_prestat_get" (func $prestat (param i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "fd_prestat_dir_name" (func $name (param i32 i32 i32) (result i32)))
  (memory (export "memory") 1)
  (data (i32.const 64) "hello\\n")
  (func $print (param i32 i32)
    (i32.store (i32.const 0) (local.get 0))
    (i32.store (i32.const 4) (local.get 1))
    (drop (call $fd_write (i32.const 1) (i32.const 0) (i32.const 1) (i32.const 8))))
  (func (export "_start") {body}))
"""


def program(body: str) -> str:
    return PRELUDE.replace("{body}", body)


HELLO = program("(call $print (i32.const 64) (i32.const 6))")
ARGS = program(
    """(drop (call $args_sizes (i32.const 16) (i32.const 20)))
       (drop (call $args (i32.const 1024) (i32.const 4096)))
       (call $print (i32.const 4096) (i32.load (i32.const 20)))"""
)
ENV = program(
    """(drop (call $env_sizes (i32.const 16) (i32.const 20)))
       (drop (call $env (i32.const 1024) (i32.const 4096)))
       (call $print (i32.const 4096) (i32.load (i32.const 20)))"""
)
DIR = program(
    """(if (call $prestat (i32.const 3) (i32.const 16)) (then (call $exit (i32.const 44))))
       (drop (call $name (i32.const 3) (i32.const 4096) (i32.load (i32.const 20))))
       (call $print (i32.const 4096) (i32.load (i32.const 20)))"""
)
SPIN = "(loop $l (br $l))"


def test_hello(run: Any, wasm: Any) -> None:
    path = wasm(HELLO)
    assert run("run", path) == (0, "hello\n", "")
    assert run(path) == (0, "hello\n", "")


@pytest.mark.parametrize(("code", "status"), [(0, 0), (1, 1), (42, 42), (255, 255), (256, 0), (-1, 255)])
def test_the_exit_code_is_the_program_s(run: Any, wasm: Any, code: int, status: int) -> None:
    assert run(wasm(program(f"(call $exit (i32.const {code}))"))) == (status, "", "")


def test_arguments_are_passed_on_unread(run: Any, wasm: Any) -> None:
    path = wasm(ARGS, "app.wasm")
    given = ["one", "--fuel", "-x", "--", "", "two words", "--help"]
    assert run("run", path, *given).out.split("\0") == ["app.wasm", *given, ""]
    assert run(path).out == "app.wasm\0"


def test_environment(run: Any, wasm: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HERE", "inherited")
    monkeypatch.delenv("NOT_HERE", raising=False)
    path = wasm(ENV)
    assert run(path).out == ""
    out = run("--env", "A=1", "--env", "HERE", "--env", "NOT_HERE", "--env=E=", path).out
    assert out.split("\0") == ["A=1", "HERE=inherited", "E=", ""]


def test_directories(run: Any, wasm: Any, tmp_path: Path) -> None:
    path = wasm(DIR)
    assert run(path).code == 44
    assert run("--dir", tmp_path, path).out == str(tmp_path)
    assert run("--dir", f"{tmp_path}::/data", path).out == "/data"
    code, _, err = run("--dir", tmp_path / "none", path)
    assert code == 1
    assert err == f"wasmine: error: {tmp_path / 'none'}: no such directory\n"


def test_traps(run: Any, wasm: Any) -> None:
    code, out, err = run(wasm(program("(call $print (i32.const 64) (i32.const 6)) unreachable")))
    assert (code, out) == (134, "hello\n")
    assert err.splitlines()[0] == "wasmine: trap: unreachable"
    assert "_start" in err.splitlines()[1]


def test_fuel(run: Any, wasm: Any) -> None:
    path = wasm(program(SPIN))
    code, _, err = run("--fuel", "1000", path)
    assert code == 134
    assert "all fuel consumed" in err
    assert run("--fuel", "1000000", wasm(HELLO)).code == 0


def test_timeout(run: Any, wasm: Any) -> None:
    start = time.monotonic()
    code, _, err = run("--timeout", "0.2", wasm(program(SPIN)))
    assert code == 134
    assert err.splitlines()[0] == "wasmine: trap: timeout"
    assert time.monotonic() - start < 5


def test_memory_limit(run: Any, wasm: Any) -> None:
    source = '(module (memory 2) (func (export "grow") (result i32) (memory.grow (i32.const 1))))'
    path = wasm(source)
    assert run("--invoke", "grow", path).out == "2\n"
    assert run("--max-memory", "128K", "--invoke", "grow", path).out == "-1\n"
    assert run("--max-memory", "192KiB", "--invoke", "grow", path).out == "2\n"
    code, _, err = run("--max-memory", "64k", "--invoke", "grow", path)
    assert code == 1
    assert err.startswith(f"wasmine: error: {path}: ")


def test_tiers(run: Any, wasm: Any) -> None:
    path = wasm(HELLO)
    for tier in ("auto", "interp"):
        assert run("--tier", tier, path) == (0, "hello\n", "")
    code, _, err = run("--tier", "fast", path)
    assert code == 2
    assert "--tier must be one of auto, interp, jit, not 'fast'" in err


def test_linking(run: Any, wasm: Any) -> None:
    library = (
        '(module (func (export "twice") (param i32) (result i32) (i32.shl (local.get 0) (i32.const 1))))'
    )
    main = """
    (module (import "lib" "twice" (func $twice (param i32) (result i32)))
      (func (export "four") (param i32) (result i32) (call $twice (call $twice (local.get 0)))))"""
    lib = wasm(library, "lib.wasm")
    path = wasm(main, "main.wasm")
    assert run("--link", f"lib={lib}", "--invoke", "four", path, "-3").out == "-12\n"
    code, _, err = run("--invoke", "four", path, "1")
    assert code == 1
    assert err.startswith(f"wasmine: error: {path}: unknown import: lib.twice")
    assert run("--link", "lib", path).code == 2
    assert run("--link", "lib=/does/not/exist", path).code == 1


def test_text_modules(run: Any, tmp_path: Path) -> None:
    source = ';; a comment\n(module (func (export "f") (result i32) (i32.const 5)))'
    for name in ("module.wat", "module.txt"):
        path = tmp_path / name
        path.write_text(source)
        assert run("--invoke", "f", path).out == "5\n"


def test_a_library_is_no_program(run: Any, wasm: Any) -> None:
    path = wasm('(module (func (export "a")) (func (export "b") (result i32) (i32.const 0)))')
    code, out, err = run(path)
    assert (code, out) == (2, "")
    assert err.splitlines()[0] == (
        f"wasmine: error: {path}: it is no program: it exports no _start; call a function with --invoke: a, b"
    )
    assert run(wasm('(module (func $f) (start $f) (func (export "a")))')) == (0, "", "")


def test_a_library_is_initialised(run: Any, wasm: Any) -> None:
    source = """
    (module (global $g (mut i32) (i32.const 1))
      (func (export "_initialize") (global.set $g (i32.const 5)))
      (func (export "get") (result i32) (global.get $g)))"""
    assert run("--invoke", "get", wasm(source)).out == "5\n"


@pytest.mark.parametrize(
    "contents", [b"", b"\0asm", b"hello", b"\0asm\1\0\0\0\x63", b"(module", b"(\xff)", b"\0asm\1\0\0\0\1\1\1"]
)
def test_files_that_are_no_modules(run: Any, tmp_path: Path, contents: bytes) -> None:
    path = tmp_path / "module.wasm"
    path.write_bytes(contents)
    code, out, err = run("run", path)
    assert (code, out) == (1, "")
    assert err.count("\n") == 1
    assert err.startswith(f"wasmine: error: {path}: ")


def test_an_invalid_module(run: Any, wasm: Any, tmp_path: Path) -> None:
    path = tmp_path / "bad.wat"
    path.write_text("(module (func (result i32)))")
    code, _, err = run(path)
    assert code == 1
    assert err.startswith(f"wasmine: error: {path}: type mismatch")
    assert err.count("\n") == 1


def test_missing_files(run: Any, tmp_path: Path) -> None:
    assert run("none.wasm") == (1, "", "wasmine: error: none.wasm: No such file or directory\n")
    assert run("run", "none.wasm") == (1, "", "wasmine: error: none.wasm: No such file or directory\n")
    assert run("run", tmp_path) == (1, "", f"wasmine: error: {tmp_path}: Is a directory\n")


@pytest.mark.parametrize(
    "arguments",
    [
        ["run"],
        ["run", "--nonsense", "FILE"],
        ["--nonsense"],
        ["run", "--invoke"],
        ["run", "--invoke", "a", "--invoke", "b", "FILE"],
        ["run", "--fuel", "x", "FILE"],
        ["run", "--fuel", "-1", "FILE"],
        ["run", "--timeout", "0", "FILE"],
        ["run", "--timeout", "inf", "FILE"],
        ["run", "--max-memory", "1X", "FILE"],
        ["run", "--max-memory", "-1", "FILE"],
        ["run", "--max-memory", "K", "FILE"],
        ["run", "--env", "=x", "FILE"],
        ["run", "--dir", "x::", "FILE"],
        ["run", "--help=x"],
    ],
)
def test_wrong_usage(run: Any, wasm: Any, arguments: list[str]) -> None:
    path = wasm(HELLO)
    code, out, err = run(*[path if word == "FILE" else word for word in arguments])
    assert (code, out) == (2, "")
    assert err.startswith("wasmine: error: ")


def test_dump_ir(run: Any, wasm: Any) -> None:
    source = """
    (module (import "m" "f" (func))
      (func $first (export "one") (result i32) (i32.const 1))
      (func (export "two") (param i32) (result i32) (i32.add (local.get 0) (i32.const 2))))"""
    path = wasm(source)
    whole = run("run", "--dump-ir", path)
    assert whole.code == 0
    assert "first" in whole.out
    assert "i32.add" in whole.out
    for name in ("two", "2"):
        one = run("run", f"--dump-ir={name}", path)
        assert one.code == 0
        assert "i32.add" in one.out
        assert "first" not in one.out
    for name in ("one", "first", "1"):
        assert "first" in run("run", f"--dump-ir={name}", path).out
    for name in ("none", "0", "99"):
        assert run("run", f"--dump-ir={name}", path).code == 2


FIB = """(module (func $fib (export "fib") (param i32) (result i32)
  (if (result i32) (i32.lt_s (local.get 0) (i32.const 2))
    (then (local.get 0))
    (else (i32.add (call $fib (i32.sub (local.get 0) (i32.const 1)))
                   (call $fib (i32.sub (local.get 0) (i32.const 2))))))))"""


def test_dump_ssa_and_asm(run: Any, wasm: Any) -> None:
    path = wasm(FIB)
    code, out, _ = run("run", "--dump-ssa=fib", path)
    assert code == 0
    assert out.startswith("func fib:\n")
    assert "arg 0" in out
    code, out, _ = run("run", "--dump-asm=fib", path)
    assert code == 0
    assert out.startswith("func fib: ")
    assert " ret" in out
    assert run("run", "--dump-asm=none", path).code == 2
    assert run("run", "--tier", "interp", "--dump-asm=fib", path).code == 1


@pytest.mark.parametrize(("target", "expected"), [("x64", "eax"), ("arm64", "x30")])
def test_dump_asm_of_a_machine(run: Any, wasm: Any, target: str, expected: str) -> None:
    path = wasm(FIB)
    code, out, _ = run("run", "--tier", "interp", "--dump-asm=fib", "--target", target, path)
    assert code == 0
    assert expected in out
    assert " ret" in out
    if target == host_name():
        # What follows has addresses of this process.
        assert out.splitlines()[1:10] == run("run", "--dump-asm=fib", path).out.splitlines()[1:10]


@pytest.mark.parametrize("options", [["--dump-asm", "--target", "z80"], ["--target", "arm64"]])
def test_no_such_machine(run: Any, wasm: Any, options: list[str]) -> None:
    code, _, err = run("run", *options, wasm(FIB))
    assert code == 2
    assert "--target" in err


def test_dump_asm_without_capstone(run: Any, wasm: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "capstone", None)
    code, _, err = run("run", "--dump-asm=fib", wasm(FIB))
    assert code == 1
    assert "pip install 'wasmine[asm]'" in err


def test_profile(run: Any, wasm: Any) -> None:
    path = wasm(FIB)
    code, out, err = run("run", "--profile", "--tier", "jit", "--invoke", "fib", path, "20")
    assert (code, out) == (0, "6765\n")
    assert "1 compilation" in err
    assert "first call" in err
    assert err.splitlines()[-1].split()[-1] == "fib"
    _, _, err = run("run", "--profile", "--tier", "interp", "--invoke", "fib", path, "2")
    assert "interpreted" in err


def environment() -> dict[str, str]:
    return {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}


def start(*arguments: str, **options: Any) -> "subprocess.Popen[bytes]":
    command = [sys.executable, "-m", "wasmine", *arguments]
    return subprocess.Popen(command, env=environment(), stderr=subprocess.PIPE, **options)


def test_ctrl_c(wasm: Any) -> None:
    process = start(
        wasm(program("(call $print (i32.const 64) (i32.const 6))" + SPIN)), stdout=subprocess.PIPE
    )
    assert process.stdout is not None
    assert process.stdout.readline() == b"hello\n"
    process.send_signal(signal.SIGINT)
    try:
        _, err = process.communicate(timeout=30)
    finally:
        process.kill()
    assert process.returncode == 130
    assert err == b""


def test_a_closed_pipe_for_results(wasm: Any) -> None:
    path = wasm('(module (func (export "f") (result i32) (i32.const 1)))')
    reading, writing = os.pipe()
    os.close(reading)
    process = start("--invoke", "f", path, stdout=writing)
    os.close(writing)
    _, err = process.communicate(timeout=30)
    assert process.returncode == 141
    assert err == b""


def test_as_a_module_of_python(wasm: Any) -> None:
    process = start(wasm(program("(call $exit (i32.const 9))")))
    process.communicate(timeout=30)
    assert process.returncode == 9
