"""The table-driven encoder against an independent disassembler, over registers, addresses and immediates."""

import itertools
import re

import capstone
import pytest

from wasmine.jit.x64.encode import encode_const, encode_rmem, encode_rr
from wasmine.jit.x64.ops import BY_NAME, OPS, VEX, X64Op

R64 = "rax rcx rdx rbx rsp rbp rsi rdi r8 r9 r10 r11 r12 r13 r14 r15".split()  # noqa: SIM905
R32 = "eax ecx edx ebx esp ebp esi edi".split() + [f"r{i}d" for i in range(8, 16)]  # noqa: SIM905
R16 = "ax cx dx bx sp bp si di".split() + [f"r{i}w" for i in range(8, 16)]  # noqa: SIM905
R8 = "al cl dl bl spl bpl sil dil".split() + [f"r{i}b" for i in range(8, 16)]  # noqa: SIM905
XMM = [f"xmm{i}" for i in range(16)]
NO_REG, RIP = 0xFF, 0xFE
ADDRESSES = [
    (base, index, scale, disp)
    for base in (0, 3, 4, 5, 8, 12, 13, NO_REG)
    for index, scale in ((NO_REG, 0), (0, 0), (5, 1), (9, 2), (12, 3), (13, 0))
    for disp in (0, 1, -128, 127, 128, -129, 0x7FFFFFFF, -0x80000000)
] + [(RIP, NO_REG, 0, disp) for disp in (0, 5, -6, 0x1234567)]

decoder = capstone.Cs(capstone.CS_ARCH_X86, capstone.CS_MODE_64)

# Where the name of a row is not the mnemonic itself.
RENAMED = {
    "imulwide": "imul", "movsx8": "movsx", "movsx16": "movsx", "movzx8": "movzx", "movzx16": "movzx",
    "store8": "mov", "store16": "mov", "store": "mov", "cmov": "cmovo", "setcc": "seto", "storess": "movss",
    "storesd": "movsd", "storeups": "movups", "movd_out": "movd", "movq_out": "movq", "cmpss": "cmpeqss",
    "cmpsd": "cmpeqsd", "cmpps": "cmpeqps", "cmppd": "cmpeqpd", "storelps": "movlps", "storehps": "movhps",
}  # fmt: skip


VECTORS = """cvttps2dq cvttpd2dq vcvttps2udq vcvttpd2udq vcvtudq2ps vcvtudq2pd
    movddup movlps movhps storelps storehps""".split()  # noqa: SIM905


def is_vector(op: X64Op) -> bool:
    """Whether its operands are vectors, but for single lanes."""
    return op.name.startswith(("p", "vp")) and op.name not in ("push", "pop", "popcnt32", "popcnt64")


def is_atomic(op: X64Op) -> bool:
    return op.lock or op.name.startswith("xchg")


def stem(op: X64Op) -> str:
    """The row's name without what tells variants of one mnemonic apart."""
    if is_vector(op):
        return re.sub("_imm$", "", op.name)
    if is_atomic(op):
        name = re.sub(r"\d+$|^lock", "", op.name)
        return f"lock {name}" if op.lock else name
    name = re.sub(r"(?<!2)(32|64)?(_mr|_imm)?$", "", op.name)
    return name


def mnemonic(op: X64Op) -> str:
    name = stem(op)
    if re.fullmatch(r"cvt(si2s[sd]|ts[sd]2si)", re.sub(r"(32|64)$", "", op.name)):
        name = re.sub(r"(32|64)$", "", op.name)
    return RENAMED.get(name, name)


def widths(op: X64Op) -> tuple[list[str], list[str]]:
    """Names of the registers that stand in ModRM.reg and in ModRM.rm."""
    name = op.name
    general = R64 if op.wide else R32
    if name.startswith("cvtsi2"):
        return XMM, general
    if name.startswith("cvtts"):
        return general, XMM
    if name in ("movd", "movq", "movd_out", "movq_out"):
        return XMM, general
    if name in ("movmskpd", "movmskps", "pmovmskb"):
        return R32, XMM
    if name.startswith(("pinsr", "pextr")):
        return XMM, general
    if name in VECTORS or is_vector(op):
        return XMM, XMM
    if re.search(r"(ss|sd|ps|pd|ss2sd|sd2ss|ups|ps2pd|pd2ps)$", name) and name != "movsxd":
        return XMM, XMM
    if name in ("store8", "store8_imm"):
        return R8, R8
    if is_atomic(op):
        regs = {"8": R8, "16": R16, "32": R32, "64": R64}[re.sub(r"^\D+", "", name)]
        return regs, regs
    if name == "store16":
        return R16, R16
    if name in ("push", "pop", "call", "jmp"):
        return R64, R64
    if name == "setcc":
        return R8, R8
    if name == "movsxd":
        return R64, R32
    if "movzx8" in name or "movsx8" in name:
        return general, R8
    if "movzx16" in name or "movsx16" in name:
        return general, R16
    return general, general


