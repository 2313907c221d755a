"""Random functions: what their SSA computes, as built and after passes, against the interpreter."""

import random
import struct
from collections.abc import Callable
from typing import Any

import pytest

import wasmine

TYPES = ("i32", "i64", "f32", "f64")
CONSTANTS = {
    "i32": (0, 1, -1, 2, 3, 7, 10, 31, 32, 255, 256, 65535, 1000003, 2**31 - 1, -(2**31), -2, -10),
    "i64": (0, 1, -1, 2, 5, 63, 64, 255, 2**32, 2**32 - 1, 2**63 - 1, -(2**63), 1000000007, -7, 100),
    "f32": ("0", "-0", "1", "-1.5", "1e10", "-1e30", "0x1p-149", "3.25", "inf"),
    "f64": ("0", "-0", "1", "-1.5", "1e10", "-1e300", "0x1p-1074", "2147483648.5", "-inf"),
}
INT_BINARY = ["add", "sub", "mul", "and", "or", "xor", "shl", "shr_s", "shr_u", "rotl", "rotr"]
DIVISIONS = ["div_s", "div_u", "rem_s", "rem_u"]
INT_COMPARE = ["eq", "ne", "lt_s", "lt_u", "gt_s", "gt_u", "le_s", "le_u", "ge_s", "ge_u"]
FLOAT_BINARY = ["add", "sub", "mul", "div", "min", "max", "copysign"]
FLOAT_COMPARE = ["eq", "ne", "lt", "gt", "le", "ge"]
CONVERSIONS = {
    "i32": (
        ("wrap_i64", "i64"),
        ("trunc_sat_f64_s", "f64"),
        ("reinterpret_f32", "f32"),
        ("trunc_f32_u", "f32"),
    ),
    "i64": (
        ("extend_i32_u", "i32"),
        ("extend_i32_s", "i32"),
        ("reinterpret_f64", "f64"),
        ("trunc_sat_f32_s", "f32"),
    ),
    "f32": (
        ("convert_i32_s", "i32"),
        ("demote_f64", "f64"),
        ("reinterpret_i32", "i32"),
        ("convert_i64_u", "i64"),
    ),
    "f64": (
        ("convert_i64_s", "i64"),
        ("promote_f32", "f32"),
        ("reinterpret_i64", "i64"),
        ("convert_i32_u", "i32"),
    ),
}
LOADS = {
    "i32": ["load", "load8_s", "load8_u", "load16_s", "load16_u"],
    "i64": ["load", "load8_s", "load8_u", "load16_s", "load16_u", "load32_s", "load32_u"],
    "f32": ["load"],
    "f64": ["load"],
}
STORES = {
    "i32": ["store", "store8", "store16"],
    "i64": ["store", "store8", "store16", "store32"],
    "f32": ["store"],
    "f64": ["store"],
}
GLOBALS = ("i32", "i64", "f64", "i32")


