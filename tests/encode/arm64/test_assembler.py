"""What stubs and adapters are made of, against an independent disassembler."""

import random
import re

import capstone
import pytest

from wasmine.jit.arm64.assembler import encode

SP = 31
DISTANCES = (0, 8, -8, 255, -256, -257, 4, 32760, 32768, 65536, -65536, 0x7FFFFFFF, -0x80000000)

decoder = capstone.Cs(capstone.CS_ARCH_ARM64, capstone.CS_MODE_ARM)


def disassemble(code: bytes) -> list[str]:
    lines = [f"{i.mnemonic} {i.op_str}".strip() for i in decoder.disasm(code, 0)]
    assert len(code) == 4 * len(lines)
    return lines


def name(reg: int) -> str:
    return "sp" if reg == SP else f"x{reg}"


def number(text: str) -> int:
    return int(text.removeprefix("#"), 0)


def constant(lines: list[str]) -> int:
    """What x16 holds after these."""
    value = 0
    for line in lines:
        match = re.fullmatch(r"(mov|movk|orr) [wx]16, (?:[wx]zr, )?(#-?\w+)(?:, lsl #(\d+))?", line)
        assert match, line
        bits, by = number(match[2]), int(match[3] or 0)
        value = value & ~(0xFFFF << by) | bits << by if match[1] == "movk" else bits
    if "w16" in lines[0]:
        return value & 0xFFFFFFFF
    return value - (1 << 64) if value >> 63 == 1 else value


def distance(lines: list[str], reg: str, base: str) -> int:
    """How far from the base the last line's address is."""
    match = re.fullmatch(rf"(?:ld|st)u?r {reg}, \[{base}(?:, (#-?\w+|x16))?\]", lines[-1])
    assert match, lines[-1]
    if match[1] == "x16":
        return constant(lines[:-1])
    assert len(lines) == 1
    return number(match[1]) if match[1] else 0


@pytest.mark.parametrize("disp", DISTANCES)
def test_loads_and_stores_at_any_distance(disp: int) -> None:
    rng = random.Random(disp)
    for base in (SP, rng.randrange(16), rng.randrange(19, 31)):
        reg = rng.randrange(16)
        load, store = (
            disassemble(encode("load64", reg, base, disp)),
            disassemble(encode("store64", base, disp, reg)),
        )
        assert load[-1].startswith("ld")
        assert store[-1].startswith("st")
        assert distance(load, name(reg), name(base)) == disp
        assert distance(store, name(reg), name(base)) == disp


def added(lines: list[str], dst: str, src: str) -> int:
    """What these add to src, in dst."""
    total = 0
    for at, line in enumerate(lines):
        match = re.fullmatch(rf"(add|sub) {dst}, {src}, (#\w+|x16)(?:, lsl #12|, uxtx)?", line)
        if match is None:
            assert re.fullmatch(r"(mov|movk|orr) [wx]16, .*", line), line
            continue
        by = constant(lines[:at]) if match[2] == "x16" else number(match[2]) << (12 if "lsl" in line else 0)
        total += by if match[1] == "add" else -by
        src = dst
    return total


@pytest.mark.parametrize(
    "value", [1, -1, 16, -16, 4095, 4096, 4097, -70000, 1 << 24, 0x7FFFFFFF, -0x80000000]
)
@pytest.mark.parametrize(("dst", "src"), [(SP, SP), (3, SP), (SP, 3), (2, 7)])
def test_additions_of_any_constant(value: int, dst: int, src: int) -> None:
    assert added(disassemble(encode("add64_imm", dst, src, value)), name(dst), name(src)) == value


def test_nothing_to_add() -> None:
    assert encode("add64_imm", 3, 3, 0) == b""
    assert disassemble(encode("add64_imm", 3, SP, 0)) == ["mov x3, sp"]


def test_the_others() -> None:
    assert disassemble(encode("mov64", 3, 4)) == ["mov x3, x4"]
    assert disassemble(encode("push", 30)) == ["str x30, [sp, #-0x10]!"]
    assert disassemble(encode("pop", 30)) == ["ldr x30, [sp], #0x10"]
    assert disassemble(encode("call", 16)) == ["blr x16"]
    assert disassemble(encode("jump", 17)) == ["br x17"]
    assert disassemble(encode("ret")) == ["ret"]
    with pytest.raises(ValueError, match="no encoder"):
        encode("frob")
