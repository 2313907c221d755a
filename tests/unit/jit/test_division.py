"""Division and remainder by constants, against Python's arithmetic."""

import random
from typing import Literal

import pytest

import wasmine

SMALL = (3, 5, 6, 7, 9, 10, 11, 12, 13, 14, 25, 28, 60, 100, 125, 625, 641, 1000, 3600, 10007, 65537, 86400)
OPS = ("div_s", "div_u", "rem_s", "rem_u")


def divisors(bits: int) -> list[int]:
    """Of each length, odd and even, beside powers of two; as unsigned numbers."""
    rng = random.Random(bits)
    top = 1 << bits
    chosen = {*SMALL, top // 3, top // 5, top // 7, top - 1, top - 3, top - 7, top - 1000}
    for length in range(2, bits + 1):
        power = 1 << length - 1
        chosen |= {power - 1, power + 1, power, rng.randrange(power, 2 * power)}
    return sorted(d for d in chosen if 2 <= d < top)


def signed(x: int, bits: int) -> int:
    return x - (1 << bits) if x >> bits - 1 else x


def expected(op: str, x: int, d: int, bits: int) -> int | None:
    """What the instruction gives, unsigned; None where it traps."""
    if op.endswith("_s"):
        x, d = signed(x, bits), signed(d, bits)
        if op == "div_s" and (x, d) == (-(1 << bits - 1), -1):
            return None
    quotient = abs(x) // abs(d) * (1 if (x < 0) == (d < 0) else -1)
    return (quotient if op.startswith("div") else x - quotient * d) % (1 << bits)


def dividends(d: int, bits: int, rng: random.Random) -> list[int]:
    """Where a multiplier that is a little off shows: around multiples of the divisor, and at the ends."""
    top = 1 << bits
    around = [0, top // 2, top - 1, d, top // 2 - top // 2 % d, top - top % d]
    around += [d * rng.randrange(top // d + 1) for _ in range(6)]
    around += [-d * rng.randrange(top // d + 1) for _ in range(3)]
    return sorted({(x + off) % top for x in around for off in (-1, 0, 1)})


@pytest.mark.parametrize("bits", [32, 64])
@pytest.mark.parametrize("tier", ["interp", "jit"])
def test_quotients_and_remainders_by_constants(tier: Literal["interp", "jit"], bits: int) -> None:
    rng = random.Random(1)
    type = f"i{bits}"
    all_divisors = divisors(bits)
    functions = [
        f'(func (export "{op} {d}") (param {type}) (result {type}) '
        f"({type}.{op} (local.get 0) ({type}.const {d})))"
        for d in all_divisors
        for op in OPS
    ]
    engine = wasmine.Engine(wasmine.Config(tier=tier))
    module = wasmine.Module(engine, f"(module {' '.join(functions)})")
    exports = wasmine.load(module).exports
    for d in all_divisors:
        for op in OPS:
            compiled = exports[f"{op} {d}"]
            for x in dividends(d, bits, rng):
                wanted = expected(op, x, d, bits)
                if wanted is not None:
                    assert compiled(x) % (1 << bits) == wanted, (op, x, d)
