"""The x86-64 instructions that the compiler emits: the one table from which enum, encoder and tests derive.

A row gives a name, a form (where the operands stand), the opcode bytes as the manual prints them (Intel SDM,
volume 2: prefix, 0F map, opcode, "/digit"), and options. The value of an op is its encoding, packed into 32
bits, so that the encoder needs no table:

     0-7    opcode byte
     8-9    opcode map: 0 none, 1 0F, 2 0F 38, 3 0F 3A
    10-11   prefix: 0 none, 1 66, 2 F3, 3 F2
    12      REX.W
    13-15   /digit
    16-19   form
    20      ModRM.reg is a byte register
    21      ModRM.rm, where it is a register, is a byte register
    22      the VEX encoding (AVX): the same instruction with a prefix that has room for one more register
    23      a lock prefix
    24      the EVEX encoding (AVX-512), for vectors of 16 bytes; 22 is set, too
    25-26   how many registers the VEX encoding names, less 1; 0 when there is none

The option v3 says that the VEX encoding of an op takes the first source in a register of its own, v2 that it
has the operands of the legacy one. `vex` marks what only has a VEX encoding. The immediate of a blend by mask
holds a register in its upper half.

`tools/gen_x64.py` writes `ops.pxd` from this file; run it after a change.
"""

from collections.abc import Iterator
from typing import Final, NamedTuple

FORMS: Final = (
    "pseudo",  # no instruction of the machine: jit/x64/emit.py says what becomes of it
    "rm",  # reg, r/m
    "mr",  # r/m, reg
    "m",  # r/m
    "mi",  # r/m, immediate of 8 or 32 bits, as short as it goes: opcode 81 becomes 83
    "mi8",  # r/m, immediate of 8 bits
    "mi32",  # r/m, immediate of 32 bits
    "rmi",  # reg, r/m, immediate: opcode 69 becomes 6B
    "rmi8",  # reg, r/m, immediate of 8 bits
    "mri8",  # r/m, reg, immediate of 8 bits
)
PREFIXES: Final = ("", "66", "F3", "F2")
MAPS: Final = ("", "0F", "0F 38", "0F 3A")
VEX: Final = 1 << 22


class X64Op(NamedTuple):
    """One row: see the module docstring."""

    name: str
    form: str
    prefix: int
    map: int
    opcode: int
    digit: int
    wide: bool
    byte_reg: bool
    byte_rm: bool
    vex: bool
    """Has no legacy encoding."""
    evex: bool
    vex_operands: int
    """How many registers the VEX encoding names, 0 when there is none; `value | VEX` is that encoding."""
    lock: bool

    @property
    def constant(self) -> str:
        """The name of the op's enum member."""
        return "X_" + self.name.upper()

    @property
    def value(self) -> int:
        """The packed encoding."""
        return (
            self.opcode
            | self.map << 8
            | self.prefix << 10
            | self.wide << 12
            | self.digit << 13
            | FORMS.index(self.form) << 16
            | self.byte_reg << 20
            | self.byte_rm << 21
            | self.vex << 22
            | self.lock << 23
            | self.evex << 24
            | max(self.vex_operands - 1, 0) << 25
        )


def _op(name: str, form: str, encoding: str, options: str = "") -> X64Op:
    words = encoding.split()
    digit = int(words.pop()[1:]) if words[-1].startswith("/") else 0
    prefix = PREFIXES.index(words.pop(0)) if words[0] in PREFIXES and len(words) > 1 else 0
    opcode = int(words.pop(), 16)
    flags = options.split()
    return X64Op(
        name,
        form,
        prefix,
        MAPS.index(" ".join(words)),
        opcode,
        digit,
        "w" in flags,
        "byte_reg" in flags,
        "byte_rm" in flags,
        "vex" in flags or "evex" in flags,
        "evex" in flags,
        3 if "v3" in flags else 2 if "v2" in flags else 0,
        "lock" in flags,
    )


