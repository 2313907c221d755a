"""Native code of every SIMD instruction against the interpreter, for each choice of processor features."""

import platform
import random
import struct
from collections.abc import Iterator
from typing import Any

import pytest

import wasmine
from wasmine.interp.simd import evaluate
from wasmine.ir.simd_ops import OPS, SimdOp
from wasmine.spec.opcodes import BY_NAME
from wasmine.text import parse_module

if platform.machine() in ("aarch64", "arm64"):
    from wasmine.jit.arm64.features import limit_features

    FEATURES: dict[str, list[str] | None] = {"all": None}
else:
    from wasmine.jit.x64.features import limit_features

    FEATURES = {
        "sse4.1": ["sse4.1"],
        "sse4.2": ["sse4.1", "sse4.2", "popcnt"],
        "avx": ["sse4.1", "sse4.2", "avx"],
        "avx2": ["sse4.1", "sse4.2", "avx", "avx2"],
        "all": None,
    }

# Bits at which lanes change their mind, as in the interpreter's tests: ends of ranges, signs, NaNs, halves.
LANES = {
    8: [0, 1, 0x7F, 0x80, 0x81, 0xFF, 0x70, 0x0F, 0x10],
    16: [0, 1, 0x7FFF, 0x8000, 0x8001, 0xFFFF, 0x00FF, 0xFF80, 0x0080],
    32: [
        0x00000000, 0x80000000, 0x00000001, 0x3F800000, 0xBF800000, 0x3F000000, 0xBF000000, 0x3FC00000,
        0x40200000, 0xC0200000, 0x4B000001, 0x4F000000, 0xCF000000, 0xCF000001, 0x4EFFFFFF, 0x4F800000,
        0x4F7FFFFF, 0x7F7FFFFF, 0x7F800000, 0xFF800000, 0x7FC00000, 0xFFC00000, 0x7FA00000, 0x7FFFFFFF,
        0xFFFFFFFF, 0x00010000, 0x0000FFFF, 0xFFFF0000, 0x80000001,
    ],
    64: [
        0x0000000000000000, 0x8000000000000000, 0x0000000000000001, 0x3FF0000000000000, 0xBFF0000000000000,
        0x3FE0000000000000, 0xBFE0000000000000, 0x3FF8000000000000, 0xC004000000000000, 0x41DFFFFFFFC00000,
        0x41DFFFFFFFE00000, 0x41E0000000000000, 0xC1E0000000000000, 0xC1E0000000100000, 0xC1E0000000200000,
        0x41EFFFFFFFE00000, 0x41F0000000000000, 0x4330000000000001, 0x7FF0000000000000, 0xFFF0000000000000,
        0x7FF8000000000000, 0xFFF8000000000000, 0x7FF4000000000000, 0x7FFFFFFFFFFFFFFF, 0xFFFFFFFFFFFFFFFF,
        0x00000000FFFFFFFF, 0xFFFFFFFF00000000, 0x8000000000000001, 0x0000000080000000,
    ],
}  # fmt: skip
LANE_LETTER = {8: "B", 16: "H", 32: "I", 64: "Q"}
SHUFFLES = [
    range(16),
    range(16, 32),
    range(8, 24),
    [(k + 20) % 32 for k in range(16)],
    [(k + 5) % 16 for k in range(16)],
    [k // 2 + 16 * (k % 2) for k in range(16)],
    [8 + k // 2 + 16 * (1 - k % 2) for k in range(16)],
    [0, 1, 16, 17, 2, 3, 18, 19, 4, 5, 20, 21, 6, 7, 22, 23],
    [24, 25, 26, 27, 8, 9, 10, 11, 28, 29, 30, 31, 12, 13, 14, 15],
    [*range(8), *range(16, 24)],
    [*range(24, 32), *range(8, 16)],
    [*range(8), *range(24, 32)],
    [0, 0, 1, 1, 2, 2, 3, 3, 4, 4, 5, 5, 6, 6, 7, 7],
    [0] * 16,
    [0, 1] * 8,
    [17] * 16,
    [4, 5, 6, 7] * 4,
    [6, 7, 4, 5, 2, 3, 0, 1, *range(8, 16)],
    [*range(8), 14, 15, 8, 9, 10, 11, 8, 9],
    [0, 1, 18, 19, 4, 5, 22, 23, 24, 25, 10, 11, 28, 29, 14, 15],
    [4, 5, 6, 7, 12, 13, 14, 15, 16, 17, 18, 19, 28, 29, 30, 31],
    [20, 21, 22, 23, 16, 17, 18, 19, 4, 5, 6, 7, 12, 13, 14, 15],
    [15 - k for k in range(16)],
    [31 - 2 * k for k in range(16)],
    [0, 4, 8, 12, 16, 20, 24, 28, 1, 5, 9, 13, 17, 21, 25, 29],
]
LOAD = {"v128": "v128.load", "i32": "i32.load", "i64": "i64.load", "f32": "f32.load", "f64": "f64.load"}
STORE = {"v128": "v128.store", "i32": "i32.store", "i64": "i64.store", "f32": "f32.store", "f64": "f64.store"}


def signature(row: SimdOp) -> tuple[list[str], str]:
    operands, _, result = str(BY_NAME[row.name].signature).partition("->")
    return operands.split(), result.strip()


class Case:
    """A function that runs one instruction on operands in memory, and what the interpreter says of it.

    With `fixed`, the last operand is a constant.
    """

    def __init__(
        self, row: SimdOp, immediate: bytes = b"", fixed: bytes | None = None, same: bool = False
    ) -> None:
        self.row = row
        self.immediate = immediate
        self.fixed = fixed
        self.same = same
        self.operands, self.result = signature(row)

    def body(self) -> str:
        text = []
        for number, kind in enumerate(self.operands):
            if self.fixed is not None and number == len(self.operands) - 1:
                value = int.from_bytes(self.fixed, "little")
                words = struct.unpack("<4I", self.fixed.ljust(16, b"\0"))
                text.append(
                    f"v128.const i32x4 {' '.join(map(str, words))}"
                    if kind == "v128"
                    else f"{kind}.const {value}"
                )
            else:
                text.append(f"({LOAD[kind]} (i32.const {0 if self.same else 16 * number}))")
        lanes = " ".join(map(str, self.immediate))
        return f"i32.const 64 {' '.join(text)} {self.row.name} {lanes} {STORE[self.result]}"

    def expected(self, operands: list[bytes]) -> bytes:
        values = list(operands[: len(self.operands)])
        if self.same:
            values = [operands[0]] * len(values)
        sizes = {"v128": 16, "i32": 4, "f32": 4, "i64": 8, "f64": 8}
        values = [value[: sizes[kind]] for value, kind in zip(values, self.operands, strict=True)]
        if self.fixed is not None:
            values[-1] = self.fixed
        return evaluate(BY_NAME[self.row.name].id, *values, immediate=self.immediate)[: sizes[self.result]]

    def show(self) -> str:
        return f"{self.row.name} {list(self.immediate)} {'' if self.fixed is None else self.fixed.hex()}"


def vector(generator: random.Random, width: int) -> bytes:
    lanes = [
        generator.choice(LANES[width]) if generator.random() < 0.7 else generator.getrandbits(width)
        for _ in range(128 // width)
    ]
    return struct.pack(f"<{128 // width}{LANE_LETTER[width]}", *lanes)


def cases() -> Iterator[Case]:
    for row in OPS:
        operands, _ = signature(row)
        width = int(row.read[1:])
        if row.name == "v128.const":
            continue
        if row.name == "i8x16.shuffle":
            yield from (Case(row, bytes(lanes), same=same) for lanes in SHUFFLES for same in (False, True))
        elif "lane" in BY_NAME[row.name].immediates:
            yield from (Case(row, bytes([lane])) for lane in range(128 // width))
        elif operands[-1] == "i32" and len(operands) == 2:
            yield Case(row)
            yield from (Case(row, fixed=struct.pack("<I", n)) for n in (0, 1, 7, 31, 32, 63, 65, 0xFFFFFFFF))
        else:
            yield Case(row)
            if len(operands) > 1:
                generator = random.Random(row.name)
                yield Case(row, fixed=vector(generator, width))
                yield Case(row, fixed=bytes(16))
                yield Case(row, fixed=b"\xff" * 16)
                yield Case(row, same=True)


CASES = list(cases())


@pytest.fixture(scope="module", params=FEATURES)
def native(request: pytest.FixtureRequest) -> Any:
    """An instance with a function for each case, compiled for a processor of that kind."""
    functions = "\n".join(f'(func (export "f{i}") {case.body()})' for i, case in enumerate(CASES))
    engine = wasmine.Engine(wasmine.Config(tier="jit"))
    source = parse_module(f'(module (memory (export "memory") 1) {functions})')
    limit_features(FEATURES[request.param])
    try:
        module = wasmine.Module(engine, source)
        instance = wasmine.Linker(engine).instantiate(wasmine.Store(engine), module)
        for i in range(len(CASES)):
            instance.exports[f"f{i}"]()
    finally:
        limit_features()
    return instance, module


def test_nothing_is_refused(native: Any) -> None:
    refused = [
        (CASES[i].show(), reason)
        for i, reason, *_ in native[1]._code.native.outcomes()
        if reason != "compiled"
    ]
    assert refused == []


def agrees(case: Case, got: bytes, expected: bytes) -> bool:
    """Equal bits; where a float is to be a NaN, any quiet one will do, as the standard has it."""
    if got == expected:
        return True
    if case.row.write[0] != "f" or case.row.name.split(".")[1] in ("abs", "neg", "pmin", "pmax"):
        return False
    width = int(case.row.write[1:])
    letter, quiet = ("I", 0x7FC00000) if width == 32 else ("Q", 0x7FF8000000000000)
    lanes = f"<{128 // width}{letter}"
    return all(
        x == y or x & y & quiet == quiet
        for x, y in zip(struct.unpack(lanes, got), struct.unpack(lanes, expected), strict=True)
    )


def test_lanes(native: Any) -> None:
    instance, _ = native
    memory = instance.exports["memory"]
    generator = random.Random(1)
    for i, case in enumerate(CASES):
        function = instance.exports[f"f{i}"]
        width = int(case.row.read[1:])
        for _ in range(12):
            operands = [vector(generator, width) for _ in range(3)]
            memory[0:48] = b"".join(operands)
            memory[64:80] = bytes(16)
            function()
            expected = case.expected(operands)
            got = bytes(memory[64 : 64 + len(expected)])
            assert agrees(case, got, expected), (
                f"{case.show()} of {[x.hex() for x in operands]} is {got.hex()}, should be {expected.hex()}"
            )
