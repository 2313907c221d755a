"""Native code of every atomic instruction against the interpreter: results, memory, traps."""

import itertools
import platform
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

import wasmine
from wasmine.spec.opcodes import OPS, Op
from wasmine.text import parse_module

if platform.machine() in ("aarch64", "arm64"):
    from wasmine.jit.arm64.features import limit_features

    # The first ones of ARM64 have no instruction that changes memory.
    PROCESSORS: dict[str, list[str] | None] = {"loops": [], "all": None}
else:
    from wasmine.jit.x64.features import limit_features

    PROCESSORS = {"all": None}
ACCESSES = [op for op in OPS if op.prefix == 0xFE and "memarg" in op.immediates and "wait" not in op.name]
MEMORIES = ("i32", "i32", "i64")
PAGE = 0x10000
OFFSETS = (0, 8, 0xFFF8, 0xFFFFFFFF)
VALUES = (0, 1, 0x80, 0x1234567890ABCDEF, 0xFFFFFFFF, (1 << 64) - 1)


def shape(op: Op, address: str) -> tuple[list[str], str]:
    operands, _, result = str(op.signature).partition("->")
    return [address, *operands.split()[1:]], result.strip()


def function(op: Op, memory: int, offset: int, *, dropped: bool) -> str:
    operands, result = shape(op, MEMORIES[memory])
    parameters = " ".join(operands)
    gets = " ".join(f"(local.get {k})" for k in range(len(operands)))
    results = f"(result {result})" if result and not dropped else ""
    name = f"{op.name} {memory} {offset} {dropped}"
    drop = "drop" if result and dropped else ""
    body = f"{gets} {op.name} {memory} offset={offset} {drop}"
    return f'(func (export "{name}") (param {parameters}) {results} {body})'


def variants() -> list[tuple[Op, int, int, bool]]:
    return [
        (op, memory, offset, dropped)
        for op, memory, offset, dropped in itertools.product(ACCESSES, range(3), OFFSETS, (False, True))
        if not (dropped and str(op.signature).endswith("->"))
    ]


@pytest.fixture(scope="module", params=PROCESSORS, autouse=True)
def processor(request: pytest.FixtureRequest) -> Iterator[str]:
    limit_features(PROCESSORS[request.param])
    yield request.param
    limit_features()


@pytest.fixture(scope="module")
def tiers(processor: str) -> list[Any]:
    functions = "\n".join(function(op, m, o, dropped=d) for op, m, o, d in variants())
    memories = "".join(
        f'(memory (export "m{k}") {"i64" if t == "i64" else ""} 1)' for k, t in enumerate(MEMORIES)
    )
    found = []
    for tier in ("interp", "jit"):
        engine = wasmine.Engine(wasmine.Config(tier=tier))
        module = wasmine.Module(engine, parse_module(f"(module {memories} {functions})"))
        found.append((wasmine.Linker(engine).instantiate(wasmine.Store(engine), module), module))
    return found


def run(instance: Any, name: str, memory: int, fill: bytes, arguments: list[int]) -> tuple[object, bytes]:
    content = instance.exports[f"m{memory}"]
    content[0:16] = content[PAGE - 16 : PAGE] = fill
    try:
        result: object = instance.exports[name](*arguments)
    except wasmine.Trap as trap:
        result = str(trap).splitlines()[0]
    return result, bytes(content[0:16]) + bytes(content[PAGE - 16 : PAGE])