def _both(name: str, form: str, encoding: str, options: str = "") -> Iterator[X64Op]:
    """The instruction on 32 bits and on 64; a "_" in the name is where the width stands."""
    head, _, tail = name.partition("_")
    tail = "_" + tail if tail else ""
    yield _op(f"{head}32{tail}", form, encoding, options)
    yield _op(f"{head}64{tail}", form, encoding, options + " w")


def _integer() -> Iterator[X64Op]:
    arithmetic = ("add", "or", "adc", "sbb", "and", "sub", "xor", "cmp")
    for digit, name in enumerate(arithmetic):
        yield from _both(name, "rm", f"{8 * digit + 3:02X}")
        yield from _both(f"{name}_mr", "mr", f"{8 * digit + 1:02X}")
        yield from _both(f"{name}_imm", "mi", f"81 /{digit}")
    yield from _both("test", "mr", "85")
    yield from _both("test_imm", "mi32", "F7 /0")
    for name, digit in (("not", 2), ("neg", 3), ("mul", 4), ("imulwide", 5), ("div", 6), ("idiv", 7)):
        yield from _both(name, "m", f"F7 /{digit}")
    yield from _both("imul", "rm", "0F AF")
    yield from _both("imul_imm", "rmi", "69")
    for name, digit in (("rol", 0), ("ror", 1), ("shl", 4), ("shr", 5), ("sar", 7)):
        yield from _both(name, "m", f"D3 /{digit}")  # by cl
        yield from _both(f"{name}_imm", "mi8", f"C1 /{digit}")
    for name, prefix, opcode in (("popcnt", "F3", "B8"), ("lzcnt", "F3", "BD"), ("tzcnt", "F3", "BC")):
        yield from _both(name, "rm", f"{prefix} 0F {opcode}")
    # BMI: the flags stay as they are, but for andn and blsr; the count, or what is inverted, or the result of
    # blsr, in a register of its own.
    yield from _both("rorx", "rmi8", "F2 0F 3A F0", "vex v2")
    for name, prefix in (("shlx", "66"), ("shrx", "F2"), ("sarx", "F3")):
        yield from _both(name, "rm", f"{prefix} 0F 38 F7", "vex v3")
    yield from _both("andn", "rm", "0F 38 F2", "vex v3")
    yield from _both("blsr", "m", "0F 38 F3 /1", "vex v3")
    yield from _both("bsr", "rm", "0F BD")
    yield from _both("bsf", "rm", "0F BC")
    yield from _both("lea", "rm", "8D")
    yield from _both("cmov", "rm", "0F 40")  # + condition
    yield _op("setcc", "m", "0F 90", "byte_rm")  # + condition


def _moves() -> Iterator[X64Op]:
    yield from _both("mov", "rm", "8B")
    yield from _both("mov_imm", "mi32", "C7 /0")  # the immediate is sign-extended
    yield _op("store8", "mr", "88", "byte_reg byte_rm")
    yield _op("store16", "mr", "66 89")
    yield from _both("store", "mr", "89")
    yield _op("store8_imm", "mi8", "C6 /0", "byte_rm")
    yield _op("movzx8", "rm", "0F B6", "byte_rm")
    yield _op("movzx16", "rm", "0F B7")
    yield from _both("movsx8", "rm", "0F BE", "byte_rm")
    yield from _both("movsx16", "rm", "0F BF")
    yield _op("movsxd", "rm", "63", "w")
    yield _op("push", "m", "FF /6")
    yield _op("pop", "m", "8F /0")
    yield _op("call", "m", "FF /2")
    yield _op("jmp", "m", "FF /4")


def _sizes(name: str, encoding: str, options: str) -> Iterator[X64Op]:
    """A store of 32 bits, and of 8, 16, 64; the opcode for bytes is one less."""
    *maps, opcode = encoding.split()
    yield _op(
        f"{name}8", "mr", " ".join([*maps, f"{int(opcode, 16) - 1:02X}"]), options + " byte_reg byte_rm"
    )
    yield _op(f"{name}16", "mr", "66 " + encoding, options)
    yield from _both(name, "mr", encoding, options)


