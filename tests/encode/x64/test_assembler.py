"""The x86-64 encoders against an independent disassembler."""

import itertools

import capstone
import pytest

from wasmine.jit.x64.assembler import encode

NAMES = "rax rcx rdx rbx rsp rbp rsi rdi r8 r9 r10 r11 r12 r13 r14 r15".split()  # noqa: SIM905
REGISTERS = range(16)
DISPLACEMENTS = (0, 1, -1, 8, 127, 128, -128, -129, 0x12345678, -0x80000000, 0x7FFFFFFF)

decoder = capstone.Cs(capstone.CS_ARCH_X86, capstone.CS_MODE_64)


def disassemble(code: bytes) -> str:
    instructions = list(decoder.disasm(code, 0))
    assert len(instructions) == 1, f"{code.hex()} is {len(instructions)} instructions"
    assert instructions[0].size == len(code)
    return f"{instructions[0].mnemonic} {instructions[0].op_str}".strip()


def number(value: int) -> str:
    return str(value) if value < 10 else hex(value)


def address(base: int, disp: int) -> str:
    if disp == 0:
        return f"[{NAMES[base]}]"
    return f"[{NAMES[base]} {'+' if disp > 0 else '-'} {number(abs(disp))}]"


@pytest.mark.parametrize("name", ["push", "pop", "call"])
@pytest.mark.parametrize("reg", REGISTERS)
def test_one_register(name: str, reg: int) -> None:
    assert disassemble(encode(name, reg)) == f"{name} {NAMES[reg]}"


def test_ret() -> None:
    assert disassemble(encode("ret")) == "ret"


def test_mov64_of_every_pair_of_registers() -> None:
    for dst, src in itertools.product(REGISTERS, REGISTERS):
        assert disassemble(encode("mov64", dst, src)) == f"mov {NAMES[dst]}, {NAMES[src]}"


def test_load64_of_every_register_and_address() -> None:
    for dst, base, disp in itertools.product(REGISTERS, REGISTERS, DISPLACEMENTS):
        expected = f"mov {NAMES[dst]}, qword ptr {address(base, disp)}"
        assert disassemble(encode("load64", dst, base, disp)) == expected


def test_store64_of_every_register_and_address() -> None:
    for base, disp, src in itertools.product(REGISTERS, DISPLACEMENTS, REGISTERS):
        expected = f"mov qword ptr {address(base, disp)}, {NAMES[src]}"
        assert disassemble(encode("store64", base, disp, src)) == expected


@pytest.mark.parametrize("name", ["ldmxcsr", "stmxcsr"])
def test_float_control_at_every_address(name: str) -> None:
    for base, disp in itertools.product(REGISTERS, DISPLACEMENTS):
        assert disassemble(encode(name, base, disp)) == f"{name} dword ptr {address(base, disp)}"


def test_add64_of_every_register_and_size_of_immediate() -> None:
    for reg, value in itertools.product(REGISTERS, (1, 8, -8, 127, -128, 128, -129, 0x12345678)):
        shown = number(value) if value > 0 else f"-{number(-value)}"
        assert disassemble(encode("add64_imm", reg, value)) == f"add {NAMES[reg]}, {shown}"


def test_short_forms_are_taken() -> None:
    assert encode("load64", 0, 3, 0) == bytes.fromhex("488b03")
    assert len(encode("load64", 0, 3, 127)) == 4
    assert len(encode("load64", 0, 3, 128)) == 7
    assert len(encode("push", 0)) == 1


def test_unknown_name() -> None:
    with pytest.raises(ValueError, match="no encoder"):
        encode("frob")
