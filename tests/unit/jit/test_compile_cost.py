"""What compiling costs grows with the size of a function, and no faster."""

import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from wasmine import Config, Engine, Linker, Module, Store

BOUND = 14


def straight(n: int) -> str:
    return "".join(
        f"(local.set 1 (i32.add (i32.mul (local.get 1) (i32.const {2 * k + 3})) (local.get 0)))"
        for k in range(n // 6)
    )


def branches(n: int) -> str:
    return "".join(
        f"(if (i32.and (local.get 0) (i32.const {k % 31 + 1})) (then (local.set 1 (i32.add (local.get 1)"
        f" (i32.const {k})))) (else (local.set 0 (i32.add (local.get 0) (i32.const 1)))))"
        for k in range(n // 10)
    )


def loops(n: int) -> str:
    return "".join(
        "(local.set 1 (i32.const 2)) (loop (local.set 0 (i32.add (local.get 0) (local.get 1)))"
        " (br_if 0 (local.tee 1 (i32.sub (local.get 1) (i32.const 1)))))"
        for _ in range(n // 10)
    )


def nested_loops(n: int) -> str:
    end = (
        "(local.set 1 (i32.add (local.get 1) (i32.const 1))) (br_if 0 (i32.eq (local.get 1) (i32.const -1))))"
    )
    return "(loop " * (n // 10) + end * (n // 10)


def nested_blocks(n: int) -> str:
    m = n // 5
    return "(block " * m + "".join(
        f"(br_if {k % (m - k)} (i32.eq (local.get 0) (i32.const {k}))))" for k in range(m)
    )


def table(n: int) -> str:
    m = n // 5
    labels = " ".join(str(k * 7 % m) for k in range(m))
    ends = "".join(f") (local.set 1 (i32.add (local.get 1) (i32.const {k})))" for k in range(m))
    return f"{'(block ' * m} (br_table {labels} 0 (local.get 0)) {ends}"


def calls(n: int) -> str:
    return "(local.set 1 (i32.add (local.get 1) (call $f (local.get 1))))" * (n // 5)


def locals_(n: int) -> str:
    return "".join(
        f"(local.set {k + 2} (i32.add (local.get {max(0, k - 50)}) (local.get 0)))" for k in range(n // 5)
    ) + "".join(f"(local.set 1 (i32.xor (local.get 1) (local.get {k + 2})))" for k in range(0, n // 5, 2))


def memory(n: int) -> str:
    return "".join(
        f"(i32.store offset={k} (local.get 0)"
        f" (i32.add (i32.load offset={k * 7} (local.get 0)) (local.get 1)))"
        for k in range(n // 6)
    )


def module_of(body: Callable[[int], str], n: int) -> bytes:
    """A module with a function of about n instructions, which returns at once."""
    extra = "i32 " * (n // 5) if body is locals_ else ""
    source = f"""
        (module (memory 1)
          (func $f (export "f") (param i32) (result i32) (local i32 {extra})
            (if (i32.eqz (local.get 0)) (then (return (i32.const 7))))
            {body(n)}
            (local.get 1)))"""
    return Module(Engine(), source).data


def seconds(data: bytes) -> float:
    """Processor time of the first call of its function."""
    module = Module(Engine(Config(tier="jit", compile_threads=0)), data)
    function = Linker(module.engine).instantiate(Store(module.engine), module).exports.f
    start = time.thread_time()
    assert function(0) == 7
    taken = time.thread_time() - start
    assert module._code.native.outcomes()[0][1] == "compiled"
    return taken


@pytest.mark.slow
@pytest.mark.parametrize(
    "body", [straight, branches, loops, nested_loops, nested_blocks, table, calls, locals_, memory]
)
def test_cost_is_linear(body: Callable[[int], str]) -> None:
    # Ten times as many instructions are executed; what does not fit the caches takes longer, 10 to 11.7 times
    # as long on a quiet machine. Quadratic cost would be a hundred times as much.
    large, small = module_of(body, 100_000), module_of(body, 10_000)
    rounds = [(seconds(large), seconds(small), seconds(small)) for _ in range(5)]
    assert min(r[0] for r in rounds) < BOUND * min(min(r[1:]) for r in rounds)


@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="the system does not say it there")
def test_memory_is_given_back(tmp_path: Path) -> None:
    # In a process of its own: a thread compiles a large function, which takes tens of megabytes meanwhile.
    (tmp_path / "large.wasm").write_bytes(module_of(branches, 100_000))
    script = """if True:
        import sys
        from time import sleep
        from wasmine import Config, Engine, Linker, Module, Store
        from wasmine.jit.tiering import wait

        def resident():
            lines = open("/proc/self/status").read().splitlines()
            return [int(line.split()[1]) for key in ("VmHWM", "VmRSS") for line in lines if key in line]

        module = Module(Engine(Config(tier="auto", compile_threads=1, tier_up=(1, 1))), sys.argv[1])
        function = Linker(module.engine).instantiate(Store(module.engine), module).exports.f
        before = resident()[1]
        while not module._code.native.is_native(0):
            function(0)
            wait()
        sleep(0.2)
        most, now = resident()
        print(most - before, now - before)
    """
    done = subprocess.run(
        [sys.executable, "-c", script, str(tmp_path / "large.wasm")],
        check=True,
        capture_output=True,
        text=True,
        timeout=60,
    )
    most, left = map(int, done.stdout.split())
    # What stays: its register IR and its code.
    assert most > 20_000
    assert left < most // 2
