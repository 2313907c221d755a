"""Runs the benchmarks that are named, or all. See `python -m bench --help`."""

import argparse
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path

from bench.measure import Result, in_turns, show
from bench.peers import Wasmine, Wasmtime

ROOT = Path(__file__).parent
SQLITE = ROOT.parent / "programs" / "bin" / "sqlite.wasm"

FIB = """(module (func $fib (export "fib") (param i32) (result i32)
  (if (result i32) (i32.lt_s (local.get 0) (i32.const 2))
    (then (local.get 0))
    (else (i32.add (call $fib (i32.sub (local.get 0) (i32.const 1)))
                   (call $fib (i32.sub (local.get 0) (i32.const 2))))))))"""
ADD = """(module (func (export "add") (param i32 i32) (result i32)
  (i32.add (local.get 0) (local.get 1))))"""
CALLBACK = """(module (import "env" "f" (func $f (param i32) (result i32)))
  (func (export "loop") (param i32)
    (loop (drop (call $f (local.get 0)))
      (br_if 0 (local.tee 0 (i32.sub (local.get 0) (i32.const 1)))))))"""


def wat(text: str) -> bytes:
    from wasmine.text import parse_module

    return parse_module(text)


def fib() -> None:
    """fib(35): both tiers against wasmtime's compiled code."""
    module = wat(FIB)
    theirs = Wasmtime().load(module)("fib")
    ours = Wasmine(tier="interp").load(module)("fib")
    native = Wasmine(tier="jit").load(module)("fib")
    assert ours(20) == native(20) == theirs(20) == 6765
    contenders = {
        "wasmtime": lambda: theirs(35),
        "wasmine, native": lambda: native(35),
        "wasmine, interpreter": lambda: ours(35),
    }
    show("fib(35)", in_turns(contenders, rounds=3))


# What the programs of bench/bin are run with: some tenths of a second of native code.
SIZES = {
    "fib": 35,
    "json": 20_000,
    "mandelbrot": 500,
    "matrix": 400,
    "nbody": 1_000_000,
    "nqueens": 11,
    "sha256": 200_000,
    "sieve": 20_000_000,
}


def programs() -> None:
    """The programs of bench/bin, natively, against wasmtime's compiled code; compiled before the
    first round.
    """
    for name, n in SIZES.items():
        module = (ROOT / "bin" / f"{name}.wasm").read_bytes()
        theirs = Wasmtime().load(module)("run")
        ours = Wasmine(tier="jit").load(module)("run")
        assert ours(10) == theirs(10)
        contenders = {
            "wasmtime": partial(theirs, n),
            "wasmine, native": partial(ours, n),
        }
        show(f"{name}({n})", in_turns(contenders, rounds=3))


def call() -> None:
    """add(i32, i32), called from Python."""
    module = wat(ADD)

    def plain(a: int, b: int) -> int:
        return a + b

    ours = Wasmine().load(module)("add")
    theirs = Wasmtime().load(module)("add")
    contenders = {
        "Python function": lambda: plain(2, 40),
        "wasmine": lambda: ours(2, 40),
        "wasmtime": lambda: theirs(2, 40),
    }
    # What the lambda around each costs is the same for all, and taken off.
    empty = in_turns({"": lambda: None}, repeat=20_000)[0].seconds
    results = [
        Result(r.name, r.seconds - empty)
        for name, operation in contenders.items()
        for r in in_turns({name: operation}, repeat=2_000 if name == "wasmtime" else 20_000)
    ]
    show("add(2, 40) from Python", results)


def callback() -> None:
    """A Python function (i32) -> i32, called from Wasm."""
    module = wat(CALLBACK)
    count = 20_000
    ours = Wasmine().load(module, {"f": lambda x: x})("loop")
    theirs = Wasmtime().load(module, {"f": lambda x: x})("loop")
    results = in_turns({"wasmine": lambda: ours(count), "wasmtime": lambda: theirs(count)}, rounds=3)
    show("host callback (i32) -> i32", [Result(r.name, r.seconds / count) for r in results])


def load() -> None:
    """Reading and checking SQLite."""
    import wasmtime

    import wasmine

    source = SQLITE.read_bytes()
    engine = wasmine.Engine()
    results = in_turns({"wasmine": lambda: wasmine.Module(engine, source)}, rounds=10)
    results += in_turns({"wasmtime": lambda: wasmtime.Module(wasmtime.Engine(), source)}, rounds=1)
    show(f"load of {len(source) / 1e6:.2f} MB (SQLite)", results)


def import_time() -> None:
    """`import` in a new process, over that of bare Python."""

    def run(code: str) -> Callable[[], object]:
        return lambda: subprocess.run([sys.executable, "-c", code], check=True)

    results = in_turns(
        {"pass": run("pass"), "wasmine": run("import wasmine"), "wasmtime": run("import wasmtime")}, rounds=10
    )
    bare = results[0].seconds
    show("import, over bare Python", [Result(r.name, r.seconds - bare) for r in results[1:]])


def threads() -> None:
    """Two stores in two threads: how much longer than one alone takes."""
    module = wat(FIB)
    functions = [Wasmine(tier="interp").load(module)("fib") for _ in range(2)]

    def run(count: int) -> float:
        workers = [threading.Thread(target=functions[i], args=(30,)) for i in range(count)]
        start = time.perf_counter()
        for worker in workers:
            worker.start()
        for worker in workers:
            worker.join()
        return time.perf_counter() - start

    one, two = (min(run(count) for _ in range(5)) for count in (1, 2))
    show("fib(30) in threads with separate stores", [Result("one thread", one), Result("two threads", two)])


BENCHMARKS = {f.__name__: f for f in (fib, programs, call, callback, load, import_time, threads)}


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m bench", description="Measures wasmine beside its peers.")
    parser.add_argument("names", nargs="*", metavar="NAME", help=", ".join(BENCHMARKS))
    names = parser.parse_args().names or list(BENCHMARKS)
    unknown = [name for name in names if name not in BENCHMARKS]
    if unknown:
        parser.error(f"no benchmark named {', '.join(unknown)}")
    for name in names:
        BENCHMARKS[name]()
    return 0


if __name__ == "__main__":
    sys.exit(main())