class Generator:
    """Writes a random module of functions that call those before them. Loops count down."""

    def __init__(self, seed: int) -> None:
        self.random = random.Random(seed)
        self.functions: list[tuple[list[str], str]] = []
        self.locals: list[str] = []
        self.depth = 0
        self.counters = 0
        self.labels: list[str] = []

    def pick(self, choices: Any) -> Any:
        return self.random.choice(choices)

    def local(self, kind: str) -> str:
        return f"$l{self.pick([i for i, t in enumerate(self.locals) if t == kind])}"

    def expression(self, kind: str, depth: int = 4) -> str:
        if depth == 0 or self.random.random() < 0.15:
            if self.random.random() < 0.35:
                return f"({kind}.const {self.pick(CONSTANTS[kind])})"
            if self.random.random() < 0.15 and kind in GLOBALS:
                return f"(global.get {GLOBALS.index(kind)})"
            return f"(local.get {self.local(kind)})"
        return self.operation(kind, depth - 1)

    def operation(self, kind: str, depth: int) -> str:
        r = self.random.random()
        if r < 0.35:
            x, y = self.expression(kind, depth), self.expression(kind, depth)
            if kind[0] == "f":
                return f"({kind}.{self.pick(FLOAT_BINARY)} {x} {y})"
            if self.random.random() < 0.15:
                y = f"({kind}.const {self.pick(CONSTANTS[kind])})" if self.random.random() < 0.7 else y
                return f"({kind}.{self.pick(DIVISIONS)} {x} {y})"
            return f"({kind}.{self.pick(INT_BINARY)} {x} {y})"
        if r < 0.5 and kind == "i32":
            of = self.pick(TYPES)
            relation = self.pick(FLOAT_COMPARE if of[0] == "f" else INT_COMPARE)
            if self.random.random() < 0.3 and of[0] == "i":
                return f"({of}.eqz {self.expression(of, depth)})"
            return f"({of}.{relation} {self.expression(of, depth)} {self.expression(of, depth)})"
        if r < 0.62:
            name, of = self.pick(CONVERSIONS[kind])
            return f"({kind}.{name} {self.expression(of, depth)})"
        if r < 0.72:
            return f"({kind}.{self.pick(LOADS[kind])} offset={self.pick((0, 0, 4, 8, 60))} {self.address(depth)})"
        if r < 0.8:
            x, y = self.expression(kind, depth), self.expression(kind, depth)
            return f"(select {x} {y} {self.expression('i32', depth)})"
        if r < 0.86 and self.functions and self.depth < 2:
            calls = [i for i, f in enumerate(self.functions) if f[1] == kind]
            if calls:
                callee = self.pick(calls)
                arguments = " ".join(self.expression(t, depth // 2) for t in self.functions[callee][0])
                return f"(call $f{callee} {arguments})"
        if r < 0.92:
            unary = self.pick(
                ["clz", "ctz", "popcnt", "extend8_s", "extend16_s"]
                if kind[0] == "i"
                else ["neg", "abs", "sqrt", "ceil", "floor"]
            )
            return f"({kind}.{unary} {self.expression(kind, depth)})"
        if r < 0.97:
            return f"(local.tee {self.local(kind)} {self.expression(kind, depth)})"
        self.depth += 1
        text = f"(if (result {kind}) {self.expression('i32', depth)} (then {self.statements(1)} {self.expression(kind, depth)}) (else {self.expression(kind, depth)}))"
        self.depth -= 1
        return text

    def address(self, depth: int) -> str:
        if self.random.random() < 0.04:
            return self.expression("i32", depth)
        return f"(i32.and {self.expression('i32', depth)} (i32.const {self.pick((0xFC, 0xFF, 0xFF8))}))"

    def statements(self, count: int) -> str:
        return " ".join(self.statement() for _ in range(count))

    def statement(self) -> str:
        kind = self.pick(TYPES)
        r = self.random.random()
        if r < 0.35 or self.depth > 3:
            return f"(local.set {self.local(kind)} {self.expression(kind)})"
        if r < 0.5:
            offset = self.pick((0, 0, 4, 8, 12))
            return f"({kind}.{self.pick(STORES[kind])} offset={offset} {self.address(2)} {self.expression(kind, 2)})"
        if r < 0.56:
            at = self.random.randrange(len(GLOBALS))
            return f"(global.set {at} {self.expression(GLOBALS[at], 2)})"
        self.depth += 1
        text = self.structure(r)
        self.depth -= 1
        return text

    def structure(self, r: float) -> str:
        label = f"$b{self.random.randrange(10**9)}"
        if r < 0.68:
            other = f"(else {self.statements(2)})" if self.random.random() < 0.5 else ""
            return f"(if {self.expression('i32', 3)} (then {self.statements(2)}) {other})"
        if r < 0.8:
            # A counter of its own bounds the loop.
            counter = f"$c{self.counters}"
            self.counters += 1
            body = self.statements(self.random.randrange(1, 4))
            exit_ = f"(br_if {label}x {self.expression('i32', 2)})" if self.random.random() < 0.4 else ""
            return (
                f"(local.set {counter} (i32.const {self.random.randrange(1, 6)})) (block {label}x (loop {label} {body} {exit_} "
                f"(local.set {counter} (i32.sub (local.get {counter}) (i32.const 1))) "
                f"(br_if {label} (local.get {counter}))))"
            )
        if r < 0.9:
            self.labels.append(label)
            body = self.statements(2)
            leave = f"(br_if {self.pick(self.labels)} {self.expression('i32', 2)})"
            self.labels.pop()
            return f"(block {label} {body} {leave} {self.statements(1)})"
        inner = " ".join(f"(block {label}{k}" for k in range(3))
        arms = " ".join(
            f") {self.statements(1)}" + (f" (br {label})" if self.random.random() < 0.5 else "")
            for _ in range(3)
        )
        table = " ".join(f"{label}{self.random.randrange(3)}" for _ in range(4))
        return f"(block {label} {inner} (br_table {table} {self.expression('i32', 2)}) {arms})"

    def function(self) -> str:
        params = [self.pick(TYPES) for _ in range(self.random.randrange(5))]
        result = self.pick(TYPES)
        self.locals = [*params, *TYPES, *TYPES]
        self.counters = 0
        body = self.statements(self.random.randrange(2, 6))
        value = self.expression(result)
        number = len(self.functions)
        header = " ".join(f"(param $l{i} {t})" for i, t in enumerate(params))
        declared = " ".join(
            f"(local $l{len(params) + i} {t})" for i, t in enumerate(self.locals[len(params) :])
        )
        counters = " ".join(f"(local $c{i} i32)" for i in range(self.counters))
        self.functions.append((params, result))
        return f'(func $f{number} (export "f{number}") {header} (result {result}) {declared} {counters} {body} {value})'

    def module(self) -> str:
        functions = "\n".join(self.function() for _ in range(4))
        declared = " ".join(
            f'(global (export "g{i}") (mut {t}) ({t}.const 5))' for i, t in enumerate(GLOBALS)
        )
        return f'(module (memory (export "m") 1) {declared} (data (i32.const 0) "abcdefghijklmnopqrstuvwxyz\\80\\ff\\7f\\00") {functions})'


def bits(kind: str, value: Any) -> int:
    """A value of Python's as the bits of a type; every NaN as one."""
    if kind == "i32":
        return int(value) & 0xFFFFFFFF
    if kind == "i64":
        return int(value) & (1 << 64) - 1
    if value != value:
        return -1
    return int.from_bytes(struct.pack("<f" if kind == "f32" else "<d", value), "little")


def plain(kind: str, value: int) -> int:
    """Bits, every NaN as one."""
    if kind[0] == "i":
        return value
    number = struct.unpack(
        "<f" if kind == "f32" else "<d", value.to_bytes(4 if kind == "f32" else 8, "little")
    )[0]
    return -1 if number != number else value


def arguments(generator: Generator, kinds: list[str]) -> list[tuple[Any, int]]:
    values: list[tuple[Any, int]] = []
    for kind in kinds:
        value = generator.pick(CONSTANTS[kind])
        if kind[0] == "f":
            value = float.fromhex(value) if "x" in value else float(value)
            if kind == "f32":
                value = struct.unpack("<f", struct.pack("<f", value))[0]
        values.append((value, bits(kind, value)))
    return values


def compare(
    seed: int,
    machine_of: Callable[..., Any],
    code_of: Callable[..., Any],
    outcome: Callable[..., Any],
    passes: tuple[str, ...],
    guarded: int,
) -> int:
    """Runs every function of a random module a few times both ways; how many calls were compared."""
    generator = Generator(seed)
    wat = generator.module()
    code = code_of(wat)
    module = wasmine.Module(wat)
    compared = 0
    for at, (params, result) in enumerate(generator.functions):
        for _ in range(3):
            instance = wasmine.Linker().instantiate(wasmine.Store(), module)
            memory = bytearray(bytes(instance.exports.m))
            cells = [bits(t, instance.exports[f"g{i}"].value) for i, t in enumerate(GLOBALS)]
            given = arguments(generator, params)
            machine = machine_of(code, memory, cells, *passes, guarded=guarded, steps=30_000)
            ours = outcome(machine, at, [b for _, b in given])
            if ours is None:
                continue
            try:
                theirs: object = [bits(result, instance.exports[f"f{at}"](*(v for v, _ in given)))]
            except wasmine.Trap as trap:
                theirs = trap.code
            if isinstance(ours, list):
                ours = [plain(result, ours[0])]
            assert ours == theirs, f"seed {seed}, f{at}{given}, {passes}: {ours} != {theirs}"
            assert memory == bytes(instance.exports.m), f"seed {seed}, f{at}{given}, {passes}: memory"
            kept = [bits(t, instance.exports[f"g{i}"].value) for i, t in enumerate(GLOBALS)]
            assert [plain(t, c) for t, c in zip(GLOBALS, cells, strict=True)] == kept, (
                f"seed {seed}, f{at}{given}, {passes}: globals"
            )
            compared += 1
    return compared


@pytest.mark.parametrize("guarded", [0, 1])
@pytest.mark.parametrize(
    "passes",
    [
        (),
        ("simplify",),
        ("cfg", "dce"),
        ("gvn", "simplify", "cfg"),
        ("cfg", "licm", "dce"),
        ("inline", "cfg"),
        ("optimize",),
    ],
    ids=lambda passes: "-".join(passes) or "built",
)
def test_random_functions_compute_the_same(
    passes: tuple[str, ...],
    guarded: int,
    machine_of: Callable[..., Any],
    code_of: Callable[..., Any],
    outcome: Callable[..., Any],
) -> None:
    compared = sum(compare(seed, machine_of, code_of, outcome, passes, guarded) for seed in range(12))
    assert compared > 60
