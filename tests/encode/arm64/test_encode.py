"""The encoder against an independent disassembler, over random operands; where there is one, an assembler."""

import random
import re
import shutil
import struct
import subprocess
from collections.abc import Callable
from pathlib import Path

import capstone
import pytest

from wasmine.jit.arm64.encode import (
    encode_address,
    encode_const,
    encode_index,
    encode_op,
    float_bits,
    is_immediate,
    length_of_const,
    logical_bits,
    reaches,
    vector_bits,
    with_distance,
)
from wasmine.jit.arm64.ops import BY_NAME, OPS, WORDS, ArmOp

ROUNDS = 24
HERE = 0x40000000  # where the instruction stands
CONDITIONS = "eq ne hs lo mi pl vs vc hi ls ge lt gt le".split()  # noqa: SIM905
SHIFTS = ("lsl", "lsr", "asr", "ror")
EXTENSIONS = ("uxtb", "uxth", "uxtw", "uxtx", "sxtb", "sxth", "sxtw", "sxtx")
ALL_ONES = (1 << 64) - 1

decoder = capstone.Cs(capstone.CS_ARCH_ARM64, capstone.CS_MODE_ARM)


class Case:
    """An op with operands, and what the manual's syntax makes of them."""

    def __init__(self, op: ArmOp, rng: random.Random, top: int) -> None:
        """`top`: the highest number of a register, 30, or 31 for sp and zero as well."""
        self.op = op
        self.regs = {field: rng.randint(0, top) for field in "dnma"}
        self.is_64 = bool(op.base >> 31)
        self.imm, self.words = IMMEDIATES.get(op.form, none)(self, rng)

    def code(self) -> bytes:
        regs = self.regs
        return encode_op(self.op.value, regs["d"], regs["n"], regs["m"], regs["a"], self.imm)

    def register(self, match: re.Match[str]) -> str:
        size, number, stack, lanes = match[1], self.regs[match[2]], match[3], match[4]
        if size in "WX" and number == 31:
            name = "sp" if stack else "zr"
            return name if name == "sp" and size == "X" else size.lower() + name
        return f"{size.lower()}{number}{lanes or ''}"

    def text(self) -> str:
        n = self.regs["n"]
        text = self.op.syntax.replace("two.16b", f"v{n}.16b, v{(n + 1) % 32}.16b")
        for word, meaning in self.words.items():
            text = text.replace(word, meaning)
        return re.sub(r"\b([WXBHSDQV])([dnma])\b(\|SP)?(\.\w+)?", self.register, text)


Immediate = Callable[[Case, random.Random], tuple[int, dict[str, str]]]


def none(case: Case, rng: random.Random) -> tuple[int, dict[str, str]]:
    return 0, {}


def shifted(case: Case, rng: random.Random) -> tuple[int, dict[str, str]]:
    logical = case.op.base >> 24 & 0x1F == 0x0A
    kind = rng.randrange(4 if logical else 3)
    amount = rng.choice((0, rng.randrange(64 if case.is_64 else 32)))
    text = f", {SHIFTS[kind]} #{amount}" if kind or amount else ""
    return kind << 6 | amount, {" shift": text}


def extended(case: Case, rng: random.Random) -> tuple[int, dict[str, str]]:
    kind, amount = rng.randrange(8), rng.randint(0, 4)
    words = {" extend": f", {EXTENSIONS[kind]}" + (f" #{amount}" if amount else "")}
    if kind & 3 != 3:
        words["Xm"] = "Wm"
    return kind << 3 | amount, words


def count(case: Case, rng: random.Random) -> tuple[int, dict[str, str]]:
    n = rng.randrange(1, 64 if case.is_64 else 32)
    return n, {"#imm": f"#{n}"}


def condition(case: Case, rng: random.Random) -> tuple[int, dict[str, str]]:
    cond = rng.randrange(14)
    return cond, {"cond": CONDITIONS[cond]}


def twelve(case: Case, rng: random.Random) -> tuple[int, dict[str, str]]:
    low = rng.choice((0, 1, 0xFFF, rng.randrange(1 << 12)))
    if rng.random() < 0.5 or low == 0:
        return low, {"#imm": f"#{low}"}
    return low << 12, {"#imm": f"#{low}, lsl #12"}