def _atomics() -> Iterator[X64Op]:
    yield from _sizes("xchg", "87", "")  # locks by itself
    yield from _sizes("xadd", "0F C1", "lock")
    yield from _sizes("cmpxchg", "0F B1", "lock")
    for name, opcode in (("add", "01"), ("sub", "29"), ("and", "21"), ("or", "09"), ("xor", "31")):
        yield from _sizes(f"lock{name}", opcode, "lock")


def _floats() -> Iterator[X64Op]:
    for suffix, prefix in (("ss", "F3"), ("sd", "F2")):
        # With VEX, between registers: the lower part of r/m, the rest of the other source.
        yield _op(f"mov{suffix}", "rm", f"{prefix} 0F 10", "v3")
        yield _op(f"store{suffix}", "mr", f"{prefix} 0F 11", "v2")
        for name, opcode in ARITHMETIC:
            yield _op(f"{name}{suffix}", "rm", f"{prefix} 0F {opcode}", "v3")
        yield _op(f"cmp{suffix}", "rmi8", f"{prefix} 0F C2", "v3")
        yield from _both(f"cvtsi2{suffix}", "rm", f"{prefix} 0F 2A", "v3")
        yield from _both(f"cvtt{suffix}2si", "rm", f"{prefix} 0F 2C", "v2")
    yield _op("cvtss2sd", "rm", "F3 0F 5A", "v3")
    yield _op("cvtsd2ss", "rm", "F2 0F 5A", "v3")
    yield _op("ucomiss", "rm", "0F 2E", "v2")
    yield _op("ucomisd", "rm", "66 0F 2E", "v2")
    yield _op("roundss", "rmi8", "66 0F 3A 0A", "v3")
    yield _op("roundsd", "rmi8", "66 0F 3A 0B", "v3")
    yield _op("movmskpd", "rm", "66 0F 50", "v2")
    yield _op("movmskps", "rm", "0F 50", "v2")
    for name, opcode in (("andps", "54"), ("andnps", "55"), ("orps", "56"), ("xorps", "57")):
        yield _op(name, "rm", f"0F {opcode}", "v3")
    yield _op("movaps", "rm", "0F 28", "v2")
    yield _op("movups", "rm", "0F 10", "v2")
    yield _op("storeups", "mr", "0F 11", "v2")
    yield _op("movd", "rm", "66 0F 6E", "v2")
    yield _op("movq", "rm", "66 0F 6E", "v2 w")
    yield _op("movd_out", "mr", "66 0F 7E", "v2")
    yield _op("movq_out", "mr", "66 0F 7E", "v2 w")


ARITHMETIC: Final = (
    ("sqrt", "51"), ("add", "58"), ("mul", "59"), ("sub", "5C"), ("min", "5D"), ("div", "5E"), ("max", "5F"),
)  # fmt: skip