def immediates(op: X64Op) -> tuple[int, ...]:
    if op.name in EQUALITIES:
        return (0,)
    if op.form == "mi8" and "store" not in op.name:
        return (2, 31, 63)  # a shift by 1 has an encoding of its own, which is not used
    if op.form in ("mi8", "rmi8", "mri8"):
        return (0, 1, 8, 127)
    if op.form in ("mi", "mi32", "rmi"):
        return (0, 1, -1, 127, 128, -128, -129, 0x7FFFFFFF, -0x80000000)
    return (0,)


EQUALITIES = ("cmpss", "cmpsd", "cmpps", "cmppd")  # the immediate is in the mnemonic


def number(value: int) -> str:
    return str(value) if -10 < value < 10 else hex(value)


def value_of(text: str) -> int | str:
    try:
        return int(text, 0)
    except ValueError:
        return text


def disassemble(code: bytes) -> tuple[str, list[int | str]]:
    instructions = list(decoder.disasm(code, 0))
    assert len(instructions) == 1, f"{code.hex()} is {len(instructions)} instructions"
    assert instructions[0].size == len(code)
    text = re.sub(r"(byte|word|dword|qword|xmmword) ptr ", "", instructions[0].op_str)
    return instructions[0].mnemonic, [value_of(operand) for operand in text.split(", ")]


def check(op: X64Op, code: bytes, reg: str, rm: str, imm: int) -> None:
    forms: dict[str, list[int | str]] = {
        "rm": [reg, rm],
        "rmi": [reg, rm],
        "rmi8": [reg, rm],
        "mr": [rm, reg],
        "mri8": [rm, reg],
    }
    operands = forms.get(op.form, [rm])
    if op.form in ("mi", "mi8", "mi32", "rmi", "rmi8", "mri8") and op.name not in EQUALITIES:
        operands.append(imm)
    if op.form == "m" and re.match(r"(rol|ror|shl|shr|sar)", op.name):
        operands.append("cl")
    found, seen = disassemble(code)
    assert found == mnemonic(op)
    assert len(seen) == len(operands)
    mask = (1 << 64) - 1 if op.wide else (1 << 32) - 1
    for got, expected in zip(seen, operands, strict=True):
        if isinstance(expected, int):
            assert isinstance(got, int)
            assert got & mask == expected & mask
        else:
            assert got == expected


# The memory forms of these have another name between registers, and the others have no register form.
MEMORY_ONLY = ("lea32", "lea64", "movlps", "movhps", "storelps", "storehps")
VEX_MEMORY_ONLY = (*MEMORY_ONLY, "storess", "storesd")
REGISTERS_ONLY = ("movmskpd", "movmskps", "pmovmskb")
LEGACY = [op for op in OPS if not op.vex]
WITH_VEX = [op for op in OPS if op.vex or op.vex_operands]


@pytest.mark.parametrize(
    "op", [op for op in LEGACY if op.name not in MEMORY_ONLY and not is_atomic(op)], ids=lambda op: op.name
)
def test_registers(op: X64Op) -> None:
    regs, rms = widths(op)
    for reg, rm, imm in itertools.product(range(16), range(16), immediates(op)):
        if op.name in ("store8_imm", "mov32_imm", "mov64_imm") and reg:
            continue
        check(op, encode_rr(op.value, reg, rm, imm), regs[reg], rms[rm], imm)


def address_text(base: int, index: int, scale: int, disp: int) -> str:
    parts = []
    if base == RIP:
        parts.append("rip")
    elif base != NO_REG:
        parts.append(R64[base])
    if index != NO_REG:
        parts.append(R64[index] + f"*{1 << scale}" * (scale > 0))
    text = " + ".join(parts)
    if not text:
        return f"[{number(disp & (1 << 64) - 1)}]"
    if disp:
        text += f" {'+' if disp > 0 else '-'} {number(abs(disp))}"
    return f"[{text}]"


def has_memory_form(op: X64Op) -> bool:
    return op.name not in REGISTERS_ONLY and not (op.form == "mi8" and is_vector(op))


