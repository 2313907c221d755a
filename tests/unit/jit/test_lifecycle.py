"""Code goes with its module, and what is published stays where it is."""

import gc
import os
import subprocess
import sys
from pathlib import Path

import pytest

from wasmine import Config, Engine, Linker, Module, Store
from wasmine.text import parse_module

PAGE = 4096

PLUGIN = parse_module("""(module
  (func $leaf (param i32) (result i32) (i32.mul (local.get 0) (i32.const 3)))
  (func (export "f") (param i32) (result i32) (local i32)
    (loop $more
      (local.set 1 (i32.add (local.get 1) (call $leaf (local.get 0))))
      (br_if $more (local.tee 0 (i32.sub (local.get 0) (i32.const 1)))))
    (local.get 1)))""")


def resident() -> int:
    gc.collect()
    return int(Path("/proc/self/statm").read_text().split()[1]) * PAGE


def mappings() -> int:
    return len(Path("/proc/self/maps").read_text().splitlines())


def live(engine: Engine) -> None:
    instance = Linker(engine).instantiate(Store(engine), Module(engine, PLUGIN))
    assert instance.exports.f(4) == 30
    instance.store.close()


@pytest.mark.slow
@pytest.mark.parametrize("threads", [0, 1])
def test_ten_thousand_modules_leave_nothing_behind(threads: int) -> None:
    engine = Engine(Config(tier_up=(1, 1), compile_threads=threads))
    for _ in range(500):
        live(engine)
    before, maps = resident(), mappings()
    for _ in range(10_000):
        live(engine)
    if "WASMINE_EMULATED" not in os.environ:  # qemu keeps 24 bytes for each page ever mapped
        assert resident() - before < 1 << 20
    assert mappings() - maps < 16


def test_a_few_modules_leave_no_mappings() -> None:
    engine = Engine(Config(tier_up=(1, 1), compile_threads=0))
    for _ in range(5):
        live(engine)
    maps = mappings()
    for _ in range(100):
        live(engine)
    assert mappings() - maps < 8


def test_functions_share_pages() -> None:
    """A page that is full of running code is replaced by one with more of it."""
    count = 600
    funcs = "".join(
        f'(func (export "f{i}") (param i32) (result i32) (i32.add (local.get 0) (i32.const {i})))'
        for i in range(count)
    )
    engine = Engine(Config(tier="jit"))
    instance = Linker(engine).instantiate(Store(engine), Module(engine, f"(module {funcs})"))
    for i in range(count):
        assert instance.exports[f"f{i}"](1) == i + 1
    for i in range(count):
        assert instance.exports[f"f{i}"](2) == i + 2
    code = [
        line
        for line in Path("/proc/self/maps").read_text().splitlines()
        if " r-xp " in line and line.endswith(" 0 ")
    ]
    sizes = [int(end, 16) - int(start, 16) for start, end in (line.split()[0].split("-") for line in code)]
    assert sum(sizes) < count * PAGE // 4


SCRIPT = """
from wasmine import Config, Engine, Linker, Module, Store
engine = Engine(Config(tier="jit"))
source = '(module (func (export "f") (result i32) (i32.const 42)))'
instance = Linker(engine).instantiate(Store(engine), Module(engine, source))
assert instance.exports.f() == 42
print(*(line.split()[1] for line in open("/proc/self/maps")))
"""


def test_no_page_is_writable_and_executable() -> None:
    """In a process of its own: test tools make such pages."""
    env = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    done = subprocess.run([sys.executable, "-c", SCRIPT], env=env, capture_output=True, text=True, check=True)
    rights = done.stdout.split()
    assert "r-xp" in rights
    assert not [right for right in rights if "wx" in right]
