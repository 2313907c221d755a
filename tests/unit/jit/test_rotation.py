"""Loops that begin with a test have it at their end, in machine code."""

import re
from typing import Literal

import capstone
import pytest

import wasmine
from wasmine.jit.cross import machine_code
from wasmine.text import parse_module

DECODERS = {
    "x64": capstone.Cs(capstone.CS_ARCH_X86, capstone.CS_MODE_64),
    "arm64": capstone.Cs(capstone.CS_ARCH_ARM64, capstone.CS_MODE_ARM),
}
JUMPS = {"x64": "jmp", "arm64": "b"}

COUNT = """(module (memory 1)
  (func (export "run") (param $n i32) (param $x i32) (result i32)
    (block $out
      (loop $next
        (br_if $out (i32.ge_u (local.get $x) (local.get $n)))
        (i32.store (i32.const 0) (i32.add (i32.load (i32.const 0)) (i32.const 1)))
        (local.set $x (i32.add (i32.shl (local.get $x) (i32.const 1)) (i32.const 1)))
        (br $next)))
    (i32.load (i32.const 0))))"""

# An inner loop with two ways back to its test, and two ways out.
NESTED = """(module
  (func (export "run") (param $n i32) (param $x i32) (result i32)
    (local $i i32) (local $sum i32)
    (block $all
      (loop $outer
        (br_if $all (i32.eqz (local.get $n)))
        (local.set $i (local.get $n))
        (block $out
          (loop $inner
            (br_if $out (i32.eqz (local.get $i)))
            (local.set $i (i32.sub (local.get $i) (i32.const 1)))
            (br_if $inner (i32.and (local.get $i) (local.get $x)))
            (local.set $sum (i32.add (local.get $sum) (local.get $i)))
            (br_if $all (i32.gt_u (local.get $sum) (i32.const 1000)))
            (br $inner)))
        (local.set $n (i32.sub (local.get $n) (i32.const 1)))
        (br $outer)))
    (local.get $sum)))"""


def jumps_back(source: str, machine: Literal["x64", "arm64"]) -> int:
    """Unconditional jumps to what comes before them."""
    module = wasmine.Module(wasmine.Engine(wasmine.Config(tier="interp")), parse_module(source))
    found = 0
    for address, _, mnemonic, operands in DECODERS[machine].disasm_lite(
        machine_code(module._code, 0, machine), 0
    ):
        target = re.fullmatch("#?(0x[0-9a-f]+|[0-9])", operands)
        # Code that is out of line comes back from behind all loops.
        if mnemonic == "ret":
            break
        found += mnemonic == JUMPS[machine] and target is not None and int(target[1], 16) < address
    return found


@pytest.mark.parametrize("machine", ["x64", "arm64"])
def test_one_jump_in_each_turn(machine: Literal["x64", "arm64"]) -> None:
    assert jumps_back(COUNT, machine) == 0


@pytest.mark.parametrize("tier", ["interp", "jit"])
def test_any_number_of_turns(tier: Literal["interp", "jit"]) -> None:
    engine = wasmine.Engine(wasmine.Config(tier=tier))
    for n, x, turns in ((0, 0, 0), (5, 5, 0), (1, 0, 1), (1000, 0, 10)):
        assert wasmine.load(wasmine.Module(engine, COUNT)).exports.run(n, x) == turns
    run = wasmine.load(wasmine.Module(engine, NESTED)).exports.run
    for n, x in ((0, 0), (1, 0), (7, 0), (7, 2), (7, 7), (30, 0), (40, 5)):
        assert run(n, x) == nested(n, x)


def nested(n: int, x: int) -> int:
    total = 0
    while n:
        for i in reversed(range(n)):
            if not i & x:
                total += i
                if total > 1000:
                    return total
        n -= 1
    return total