@pytest.mark.parametrize("op", [op for op in LEGACY if has_memory_form(op)], ids=lambda op: op.name)
def test_memory(op: X64Op) -> None:
    regs, _ = widths(op)
    imm = immediates(op)[-1]
    for number_, address in enumerate(ADDRESSES):
        reg = number_ % 16
        expected = address_text(*address)
        code = encode_rmem(op.value, reg, *address, imm)
        check(op, code, regs[reg], expected, imm)


def check_vex(op: X64Op, code: bytes, operands: list[str], imm: int) -> None:
    found, seen = disassemble(code)
    expected: list[int | str] = [*operands]
    if op.name.startswith(("vblendv", "vpblendv")):
        expected.append(XMM[imm >> 4])
    elif op.form in ("mi8", "rmi8", "mri8") and op.name not in EQUALITIES:
        expected.append(imm)
    name = mnemonic(op)
    assert found == (name if op.vex else "v" + name)
    assert seen == expected


def vex_operands(op: X64Op, reg: str, second: int, rm: str) -> list[str]:
    """Operands of an op with three, in the order of the assembler; integers have integers beside them."""
    extra = widths(op)[0][second]
    return [reg, rm, extra] if op.name[:4] in ("shlx", "shrx", "sarx") else [reg, extra, rm]


def vex_immediates(op: X64Op) -> tuple[int, ...]:
    return (0x30, 0xF0) if "blendv" in op.name else immediates(op)


@pytest.mark.parametrize(
    "op",
    [op for op in WITH_VEX if op.name not in (*MEMORY_ONLY, "storess", "storesd")],
    ids=lambda op: op.name,
)
def test_vex_registers(op: X64Op) -> None:
    regs, rms = widths(op)
    for reg, second, rm in itertools.product(range(0, 16, 3), range(16), range(0, 16, 5)):
        if second and op.vex_operands == 2:
            continue
        imm = vex_immediates(op)[(reg + second + rm) % len(vex_immediates(op))]
        code = encode_rr(op.value | VEX, reg, rm, imm, second)
        if op.form in ("m", "mi8"):  # the result has the additional register
            check_vex(op, code, [(regs if op.form == "m" else XMM)[second], rms[rm]], imm)
        elif op.form in ("mr", "mri8"):
            check_vex(op, code, [rms[rm], regs[reg]], imm)
        else:
            operands = vex_operands(op, regs[reg], second, rms[rm])
            check_vex(op, code, operands if op.vex_operands == 3 else [regs[reg], rms[rm]], imm)


@pytest.mark.parametrize("op", [op for op in WITH_VEX if has_memory_form(op)], ids=lambda op: op.name)
def test_vex_memory(op: X64Op) -> None:
    regs, _ = widths(op)
    imm = vex_immediates(op)[-1]
    loads = op.name in ("movss", "movsd")  # from memory there is no other source
    for count, address in enumerate(ADDRESSES):
        if op.evex and address[0] != RIP:
            continue  # as the encoder says
        reg, second = count % 16, count * 7 % 16
        if op.vex_operands == 2 or loads:
            second = 0
        code = encode_rmem(op.value | VEX, reg, *address, imm, second)
        operands = [regs[second if op.form == "m" else reg], address_text(*address)]
        if op.vex_operands == 3 and not loads and op.form != "m":
            operands = vex_operands(op, regs[reg], second, address_text(*address))
        if op.form in ("mr", "mri8"):
            operands.reverse()
        check_vex(op, code, operands, imm)


@pytest.mark.parametrize("reg", range(16))
@pytest.mark.parametrize(
    "value",
    [
        0,
        1,
        0x7FFFFFFF,
        0x80000000,
        0xFFFFFFFF,
        1 << 32,
        (1 << 64) - 1,
        0xFFFFFFFF80000000,
        0x123456789ABCDEF0,
    ],
)
def test_const(reg: int, value: int) -> None:
    code = encode_const(reg, value)
    name, operands = disassemble(code)
    assert name in ("mov", "movabs")
    assert operands[0] in (R64[reg], R32[reg])
    assert isinstance(operands[1], int)
    mask = (1 << 64) - 1 if operands[0] == R64[reg] else (1 << 32) - 1
    assert operands[1] & mask == value
    assert len(code) <= (5 + (reg >= 8) if value >> 32 == 0 else 7 if value >> 31 == (1 << 33) - 1 else 10)


def test_names_are_unique() -> None:
    assert len(BY_NAME) == len(OPS)
    assert len({op.value for op in OPS}) == len(OPS)
