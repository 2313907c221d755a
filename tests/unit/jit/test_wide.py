"""Native code of wide arithmetic against Python's integers, whichever half is used."""

import random
from typing import Any

import pytest

import wasmine
from wasmine.text import parse_module

OPERANDS = {"i64.add128": 4, "i64.sub128": 4, "i64.mul_wide_s": 2, "i64.mul_wide_u": 2}
# What of the two results is returned: instructions behind the operation, results.
HALVES = {"both": ("", 2), "low": ("drop", 1), "high": ("local.set 0 drop local.get 0", 1)}
EDGES = (0, 1, -1, 5, -5, 2**63 - 1, -(2**63), 0x123456789ABCDEF)
MASK = 2**64 - 1


@pytest.fixture(scope="module")
def exports() -> Any:
    functions = ""
    for name, count in OPERANDS.items():
        for half, (tail, results) in HALVES.items():
            for last in (f"(local.get {count - 1})", "(i64.const -5)"):
                gets = " ".join(f"(local.get {k})" for k in range(count - 1))
                functions += f'(func (export "{name} {half} {last[1:6]}") (param {"i64 " * count})'
                functions += f" (result {'i64 ' * results}) {gets} {last} {name} {tail})"
    engine = wasmine.Engine(wasmine.Config(tier="jit"))
    module = wasmine.Module(engine, parse_module(f"(module {functions})"))
    return wasmine.Linker(engine).instantiate(wasmine.Store(engine), module).exports


def signed(value: int) -> int:
    return (value & MASK) - ((value & MASK) >> 63 << 64)


def meaning(name: str, values: list[int]) -> tuple[int, int]:
    if len(values) == 4:
        left, right = ((values[k] & MASK) | (values[k + 1] << 64) for k in (0, 2))
        result = left + right if "add" in name else left - right
    elif name.endswith("_u"):
        result = (values[0] & MASK) * (values[1] & MASK)
    else:
        result = values[0] * values[1]
    return signed(result), signed(result >> 64)


@pytest.mark.parametrize("name", OPERANDS)
@pytest.mark.parametrize("half", HALVES)
@pytest.mark.parametrize("last", ["local", "i64.c"])
def test_halves(exports: Any, name: str, half: str, last: str) -> None:
    generator = random.Random(7)
    for _ in range(100):
        values = [generator.choice((*EDGES, generator.getrandbits(63))) for _ in range(OPERANDS[name])]
        low, high = meaning(name, values if last == "local" else [*values[:-1], -5])
        expected = {"both": (low, high), "low": low, "high": high}[half]
        assert exports[f"{name} {half} {last}"](*values) == expected