def run_of_ones(rng: random.Random, is_64: bool) -> int:
    size = rng.choice((2, 4, 8, 16, 32, 64) if is_64 else (2, 4, 8, 16, 32))
    ones = (1 << rng.randrange(1, size)) - 1
    by = rng.randrange(size)
    element = (ones << by | ones >> (size - by)) & ((1 << size) - 1)
    return sum(element << k for k in range(0, 64 if is_64 else 32, size))


def logical(case: Case, rng: random.Random) -> tuple[int, dict[str, str]]:
    value = run_of_ones(rng, case.is_64)
    return value - (value >> 63 << 64), {"#imm": f"#{value:#x}"}


def wide(case: Case, rng: random.Random) -> tuple[int, dict[str, str]]:
    bits, half = rng.randrange(1, 0xFFFF), rng.randrange(4 if case.is_64 else 2)
    return half << 16 | bits, {"wide": f"#{bits}" + (f", lsl #{16 * half}" if half else "")}


def field(case: Case, rng: random.Random) -> tuple[int, dict[str, str]]:
    size = 64 if case.is_64 else 32
    rotation, last = rng.randrange(size), rng.randrange(size)
    return rotation << 6 | last, {"field": f"#{rotation}, #{last}"}


def small_float(bits: int) -> float:
    exponent = (bits >> 4 & 3) - (0 if bits >> 6 & 1 else -4) - 3
    return (-1 if bits >> 7 else 1) * (16 + (bits & 15)) / 16 * 2.0**exponent


def float_imm(case: Case, rng: random.Random) -> tuple[int, dict[str, str]]:
    bits = rng.randrange(256)
    return bits, {"#float": f"#{small_float(bits):.8f}"}


def flags(case: Case, rng: random.Random) -> tuple[int, dict[str, str]]:
    cond, bits, imm = rng.randrange(14), rng.randrange(16), rng.randrange(32)
    words = {"cond": CONDITIONS[cond], "#flags": f"#{bits}", "#imm": f"#{imm}"}
    return imm * (case.op.form == "n_flags") << 8 | cond << 4 | bits, words


def label(case: Case, rng: random.Random) -> tuple[int, dict[str, str]]:
    reach = {"branch": 1 << 27, "dm_branch": 1 << 15}.get(case.op.form, 1 << 20)
    distance = rng.choice((-reach, reach - 4, 0, rng.randrange(-reach, reach, 4)))
    words = {"label": f"#{HERE + distance:#x}"}
    if case.op.form == "dm_branch":
        case.regs["m"] = rng.randrange(64)
        words["#bit"] = f"#{case.regs['m']}"
        if case.regs["m"] >= 32:
            words["Wd"] = "Xd"
    if case.op.name == "b_if":
        case.regs["d"] = rng.randrange(14)
        words["cond"] = CONDITIONS[case.regs["d"]]
    return distance, words


def near(case: Case, rng: random.Random) -> tuple[int, dict[str, str]]:
    distance = rng.randrange(-(1 << 20), 1 << 20)
    target, page = HERE + distance, HERE + (distance << 12)
    return distance, {"label": f"#{target:#x}", "page": f"#{page:#x}"}


def sixteen(case: Case, rng: random.Random) -> tuple[int, dict[str, str]]:
    imm = rng.randrange(1 << 16)
    return imm, {"#imm": f"#{imm}"}


def bytes_of(op: ArmOp) -> int:
    register = re.search(r" ([WXBHSDQ])d", op.syntax)
    assert register
    by_name = {"b": 1, "h": 2}.get(re.sub("^(ld|st)rs?", "", op.name)[:1] if "_" not in op.name else "")
    if op.name in ("ldrsw", "ldpsw"):
        return 4
    return by_name or {"W": 4, "X": 8, "B": 1, "H": 2, "S": 4, "D": 8, "Q": 16}[register[1]]


def address(case: Case, rng: random.Random) -> tuple[int, dict[str, str]]:
    size = bytes_of(case.op)
    disp = rng.choice((0, size, 4095 * size, rng.randrange(4096) * size, -256, 255, rng.randint(-256, 255)))
    base = "[Xn|SP]" if disp == 0 else f"[Xn|SP, #{disp}]"
    scaled = disp >= 0 and disp % size == 0
    words = {"address": base}
    if not scaled:
        mnemonic = case.op.syntax.split()[0]
        words[mnemonic + " "] = mnemonic[:2] + "u" + mnemonic[2:] + " "
    return disp, words