@pytest.mark.parametrize("op", ACCESSES, ids=lambda op: op.name)
def test_accesses(tiers: list[Any], op: Op) -> None:
    size = 1 << (op.access or 0)
    for _, memory, offset, dropped in (v for v in variants() if v[0] is op):
        name = f"{op.name} {memory} {offset} {dropped}"
        operands, _ = shape(op, MEMORIES[memory])
        top = (1 << int(operands[0][1:])) - 1
        addresses = {
            0,
            1,
            size,
            8,
            PAGE - size,
            PAGE - size - offset,
            PAGE - size - offset + 1,
            PAGE - offset,
        }
        addresses |= {top, top - size + 1, top + 1 - offset}
        for number, address in enumerate(sorted(a for a in addresses if 0 <= a <= top)):
            values = [VALUES[(number + k) % len(VALUES)] for k in range(len(operands) - 1)]
            if len(values) == 2 and number % 2:
                values[0] = 0xA5A4A3A2A1A0A5A4  # what is there, at some addresses
            widths = [int(operand[1:]) for operand in operands]
            arguments = [v % (1 << w) for v, w in zip([address, *values], widths, strict=True)]
            fill = bytes(range(0xA4, 0xA4 + 8)) * 2 if number % 3 else bytes.fromhex("a4a5a0a1a2a3a4a5" * 2)
            theirs, ours = (run(instance, name, memory, fill, arguments) for instance, _ in tiers)
            assert ours == theirs, f"{name} {arguments}"


def test_nothing_is_refused(tiers: list[Any]) -> None:
    outcomes = tiers[1][1]._code.native.outcomes()
    assert {reason for _, reason, *_ in outcomes} <= {"compiled", "not called"}


WAITING = """(module (import "env" "memory" (memory 1 1 shared))
  (func (export "wait") (param i32 i32) (result i32)
    (memory.atomic.wait32 offset=4 (local.get 0) (local.get 1) (i64.const 20000000000)))
  (func (export "wait64") (param i32) (result i32)
    (memory.atomic.wait64 (local.get 0) (i64.const 1) (i64.const 1000000)))
  (func (export "notify") (param i32 i32) (result i32)
    (memory.atomic.notify offset=4 (local.get 0) (local.get 1)))
  (func (export "count") (param i32) (result i32)
    (loop (drop (i32.atomic.rmw.add (i32.const 64) (i32.const 1)))
          (i32.store (i32.const 72) (i32.atomic.rmw8.xor_u (i32.const 70) (i32.const 1)))
          (atomic.fence)
          (br_if 0 (local.tee 0 (i32.sub (local.get 0) (i32.const 1)))))
    (i32.atomic.load (i32.const 64))))"""


@pytest.fixture
def sharing() -> tuple[Any, list[Any]]:
    """A memory, and the exports of two instances, in stores of their own, that share it."""
    engine = wasmine.Engine(wasmine.Config(tier="jit"))
    module = wasmine.Module(engine, parse_module(WAITING))
    store = wasmine.Store(engine)
    memory = wasmine.Memory(store, wasmine.MemoryType(1, 1, shared=True))
    exports = []
    for _ in range(2):
        store = wasmine.Store(engine)
        linker = wasmine.Linker(engine)
        linker.define("env", "memory", memory.share(store))
        exports.append(linker.instantiate(store, module).exports)
    return memory, exports


def test_waiting(sharing: tuple[Any, list[Any]]) -> None:
    memory, (first, second) = sharing
    assert first["wait"](4, 1) == 1  # not equal
    assert first["wait64"](16) == 1
    memory[16] = 1
    assert first["wait64"](16) == 2  # timed out
    with pytest.raises(wasmine.Trap, match="unaligned atomic"):
        first["wait"](3, 0)
    with pytest.raises(wasmine.Trap, match="out of bounds"):
        first["notify"](PAGE - 4, 0)
    with ThreadPoolExecutor() as pool:
        waiting = pool.submit(first["wait"], 4, 0)
        while second["notify"](4, 1) == 0:
            assert not waiting.done()
        assert waiting.result() == 0


def test_counting_in_threads(sharing: tuple[Any, list[Any]]) -> None:
    memory, exports = sharing
    with ThreadPoolExecutor() as pool:
        list(pool.map(lambda functions: functions["count"](20_001), exports))
    assert int.from_bytes(memory[64:68], "little") == 40_002
    assert memory[70] == 0