# Two operands of 16 bytes: name and opcode behind 66 0F, or 66 0F 38.
LANES: Final = """
    paddb FC  paddw FD  paddd FE  paddq D4  psubb F8  psubw F9  psubd FA  psubq FB
    paddsb EC  paddsw ED  paddusb DC  paddusw DD  psubsb E8  psubsw E9  psubusb D8  psubusw D9
    pavgb E0  pavgw E3  pand DB  pandn DF  por EB  pxor EF
    pcmpeqb 74  pcmpeqw 75  pcmpeqd 76  pcmpgtb 64  pcmpgtw 65  pcmpgtd 66
    pminub DA  pmaxub DE  pminsw EA  pmaxsw EE
    pmullw D5  pmulhw E5  pmulhuw E4  pmuludq F4  pmaddwd F5
    packsswb 63  packuswb 67  packssdw 6B
    punpcklbw 60  punpcklwd 61  punpckldq 62  punpcklqdq 6C
    punpckhbw 68  punpckhwd 69  punpckhdq 6A  punpckhqdq 6D
    psllw F1  pslld F2  psllq F3  psrlw D1  psrld D2  psrlq D3  psraw E1  psrad E2
"""
LANES_38: Final = """
    pshufb 00  pmaddubsw 04  pmulhrsw 0B  pcmpeqq 29  pcmpgtq 37  packusdw 2B  pmuldq 28  pmulld 40
    pminsb 38  pminsd 39  pminuw 3A  pminud 3B  pmaxsb 3C  pmaxsd 3D  pmaxuw 3E  pmaxud 3F
"""
# One operand, behind 66 0F 38.
UNARY_38: Final = """
    pabsb 1C  pabsw 1D  pabsd 1E  ptest 17
    pmovsxbw 20  pmovsxbd 21  pmovsxbq 22  pmovsxwd 23  pmovsxwq 24  pmovsxdq 25
    pmovzxbw 30  pmovzxbd 31  pmovzxbq 32  pmovzxwd 33  pmovzxwq 34  pmovzxdq 35
"""


def _named(text: str, form: str, before: str, options: str) -> Iterator[X64Op]:
    words = text.split()
    for name, opcode in zip(words[::2], words[1::2], strict=True):
        yield _op(name, form, f"{before} {opcode}", options)


def _vectors() -> Iterator[X64Op]:
    yield from _named(LANES, "rm", "66 0F", "v3")
    yield from _named(LANES_38, "rm", "66 0F 38", "v3")
    yield from _named(UNARY_38, "rm", "66 0F 38", "v2")
    for width, opcode, shifts in (
        ("w", "71", (("psrl", 2), ("psra", 4), ("psll", 6))),
        ("d", "72", (("psrl", 2), ("psra", 4), ("psll", 6))),
        ("q", "73", (("psrl", 2), ("psll", 6))),
        ("dq", "73", (("psrl", 3), ("psll", 7))),  # by bytes
    ):
        for name, digit in shifts:
            yield _op(f"{name}{width}_imm", "mi8", f"66 0F {opcode} /{digit}", "v3")
    yield _op("pmovmskb", "rm", "66 0F D7", "v2")
    for suffix, prefix in (("ps", ""), ("pd", "66 ")):
        for name, opcode in ARITHMETIC:
            yield _op(f"{name}{suffix}", "rm", f"{prefix}0F {opcode}", "v2" if name == "sqrt" else "v3")
        yield _op(f"cmp{suffix}", "rmi8", f"{prefix}0F C2", "v3")
        yield _op(f"shuf{suffix}", "rmi8", f"{prefix}0F C6", "v3")
        yield _op(f"unpckl{suffix}", "rm", f"{prefix}0F 14", "v3")
        yield _op(f"unpckh{suffix}", "rm", f"{prefix}0F 15", "v3")
    yield _op("cvtdq2ps", "rm", "0F 5B", "v2")
    yield _op("cvttps2dq", "rm", "F3 0F 5B", "v2")
    yield _op("cvtdq2pd", "rm", "F3 0F E6", "v2")
    yield _op("cvttpd2dq", "rm", "66 0F E6", "v2")
    yield _op("cvtps2pd", "rm", "0F 5A", "v2")
    yield _op("cvtpd2ps", "rm", "66 0F 5A", "v2")
    yield _op("roundps", "rmi8", "66 0F 3A 08", "v2")
    yield _op("roundpd", "rmi8", "66 0F 3A 09", "v2")
    yield from _arrangements()


