"""Vectors in more places than registers: spilled, passed and returned in many, kept over calls, in globals.

Random programs on both tiers, for each choice of processor features; of operations on integers, which have
one result on every machine.
"""

import platform
import random
from typing import Any

import pytest

import wasmine
from wasmine.text import parse_module

if platform.machine() in ("aarch64", "arm64"):
    from wasmine.jit.arm64.features import limit_features

    FEATURES: dict[str, list[str] | None] = {"all": None}
else:
    from wasmine.jit.x64.features import limit_features

    FEATURES = {"sse4.1": ["sse4.1"], "avx2": ["sse4.1", "sse4.2", "avx", "avx2"], "all": None}
BINARY = (
    "v128.and", "v128.xor", "v128.andnot", "i8x16.add", "i8x16.sub_sat_u", "i16x8.mul", "i32x4.mul",
    "i64x2.mul", "i8x16.swizzle", "i32x4.gt_s", "i64x2.lt_s", "i16x8.q15mulr_sat_s", "i8x16.narrow_i16x8_u",
    "i32x4.dot_i16x8_s", "i64x2.extmul_high_i32x4_u", "i8x16.avgr_u", "i16x8.extmul_low_i8x16_s",
    "i32x4.max_u", "i8x16.ge_u", "i64x2.sub",
)  # fmt: skip
UNARY = (
    "v128.not", "i8x16.popcnt", "i64x2.abs", "i16x8.extend_high_i8x16_s", "i32x4.extadd_pairwise_i16x8_u",
    "i8x16.neg",
)  # fmt: skip
TESTS = ("v128.any_true", "i16x8.all_true", "i8x16.bitmask", "i32x4.extract_lane 2")
VECTORS = 24


class Generator:
    """Source of one function body over vector locals $v0.., an i32 local $n, and one of calls."""

    def __init__(self, seed: int) -> None:
        self.random = random.Random(seed)

    def local(self) -> str:
        return f"(local.get $v{self.random.randrange(VECTORS)})"

    def count(self) -> str:
        return self.random.choice(["(local.get $n)", f"(i32.const {self.random.randrange(70)})"])

    def expression(self, depth: int) -> str:
        choice = self.random.random()
        if depth == 0 or choice < 0.15:
            return self.local()
        if choice < 0.55:
            return f"({self.random.choice(BINARY)} {self.expression(depth - 1)} {self.expression(depth - 1)})"
        if choice < 0.65:
            return f"({self.random.choice(UNARY)} {self.expression(depth - 1)})"
        if choice < 0.72:
            shape = self.random.choice(["i8x16", "i16x8", "i32x4", "i64x2"])
            op = self.random.choice(["shl", "shr_s", "shr_u"])
            return f"({shape}.{op} {self.expression(depth - 1)} {self.count()})"
        if choice < 0.80:
            lanes = " ".join(str(self.random.randrange(32)) for _ in range(16))
            return f"(i8x16.shuffle {lanes} {self.expression(depth - 1)} {self.expression(depth - 1)})"
        if choice < 0.86:
            return f"(v128.bitselect {self.local()} {self.expression(depth - 1)} {self.local()})"
        if choice < 0.92:
            test = self.random.choice(
                ["v128.any_true", "i16x8.all_true", "i8x16.bitmask", "i32x4.extract_lane 2"]
            )
            return f"(select {self.local()} {self.expression(depth - 1)} ({test} {self.local()}))"
        if choice < 0.96:
            return f"(i32x4.replace_lane 1 {self.expression(depth - 1)} {self.count()})"
        return f"(i16x8.splat {self.count()})"

    def statement(self) -> str:
        choice = self.random.random()
        target = self.random.randrange(VECTORS)
        if choice < 0.1:
            call = f"(call $other {self.local()} {self.local()})"
            return f"(global.set $g {self.local()}) (local.set $v{target} {call})"
        if choice < 0.2:
            arguments = " ".join(self.local() for _ in range(11))
            sets = " ".join(f"(local.set $v{self.random.randrange(VECTORS)})" for _ in range(10))
            return f"(call $many {arguments}) {sets}"
        if choice < 0.3:
            return (
                f"(if (i8x16.all_true {self.local()}) (then (local.set $v{target} {self.expression(2)}))"
                f" (else (local.set $v{target} {self.expression(2)})))"
            )
        return f"(local.set $v{target} {self.expression(3)})"

    def module(self) -> str:
        """Reads all locals from memory, computes in a loop, writes them back."""
        places = range(VECTORS)
        loads = " ".join(f"(local.set $v{k} (v128.load (i32.const {16 * k})))" for k in places)
        stores = " ".join(f"(v128.store (i32.const {16 * k}) (local.get $v{k}))" for k in places)
        body = "\n".join(self.statement() for _ in range(12))
        locals_ = " ".join(f"(local $v{k} v128)" for k in places)
        parameters = " ".join(f"(param $p{k} v128)" for k in range(11))
        results = " ".join(f"(i8x16.add (local.get $p{k}) (local.get $p{10 - k}))" for k in range(10))
        return f"""(module (memory (export "memory") 1) (global $g (mut v128) (v128.const i64x2 5 6))
          (func $other (param v128 v128) (result v128)
            (i32x4.add (global.get $g) (i8x16.min_s (local.get 0) (local.get 1))))
          (func $many {parameters} (result {"v128 " * 10}) {results})
          (func (export "run") (param $n i32) {locals_} {loads}
            (loop {body} (br_if 0 (local.tee $n (i32.sub (local.get $n) (i32.const 1)))))
            {stores}))"""


def run(source: bytes, tier: Any, content: bytes) -> bytes:
    engine = wasmine.Engine(wasmine.Config(tier=tier))
    module = wasmine.Module(engine, source)
    instance = wasmine.Linker(engine).instantiate(wasmine.Store(engine), module)
    memory = instance.exports["memory"]
    memory[0 : len(content)] = content
    instance.exports["run"](3)
    if tier == "jit":
        assert {reason for _, reason, *_ in module._code.native.outcomes()} <= {"compiled", "not called"}
    return bytes(memory[0 : len(content)])


@pytest.mark.parametrize("features", FEATURES.values(), ids=FEATURES)
@pytest.mark.parametrize("seed", range(12))
def test_places(seed: int, features: list[str] | None) -> None:
    text = Generator(seed).module()
    source = parse_module(text)
    content = random.Random(seed).randbytes(16 * VECTORS)
    expected = run(source, "interp", content)
    limit_features(features)
    try:
        assert run(source, "jit", content) == expected
    finally:
        limit_features()
