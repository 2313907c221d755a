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
)
PREFIXES: Final = ("", "66", "F3", "F2")
MAPS: Final = ("", "0F", "0F 38", "0F 3A")


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


def _floats() -> Iterator[X64Op]:
    for suffix, prefix in (("ss", "F3"), ("sd", "F2")):
        yield _op(f"mov{suffix}", "rm", f"{prefix} 0F 10")
        yield _op(f"store{suffix}", "mr", f"{prefix} 0F 11")
        for name, opcode in (
            ("sqrt", 51),
            ("add", 58),
            ("mul", 59),
            ("sub", "5C"),
            ("min", "5D"),
            ("div", "5E"),
            ("max", "5F"),
        ):
            yield _op(f"{name}{suffix}", "rm", f"{prefix} 0F {opcode}")
        yield _op(f"cmp{suffix}", "rmi8", f"{prefix} 0F C2")
        yield from _both(f"cvtsi2{suffix}", "rm", f"{prefix} 0F 2A")
        yield from _both(f"cvtt{suffix}2si", "rm", f"{prefix} 0F 2C")
    yield _op("cvtss2sd", "rm", "F3 0F 5A")
    yield _op("cvtsd2ss", "rm", "F2 0F 5A")
    yield _op("ucomiss", "rm", "0F 2E")
    yield _op("ucomisd", "rm", "66 0F 2E")
    yield _op("roundss", "rmi8", "66 0F 3A 0A")
    yield _op("roundsd", "rmi8", "66 0F 3A 0B")
    yield _op("movmskpd", "rm", "66 0F 50")
    for name, opcode in (("andps", "54"), ("andnps", "55"), ("orps", "56"), ("xorps", "57")):
        yield _op(name, "rm", f"0F {opcode}")
    yield _op("movaps", "rm", "0F 28")
    yield _op("movups", "rm", "0F 10")
    yield _op("storeups", "mr", "0F 11")
    yield _op("movd", "rm", "66 0F 6E")
    yield _op("movq", "rm", "66 0F 6E", "w")
    yield _op("movd_out", "mr", "66 0F 7E")
    yield _op("movq_out", "mr", "66 0F 7E", "w")


OPS: Final = (*_integer(), *_moves(), *_floats())
BY_NAME: Final = {op.name: op for op in OPS}

PSEUDO: Final = (
    "label",  # start of a block
    "args",  # the function's arguments are where the convention has them
    "move",  # dst, src: between registers and slots, of one type
    "const",  # dst: imm, as short as it goes; leaves the flags alone
    "const_float",  # dst: the bits imm, or of a vector those in the pool at aux; scale: type
    "with_pool",  # dst: op aux with the constant imm
    "set",  # dst: 1 if the condition holds, else 0
    "select_float",  # dst: src if the condition holds
    "float_min",  # dst: min(dst, src); scale: 1 for f64
    "float_max",
    "convert_u64",  # dst: src as float; scale: 1 for f64
    "truncate",  # dst: src as integer; imm: see floats.pxd
    "div_s",  # rdx:rax by src; scale: 1 for 64 bits
    "div_u",
    "rem_s",
    "jump",  # to label
    "jump_if",  # condition: to label, else to aux
    "jump_table",  # index; imm labels in the pool at aux
    "trap",  # imm: trap code
    "trap_if",  # condition; imm: trap code; a register holds the trap's detail
    "return",
    "fuel",  # imm: how much
    "poll",
    "call_native",  # imm: IrFunc*; through its entry
    "call_import",  # FuncInst* in r10; imm: type id
    "call_funcref",  # FuncInst* in r10; imm: type id
    "call_helper",  # slots in rcx; imm: C function; aux: pool, an Instr
)