def pair(case: Case, rng: random.Random) -> tuple[int, dict[str, str]]:
    disp = bytes_of(case.op) * rng.choice((0, -64, 63, rng.randint(-64, 63)))
    return disp, {"address": "[Xn|SP]" if disp == 0 else f"[Xn|SP, #{disp}]"}


LANES = {"b": 16, "h": 8, "s": 4, "d": 2}


def vector_count(case: Case, rng: random.Random) -> tuple[int, dict[str, str]]:
    source = re.search(r"Vn\.\d+([bhsd])", case.op.syntax)
    assert source
    bits = 128 // LANES[source[1]]
    n = rng.randrange(bits) if case.op.form == "v_left" else rng.randint(1, bits)
    return n, {"#imm": f"#{n}"}


def vector_bytes(case: Case, rng: random.Random) -> tuple[int, dict[str, str]]:
    n = rng.randrange(16)
    return n, {"#imm": f"#{n}"}


def lane(case: Case, rng: random.Random) -> tuple[int, dict[str, str]]:
    size = re.search(r"\.([bhsd])\}?\[", case.op.syntax)
    assert size
    n, other = rng.randrange(LANES[size[1]]), rng.randrange(LANES[size[1]])
    return other * (case.op.form == "v_lanes") << 8 | n, {"[lane]": f"[{n}]", "[other]": f"[{other}]"}


def vector_value(rng: random.Random) -> tuple[int, str]:
    """64 bits of which a vector repeated has an immediate, and its text."""
    byte = rng.randint(1, 254)
    by = rng.randrange(4)
    kind = rng.randrange(7)
    name = ("movi", "mvni")[kind % 2]
    if kind < 2:
        part, text = byte << 8 * by, f"{name} Vd.4s, #{byte}" + (f", lsl #{8 * by}" if by else "")
    elif kind < 4:
        by %= 2
        part, text = (byte << 8 * by) * 0x10001, f"{name} Vd.8h, #{byte}" + (f", lsl #{8 * by}" if by else "")
    elif kind < 6:
        by = 1 + by % 2
        part, text = (byte << 8 * by) + (1 << 8 * by) - 1, f"{name} Vd.4s, #{byte}, msl #{8 * by}"
    else:
        part, text = byte * 0x01010101, f"movi Vd.16b, #{byte}"
    if name == "mvni" and kind < 6:
        part ^= ALL_ONES >> 32
    return part << 32 | part, text


def vector_imm(case: Case, rng: random.Random) -> tuple[int, dict[str, str]]:
    value, text = vector_value(rng)
    if rng.random() < 0.3:
        value = sum(0xFF << 8 * k for k in range(8) if rng.random() < 0.5)
        value = value & ~(0xFF << 32) | 0xFF  # the halves are not the same
        text = f"movi Vd.2d, #{value:#x}"
    elif rng.random() < 0.2:
        bits = rng.randrange(256)
        value = int(struct.unpack("<Q", struct.pack("<d", small_float(bits)))[0])
        text = f"fmov Vd.2d, #{small_float(bits):.8f}"
    imm = vector_bits(value, value)
    assert imm is not None
    return imm, {"vector_imm": text}


IMMEDIATES: dict[str, Immediate] = {
    "dnm_shift": shifted,
    "dnm_extend": extended,
    "dnm_at": count,
    "dnm_cond": condition,
    "dn_imm": twelve,
    "dn_logical": logical,
    "dn_field": field,
    "dn_left": count,
    "dn_right": count,
    "dn_rotate": count,
    "d_wide": wide,
    "d_unless": condition,
    "d_float": float_imm,
    "d_address": near,
    "nm_flags": flags,
    "n_flags": flags,
    "d_branch": label,
    "dm_branch": label,
    "branch": label,
    "word": sixteen,
    "mem": address,
    "pair": pair,
    "v_left": vector_count,
    "v_right": vector_count,
    "v_bytes": vector_bytes,
    "v_lane": lane,
    "v_lanes": lane,
    "v_by": lane,
    "v_element": lane,
    "v_imm": vector_imm,
}


def parsed(text: str) -> list[str | int | float]:
    """Words and numbers; immediates as unsigned."""
    tokens: list[str | int | float] = []
    for token in re.findall(r"#?-?[\w.]+|[\[\]!{}]", text.replace("b.cs", "b.hs").replace("b.cc", "b.lo")):
        if re.fullmatch(r"#?-?(0x[0-9a-f]+|\d+)", token):
            tokens.append(int(token.removeprefix("#"), 0) & ALL_ONES)
        elif re.fullmatch(r"#-?\d+\.\d+", token):
            tokens.append(float(token[1:]))
        else:
            tokens.append(token)
    return tokens


