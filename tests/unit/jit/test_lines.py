"""Tight loops touch as few lines of the instruction cache as they can."""

import re
from typing import Literal

import capstone
import pytest

import wasmine
from wasmine.jit.cross import machine_code
from wasmine.text import parse_module

LINE = 64


def loop_behind(adds: int, body: str) -> str:
    """A function with some code before a loop that counts down."""
    before = "(local.set $x (i32.mul (i32.add (local.get $x) (i32.const 12345)) (local.get $n)))" * adds
    return f"""(module (memory 1)
        (func $f (param i32))
        (func (export "run") (param $n i32) (param $x i32) (result i32)
          {before}
          (loop $l
            {body}
            (br_if $l (local.tee $n (i32.sub (local.get $n) (i32.const 1)))))
          (local.get $x)))"""


def code_of(source: str, function: int = 1) -> list[tuple[int, int, str, str]]:
    module = wasmine.Module(wasmine.Engine(wasmine.Config(tier="interp")), parse_module(source))
    decoder = capstone.Cs(capstone.CS_ARCH_X86, capstone.CS_MODE_64)
    return list(decoder.disasm_lite(machine_code(module._code, function, "x64"), 0))


def loop_in(code: list[tuple[int, int, str, str]]) -> tuple[int, int]:
    """From where to where the first jump back goes."""
    for address, size, mnemonic, operands in code:
        if mnemonic.startswith("j") and re.fullmatch("0x[0-9a-f]+|0", operands):
            if int(operands, 16) < address:
                return int(operands, 16), address + size
    raise AssertionError("there is no loop")


def lines(start: int, end: int) -> int:
    return (end - 1) // LINE - start // LINE + 1


@pytest.mark.parametrize("adds", range(12))
def test_small_loop(adds: int) -> None:
    start, end = loop_in(
        code_of(loop_behind(adds, "(local.set $x (i32.rotl (local.get $x) (local.get $n)))"))
    )
    assert lines(start, end) == lines(0, end - start) == 1


def test_something_is_filled() -> None:
    body = "(local.set $x (i32.rotl (local.get $x) (local.get $n)))"
    assert any("nop" in [row[2] for row in code_of(loop_behind(adds, body))] for adds in range(12))


@pytest.mark.parametrize("adds", range(6))
def test_loop_that_calls(adds: int) -> None:
    """Costs more than a line; nothing is filled before it."""
    body = "(call $imported) (local.set $x (i32.rotl (local.get $x) (local.get $n)))"
    source = loop_behind(adds, body).replace("(memory 1)", '(import "" "" (func $imported)) (memory 1)')
    assert "nop" not in [row[2] for row in code_of(source, 1)]


@pytest.mark.parametrize("adds", range(8))
def test_jump_table(adds: int) -> None:
    """In a loop that is too large, what counts is the block that jumps through a table."""
    cases = "".join(
        f"(local.set $x (i32.add (local.get $x) (i32.const {k}))) (br $l))" for k in range(1000, 1009)
    )
    source = loop_behind(
        adds,
        "(block $a (block $b (block $c (block $d (block $e (block $f (block $g (block $h (block $i"
        "(br_table $a $b $c $d $e $f $g $h $i (i32.rem_u (local.get $x) (i32.const 16)))" + cases,
    ).replace("br $l)", "br_if $l (local.tee $n (i32.sub (local.get $n) (i32.const 1))))")
    code = code_of(source)
    start = min(
        int(row[3], 16)
        for row in code
        if row[2] == "jmp" and row[3].startswith("0x") and int(row[3], 16) < row[0]
    )
    table = next(row[0] + row[1] for row in code if row[2] == "jmp" and not row[3].startswith("0x"))
    assert lines(start, table) == lines(0, table - start)


def trapped(source: str, tier: Literal["jit", "interp"]) -> str:
    engine = wasmine.Engine(wasmine.Config(tier=tier))
    instance = wasmine.Linker(engine).instantiate(
        wasmine.Store(engine), wasmine.Module(engine, parse_module(source))
    )
    assert instance.exports.run(65535, 0) == 0
    with pytest.raises(wasmine.Trap) as trap:
        instance.exports.run(65536, 0)
    return f"{trap.value} {trap.value.frames}"


@pytest.mark.parametrize("adds", range(8))
def test_trap_behind_what_is_filled(adds: int) -> None:
    """The code is emitted twice; what is noted of it counts once."""
    source = loop_behind(adds, "(local.set $x (i32.load8_u (local.get $n)))")
    assert trapped(source, "jit") == trapped(source, "interp")