def _arrangements() -> Iterator[X64Op]:
    """Lanes moved."""
    yield _op("pshufd", "rmi8", "66 0F 70", "v2")
    yield _op("pshuflw", "rmi8", "F2 0F 70", "v2")
    yield _op("pshufhw", "rmi8", "F3 0F 70", "v2")
    yield _op("palignr", "rmi8", "66 0F 3A 0F", "v3")
    yield _op("pblendw", "rmi8", "66 0F 3A 0E", "v3")
    yield _op("insertps", "rmi8", "66 0F 3A 21", "v3")
    yield _op("movddup", "rm", "F2 0F 12", "v2")
    yield _op("movlps", "rm", "0F 12", "v3")  # from memory: into one half
    yield _op("movhps", "rm", "0F 16", "v3")
    yield _op("storelps", "mr", "0F 13", "v2")
    yield _op("storehps", "mr", "0F 17", "v2")
    yield _op("pinsrb", "rmi8", "66 0F 3A 20", "v3")
    yield _op("pinsrw", "rmi8", "66 0F C4", "v3")
    yield _op("pinsrd", "rmi8", "66 0F 3A 22", "v3")
    yield _op("pinsrq", "rmi8", "66 0F 3A 22", "v3 w")
    yield _op("pextrb", "mri8", "66 0F 3A 14", "v2")
    yield _op("pextrw", "mri8", "66 0F 3A 15", "v2")
    yield _op("pextrd", "mri8", "66 0F 3A 16", "v2")
    yield _op("pextrq", "mri8", "66 0F 3A 16", "v2 w")
    for name, opcode in (("b", "78"), ("w", "79"), ("d", "58"), ("q", "59")):
        yield _op(f"vpbroadcast{name}", "rm", f"66 0F 38 {opcode}", "vex v2")
    yield _op("vbroadcastss", "rm", "66 0F 38 18", "vex v2")
    yield _op("vblendvps", "rmi8", "66 0F 3A 4A", "vex v3")
    yield _op("vblendvpd", "rmi8", "66 0F 3A 4B", "vex v3")
    yield _op("vpblendvb", "rmi8", "66 0F 3A 4C", "vex v3")


def _evex() -> Iterator[X64Op]:
    """What AVX-512 has for vectors of 16 bytes, and what came before has not."""
    yield _op("vpermi2b", "rm", "66 0F 38 75", "evex v3")
    yield _op("vpternlogq", "rmi8", "66 0F 3A 25", "evex v3 w")
    yield _op("vpmullq", "rm", "66 0F 38 40", "evex v3 w")
    yield _op("vpsraq", "rm", "66 0F E2", "evex v3 w")
    yield _op("vpsraq_imm", "mi8", "66 0F 72 /4", "evex v3 w")
    yield _op("vpabsq", "rm", "66 0F 38 1F", "evex v2 w")
    yield _op("vpopcntb", "rm", "66 0F 38 54", "evex v2")
    yield _op("vcvtudq2ps", "rm", "F2 0F 7A", "evex v2")
    yield _op("vcvtudq2pd", "rm", "F3 0F 7A", "evex v2")
    yield _op("vcvttps2udq", "rm", "0F 78", "evex v2")
    yield _op("vcvttpd2udq", "rm", "0F 78", "evex v2 w")


OPS: Final = (*_integer(), *_moves(), *_atomics(), *_floats(), *_vectors(), *_evex())
BY_NAME: Final = {op.name: op for op in OPS}

# The machine's own, numbered behind those of backend/pseudo.py.
PSEUDO: Final = (
    "with_pool",  # dst, or dst and source: op aux with the constant imm
    "with_vector",  # dst, or dst and source: op imm, its immediate disp, with the 16 bytes in the pool at aux
    "set",  # dst: 1 if the condition holds, else 0
    "select_float",  # dst: src if the condition holds
    "float_min",  # dst: min(dst, src); scale: 1 for f64
    "float_max",
    "convert_u64",  # dst: src as float; scale: 1 for f64
    "truncate",  # dst: src as integer; imm: see floats.pxd
    "div_s",  # rdx:rax by src; scale: 1 for 64 bits
    "div_u",
    "rem_s",
    "atomic_loop",  # rax: what was there, temporary, value; imm: add, and ...; aux: log2 of the bytes
)