def disassemble(code: bytes) -> str:
    instructions = list(decoder.disasm(code, HERE))
    assert len(instructions) == 1, f"{code[::-1].hex()} is not known"
    return f"{instructions[0].mnemonic} {instructions[0].op_str}".strip()


def field_alias(case: Case) -> str:
    """The name under which a disassembler shows a bitfield instruction."""
    size = 64 if case.is_64 else 32
    rotation, last = case.imm >> 6, case.imm & 63
    head = {"sbfm": "s", "ubfm": "u", "bfm": ""}[case.op.name.rstrip("0123456789")]
    register = "x" if case.is_64 else "w"
    d, n = f"{register}{case.regs['d']}", f"{register}{case.regs['n']}"
    if head and last == size - 1:
        return f"{'asr' if head == 's' else 'lsr'} {d}, {n}, #{rotation}"
    if head == "u" and last + 1 == rotation:
        return f"lsl {d}, {n}, #{size - rotation}"
    if last < rotation:
        return f"{head}bf{'iz' if head else 'i'} {d}, {n}, #{size - rotation}, #{last + 1}"
    narrow = rotation == 0 and {7: "b", 15: "h", 31: "w"}.get(last)
    if narrow and head == "s":
        return f"sxt{narrow} {d}, w{case.regs['n']}"
    if narrow and head == "u" and narrow != "w" and not case.is_64:
        return f"uxt{narrow} {d}, {n}"
    return f"{head}bf{'x' if head else 'xil'} {d}, {n}, #{rotation}, #{last - rotation + 1}"


def wide_alias(case: Case) -> str:
    bits = (case.imm & 0xFFFF) << 16 * (case.imm >> 16)
    value = ~bits if "movn" in case.op.name else bits
    return f"mov {'x' if case.is_64 else 'w'}{case.regs['d']}, #{value:#x}"


def shown(case: Case) -> str:
    """What the disassembler is expected to say."""
    if case.op.form == "dn_field":
        return field_alias(case)
    if case.op.name.startswith(("movz", "movn")):
        return wide_alias(case)
    return case.text()


def is_another(case: Case) -> bool:
    """Whether it is undefined, or shown as another instruction with fewer operands."""
    regs = case.regs
    if case.op.name.startswith("ldp") and regs["d"] == regs["a"]:
        return True
    if case.op.name.startswith("stlxr") and regs["m"] in (regs["d"], regs["n"]):
        return True
    return case.op.name.startswith(("extr", "csinc", "csinv", "csneg", "orr_16b")) and regs["n"] == regs["m"]


def cut(token: str | int | float) -> str | int | float:
    return token & ALL_ONES >> 32 if isinstance(token, int) else token


@pytest.mark.parametrize("op", OPS, ids=lambda op: op.name)
def test_disassembler_reads_what_is_meant(op: ArmOp) -> None:
    rng = random.Random(op.name)
    for _ in range(ROUNDS):
        case = Case(op, rng, 30)
        if is_another(case):
            continue
        found, expected = parsed(disassemble(case.code())), parsed(shown(case))
        if op.form in ("dn_logical", "d_wide") and not case.is_64:
            found, expected = [[cut(t) for t in side] for side in (found, expected)]
        assert found == expected


assembler = shutil.which("aarch64-linux-gnu-as")
objcopy = shutil.which("aarch64-linux-gnu-objcopy")


def assembled(lines: list[str], directory: Path) -> list[bytes]:
    """The words of these instructions, each at HERE for what counts from itself."""
    source, object_, raw = directory / "a.s", directory / "a.o", directory / "a.bin"
    text = [re.sub(r"#(0x[0-9a-f]+)$", r"\1", line) for line in lines]
    source.write_text("\n".join(text) + "\n")
    assert assembler
    assert objcopy
    subprocess.run([assembler, "-march=armv8.5-a", "-o", object_, source], check=True)
    subprocess.run([objcopy, "-O", "binary", "-j", ".text", object_, raw], check=True)
    code = raw.read_bytes()
    return [code[k : k + 4] for k in range(0, len(code), 4)]


