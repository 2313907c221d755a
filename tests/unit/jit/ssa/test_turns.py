"""A loop loses its poll only if it ends as soon as that says."""

import random
from collections.abc import Callable

import pytest

from wasmine.jit.ssa.debug import parse

LOOPS = """
b1:
    br b2
b2:
    poll
    br b3({start}:{type})
b3(v1:{type}):
    poll
    v2:{type} = {type}.add v1, {step}:{type}
    v3:{type} = {type}.add v1, {plus}:{type}
    v4:i32 = {type}.{relation} {tested}, {bound}:{type}
    br_if v4 {edges}
b4:
    v5:i32 = i32.load 0:i32
    br_if v5 b2, b5
b5:
    return
"""

Relation = Callable[[int, int], bool]
RELATIONS: dict[str, Relation] = {
    "lt": lambda x, y: x < y,
    "le": lambda x, y: x <= y,
    "gt": lambda x, y: x > y,
    "ge": lambda x, y: x >= y,
    "ne": lambda x, y: x != y,
    "eq": lambda x, y: x == y,
}

# Instructions that a loop without a poll may execute, and those of a turn.
MOST, WEIGHT = 0x80000, 5


def signed(value: int, bits: int) -> int:
    return value - (1 << bits) if value >> (bits - 1) else value


def turns(
    start: int, step: int, plus: int, holds: Relation, bound: int, sign: bool, stay: bool, bits: int
) -> int:
    """How many turns the loop takes, or one more than it may."""
    mask = (1 << bits) - 1
    value, n = start, 0
    while n <= MOST // WEIGHT:
        n += 1
        tested = (value + plus) & mask
        pair = (signed(tested, bits), signed(bound, bits)) if sign else (tested, bound)
        if holds(*pair) != stay:
            break
        value = (value + step) & mask
    return n


@pytest.mark.parametrize("seed", range(400))
def test_a_loop_without_a_poll_ends(seed: int) -> None:
    chosen = random.Random(seed)
    bits = chosen.choice((32, 64))
    mask = (1 << bits) - 1

    def number() -> int:
        base = chosen.choice((0, 1 << (bits - 1), mask))
        return (base + chosen.randint(-300, 300)) & mask

    start, bound = number(), number()
    step = chosen.choice((1, 2, 3, 7, 64, 250, 1 << 20, 1 << (bits - 1), 1 << (bits - 2)))
    step = step if chosen.random() < 0.5 else -step & mask
    plus = chosen.choice((step, 0, 5, mask))
    relation, stay = chosen.choice(list(RELATIONS)), chosen.random() < 0.7
    sign = chosen.choice("su") if relation not in ("eq", "ne") else ""
    text = LOOPS.format(
        type=f"i{bits}",
        start=signed(start, bits),
        step=signed(step, bits),
        plus=signed(plus, bits),
        relation=relation + ("_" + sign if sign else ""),
        tested="v2" if plus == step else "v3",
        bound=signed(bound, bits),
        edges="b3(v2), b4" if stay else "b4, b3(v2)",
    )
    func = parse(text)
    func.run("induction")
    assert func.fault() is None
    loop = str(func).partition("b3(")[2].partition("b4:")[0]
    if "poll" not in loop:
        n = turns(start, step, plus, RELATIONS[relation], bound, sign == "s", stay, bits)
        assert n * WEIGHT <= MOST


def test_loops_with_few_turns_lose_their_polls() -> None:
    cases = [(0, 1, "lt_s", 100), (99, -1, "ge_s", 0), (10, -2, "ne", -20), (-7, 9, "le_s", 9)]
    for start, step, relation, bound in cases:
        text = LOOPS.format(
            type="i64",
            start=start,
            step=step,
            plus=0,
            relation=relation,
            tested="v3",
            bound=bound,
            edges="b3(v2), b4",
        )
        func = parse(text)
        func.run("simplify", "cfg", "induction")
        assert str(func).count("poll") == 1
