"""Relations joined by `and` and `or`, negated, wanted as values, for branches and for selects."""

import random

import pytest

import wasmine
from wasmine.text import parse_module

INTEGER = ("eq", "ne", "lt_s", "lt_u", "gt_s", "gt_u", "le_s", "le_u", "ge_s", "ge_u")
RELATIONS = {"i32": INTEGER, "i64": INTEGER, "f64": ("eq", "ne", "lt", "gt", "le", "ge")}
FIRST = {"i32": 0, "i64": 2, "f64": 4}
SMALL = (0, 1, 5, 31, 32, -1, -7, -31, -32, 1000, -4096, 2**31 - 1, -(2**31))
LARGE = (*SMALL, 2**63 - 1, -(2**63))
FLOATS = (0.0, -0.0, 1.5, -3.0, float("nan"), float("inf"))


class Source:
    def __init__(self, seed: int) -> None:
        self.random = random.Random(seed)

    def operand(self, kind: str, local: int) -> str:
        if kind == "f64":
            constant = self.random.choice(("0", "1.5"))
        else:
            constant = str(self.random.choice(SMALL if kind == "i32" else LARGE))
        return self.random.choice(
            (f"(local.get {local})", f"(local.get {local})", f"({kind}.const {constant})")
        )

    def relation(self) -> str:
        kind = self.random.choice(("i32", "i64", "f64"))
        first = FIRST[kind]
        name = self.random.choice(RELATIONS[kind])
        return f"({kind}.{name} {self.operand(kind, first)} {self.operand(kind, first + 1)})"

    def function(self, name: str) -> str:
        value = f"(i32.{self.random.choice(('and', 'or'))} {self.relation()} {self.relation()})"
        for _ in range(self.random.choice((0, 0, 1, 2))):
            value = f"(i32.eqz {value})"
        body = self.random.choice(
            (
                value,
                f"(if (result i32) {value} (then (i32.const 7)) (else (i32.const 8)))",
                f"(select (local.get 0) (i32.const 3) {value})",
            )
        )
        return f'(func (export "{name}") (param i32 i32 i64 i64 f64 f64) (result i32) {body})'

    def arguments(self) -> tuple[float, ...]:
        kinds = (SMALL, SMALL, LARGE, LARGE, FLOATS, FLOATS)
        return tuple(self.random.choice(kind) for kind in kinds)


@pytest.mark.parametrize("seed", range(4))
def test_both_tiers_agree(seed: int) -> None:
    source = Source(seed)
    names = [f"f{n}" for n in range(60)]
    text = f"(module {' '.join(source.function(name) for name in names)})"
    exports = []
    for tier in ("interp", "jit"):
        engine = wasmine.Engine(wasmine.Config(tier=tier))
        module = wasmine.Module(engine, parse_module(text))
        exports.append(wasmine.Linker(engine).instantiate(wasmine.Store(engine), module).exports)
    for name in names:
        for _ in range(12):
            arguments = source.arguments()
            assert exports[0][name](*arguments) == exports[1][name](*arguments), (name, arguments)