def relative(case: Case) -> str:
    """Its text, with targets that count from the instruction."""
    text = case.text()
    if case.op.form in ("d_branch", "dm_branch", "branch") or case.op.name == "adr":
        return re.sub(r"#0x[0-9a-f]+$", f". + ({case.imm})", text)
    return text


@pytest.mark.skipif(assembler is None or objcopy is None, reason="a second opinion: binutils for aarch64")
def test_assembler_makes_the_same(tmp_path: Path) -> None:
    rng = random.Random(1)
    # An object file has no address: the distance of adrp would be left to the linker.
    cases = [Case(op, rng, 31) for op in OPS if op.name != "adrp" for _ in range(ROUNDS)]
    cases = [case for case in cases if not is_another(case)]
    words = assembled([relative(case) for case in cases], tmp_path)
    assert len(words) == len(cases)
    for case, word in zip(cases, words, strict=True):
        assert case.code() == word, relative(case)


LOADS = [op for op in OPS if op.form == "mem"]
PAIRS = [op for op in OPS if op.form == "pair"]


@pytest.mark.parametrize("op", LOADS, ids=lambda op: op.name)
def test_index_in_a_register(op: ArmOp) -> None:
    rng = random.Random(op.name)
    size = bytes_of(op)
    for kind, name in ((2, "uxtw"), (3, "lsl"), (6, "sxtw"), (7, "sxtx")):
        for scaled in (False, True):
            d, base, index = rng.randint(0, 30), rng.choice((31, rng.randint(0, 30))), rng.randint(0, 30)
            found = parsed(disassemble(encode_index(op.value, d, base, index, kind, scaled)))
            case = Case(op, rng, 30)
            case.regs |= {"d": d, "n": base, "m": index}
            by = f", {name} #{size.bit_length() - 1}" if scaled else "" if name == "lsl" else f", {name}"
            case.words = {"address": f"[Xn|SP, {'W' if kind in (2, 6) else 'X'}m{by}]"}
            assert [t for t in found if t != 0] == [t for t in parsed(case.text()) if t != 0]


@pytest.mark.parametrize("op", LOADS + PAIRS, ids=lambda op: op.name)
def test_a_base_that_changes(op: ArmOp) -> None:
    rng = random.Random(op.name)
    unit = bytes_of(op) if op.form == "pair" else 1
    for disp in (-64 * unit, 63 * unit, rng.randint(-64, 63) * unit):
        for mode, text in (("before", f"[Xn|SP, #{disp}]!"), ("behind", f"[Xn|SP], #{disp}")):
            case = Case(op, rng, 30)
            case.regs |= {"d": 1, "a": 2, "n": rng.choice((31, 5))}
            case.words = {"address": text}
            code = encode_address(op.value, 1, case.regs["n"], disp, mode, 2)
            assert parsed(disassemble(code)) == parsed(case.text())


@pytest.mark.parametrize("op", LOADS + PAIRS, ids=lambda op: op.name)
def test_the_offsets_that_fit(op: ArmOp) -> None:
    size = bytes_of(op)
    fit = [0, -64 * size, 63 * size]
    unfit = [-65 * size, 64 * size, size // 2]
    if op.form == "mem":
        fit = [0, -256, 255, 4095 * size]
        unfit = [-257, 4096 * size, 257 if size > 1 else 4096]
    assert all(reaches(op.value, disp) for disp in fit)
    assert not any(reaches(op.value, disp) for disp in unfit)


def test_the_stack_pointer_and_zero() -> None:
    def one(name: str, *operands: int) -> str:
        return disassemble(encode_op(BY_NAME[name].value, *operands))

    assert one("add_imm64", 31, 31, 0, 0, 16) == "add sp, sp, #0x10"
    assert one("mov_mask64", 31, 0, 0, 0, 0xFF) == "mov sp, #0xff"
    assert one("add_ext64", 31, 31, 3, 0, 3 << 3) == "add sp, sp, x3"
    assert one("str64", 31, 31, 0, 0, 8) == "str xzr, [sp, #8]"
    assert one("mov32", 1, 2, 31) == "mov w1, wzr"
    assert one("add64", 33, 34, 35) == "add x1, x2, x3"


def test_words() -> None:
    texts = {name: disassemble(word.to_bytes(4, "little")) for name, word in WORDS.items()}
    expected = {name: name.replace("_", " ") for name in WORDS}
    assert texts == expected


DISTANT = [op for op in OPS if "branch" in op.form or op.name == "adr"]


@pytest.mark.parametrize("op", DISTANT, ids=lambda op: op.name)
def test_distances_filled_in_later(op: ArmOp) -> None:
    rng = random.Random(op.name)
    for _ in range(ROUNDS):
        case, other = Case(op, rng, 31), Case(op, rng, 31)
        other.regs = case.regs
        assert with_distance(other.code(), case.imm) == case.code()
        assert op.name == "adr" or reaches(op.value, case.imm)
        assert op.name == "adr" or not reaches(op.value, 1 << 27)


def executed(code: bytes) -> int:
    """The register after instructions that make a constant."""
    value = 0
    for instruction in decoder.disasm(code, 0):
        text = f"{instruction.mnemonic} {instruction.op_str}"
        match = re.fullmatch(r"(mov|movk|orr) ([wx])3, (?:[wx]zr, )?#(-?\w+)(?:, lsl #(\d+))?", text)
        assert match, text
        bits, by = int(match[3], 0), int(match[4] or 0)
        value = value & ~(0xFFFF << by) | bits << by if match[1] == "movk" else bits << by
        value &= ALL_ONES if match[2] == "x" else ALL_ONES >> 32
    return value


def test_constants() -> None:
    rng = random.Random(3)
    values = [
        0,
        1,
        0xFFFF,
        0x10000,
        0xFFFFFFFF,
        0xFFFF1234,
        0x12345678,
        1 << 32,
        ALL_ONES,
        0x5555555555555555,
    ]
    values += [0xFFFFFFFF80000000, 0xFFFFFFFFFFFF1234, 0x0000FFFF0000FFFF, 0x123456789ABCDEF0, 0x1234FFFFFFFF]
    values += [rng.getrandbits(rng.choice((16, 32, 33, 48, 64))) for _ in range(500)]
    values += [run_of_ones(rng, True) for _ in range(200)]
    for value in values:
        code = encode_const(3, value)
        assert executed(code) == value
        assert len(code) == 4 * length_of_const(value)
    assert {length_of_const(v) for v in (0, 0xFFFF1234, 0xFFFFFFFF, ALL_ONES, 0x5555555555555555)} == {1}
    assert length_of_const(0x12345678) == 2
    assert length_of_const(0x1234FFFFFFFF) == 2
    assert length_of_const(0x123456789ABCDEF0) == 4


def test_every_logical_immediate() -> None:
    """All that there are: each has one encoding, and the decoding of the manual gives it back."""
    seen = set()
    for size in (2, 4, 8, 16, 32, 64):
        for n in range(1, size):
            for rotation in range(size):
                ones = (1 << n) - 1
                element = (ones >> rotation | ones << (size - rotation)) & ((1 << size) - 1)
                value = sum(element << k for k in range(0, 64, size))
                imms = 0x3F & ~(2 * size - 1) | n - 1
                assert logical_bits(value, True) == (size == 64) << 12 | rotation << 6 | imms
                seen.add(value)
    assert len(seen) == 5334
    rng = random.Random(4)
    others = [rng.getrandbits(64) for _ in range(2000)] + [0, ALL_ONES, 5, 0x101, 0xF0F1]
    for value in others:
        assert (logical_bits(value, True) is not None) == (value in seen)
    assert logical_bits(0xFFFFFFFF, False) is None
    assert logical_bits(0xFF00FF00, False) is not None


def test_float_immediates() -> None:
    def bits(value: float, is_64: bool) -> int:
        return int(struct.unpack("<Q" if is_64 else "<I", struct.pack("<d" if is_64 else "<f", value))[0])

    small = {small_float(n): n for n in range(256)}
    assert len(small) == 256
    for is_64 in (False, True):
        for value, encoding in small.items():
            assert float_bits(bits(value, is_64), is_64) == encoding
        for value in (0.0, -0.0, 32.0, 0.1, 0.0625, 1 + 1 / 32, float("inf"), float("nan"), 1e30):
            assert float_bits(bits(value, is_64), is_64) is None


def test_immediates_of_additions() -> None:
    assert all(map(is_immediate, (0, 1, 0xFFF, 0x1000, 0xFFF000)))
    assert not any(map(is_immediate, (0x1001, 0x1000000, ALL_ONES)))


def test_rows() -> None:
    assert len(BY_NAME) == len(OPS)
    assert len({op.value for op in OPS}) == len(OPS)
    assert all(op.value >> 24 for op in OPS)
