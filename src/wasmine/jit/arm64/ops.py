"""The ARM64 instructions that the compiler emits: the one table from which enum, encoder and tests derive.

A row gives a name, a form (where the operands stand), the bits that are the same in all of its encodings (Arm
ARM, part C), and the assembler's syntax, from which the tests work. The value of an op is its encoding: the
fixed bits, with the form where a register will stand, so that the encoder needs no table:

     0-5    form
     6      bits 0-4 are 31: no result, or none that counts
     7      bits 5-9 are 31: the first source is zero
     8      bits 0-4 are 8: a comparison with zero
    10-31   the fixed bits

An op of no instruction of the machine (`PSEUDO`) has zeros in its upper half.

In the syntax, `Xd` is the register d as 64 bits, and so on: W, X general, where 31 is zero; B, H, S, D, Q, V
vectors. `Xd|SP` is one where 31 is the stack pointer. `#imm`, `shift`, `extend`, `cond`, `label`, `address`
stand for what the form says.

`tools/gen_arm64.py` writes `ops.pxd` from this file; run it after a change.
"""

from collections.abc import Iterator
from typing import Final, NamedTuple

from wasmine.jit.arm64 import neon

FORMS: Final = (
    "pseudo",  # no instruction of the machine: jit/arm64/emit.py says what becomes of it
    "dnm",  # d, n, m where the operands have these names: bits 0-4, 5-9, 16-20
    "dn",
    "nm",
    "d",
    "n",
    "dnma",  # ... and a: bits 10-14
    "dnm_shift",  # m shifted: imm is `shift` (encode.pxd)
    "dnm_extend",  # m extended: imm is `extend`
    "dnm_at",  # imm: from which bit on
    "dnm_cond",  # imm: condition
    "dn_imm",  # imm: 12 bits, or 12 bits and 12 zeros behind them
    "dn_logical",  # imm: a repeated run of ones, or its complement
    "dn_field",  # imm: rotation << 6 | last bit
    "dn_left",  # imm: shift count
    "dn_right",
    "dn_rotate",
    "d_wide",  # imm: 16 bits | their position / 16 << 16
    "d_unless",  # imm: condition, which the instruction has inverted
    "d_float",  # imm: 8 bits that make a float
    "d_address",  # imm: distance from this instruction; adrp: of pages
    "nm_flags",  # imm: condition << 4 | flags if it does not hold
    "n_flags",  # imm: 5 bits << 8 | condition << 4 | flags
    "d_branch",  # imm: distance, +-1 MiB; d is a register, or a condition
    "dm_branch",  # imm: distance, +-32 KiB; m is the number of a bit
    "branch",  # imm: distance, +-128 MiB
    "word",  # imm: 16 bits
    "mem",  # t is d, the base is n, imm: distance
    "pair",  # t is d, the second t is a, the base is n, imm: distance
    # of vectors
    "v_left",  # imm: shift count
    "v_right",
    "v_bytes",  # imm: how many bytes of n are left out
    "v_lane",  # imm: number of the lane
    "v_lanes",  # imm: number of the lane | number of the source's << 8
    "v_by",  # imm: number of the lane of m
    "v_element",  # imm: number of the lane; the base is n
    "v_imm",  # imm: `vector_imm` (encode.pxd)
)  # fmt: skip

NO_RESULT: Final = 1 << 6
FROM_ZERO: Final = 1 << 7
WITH_ZERO: Final = 1 << 8
FLAGS: Final = {0: 0, 0x1F: NO_RESULT, 0x3E0: FROM_ZERO, 8: WITH_ZERO}


class ArmOp(NamedTuple):
    """One row: see the module docstring."""

    name: str
    form: str
    base: int
    syntax: str

    @property
    def constant(self) -> str:
        """The name of the op's enum member."""
        return "A_" + self.name.upper()

    @property
    def value(self) -> int:
        """The packed encoding."""
        return self.base & ~0x3FF | FLAGS[self.base & 0x3FF] | FORMS.index(self.form)


def _rows(text: str, wide: int = 0) -> Iterator[ArmOp]:
    """Lines of `name form bits syntax`.

    A "%" in the name makes it two: the instruction on 32 bits, and on 64 with the bits `wide`, W being X.
    """
    for line in text.strip().splitlines():
        name, form, bits, syntax = line.split(None, 3)
        base = int(bits, 16)
        if "%" in name:
            yield ArmOp(name.replace("%", "32"), form, base, syntax)
            syntax = syntax.replace("W", "X")
            yield ArmOp(name.replace("%", "64"), form, base | wide, syntax)
        else:
            yield ArmOp(name, form, base, syntax)


SF: Final = 1 << 31
SF_N: Final = SF | 1 << 22

INTEGERS: Final = """
add%        dnm_shift  0B000000 add Wd, Wn, Wm shift
adds%       dnm_shift  2B000000 adds Wd, Wn, Wm shift
sub%        dnm_shift  4B000000 sub Wd, Wn, Wm shift
subs%       dnm_shift  6B000000 subs Wd, Wn, Wm shift
cmn%        dnm_shift  2B00001F cmn Wn, Wm shift
cmp%        dnm_shift  6B00001F cmp Wn, Wm shift
neg%        dnm_shift  4B0003E0 neg Wd, Wm shift
add_ext%    dnm_extend 0B200000 add Wd|SP, Wn|SP, Wm extend
adds_ext%   dnm_extend 2B200000 adds Wd, Wn|SP, Wm extend
sub_ext%    dnm_extend 4B200000 sub Wd|SP, Wn|SP, Wm extend
subs_ext%   dnm_extend 6B200000 subs Wd, Wn|SP, Wm extend
cmp_ext%    dnm_extend 6B20001F cmp Wn|SP, Wm extend
add_imm%    dn_imm     11000000 add Wd|SP, Wn|SP, #imm
adds_imm%   dn_imm     31000000 adds Wd, Wn|SP, #imm
sub_imm%    dn_imm     51000000 sub Wd|SP, Wn|SP, #imm
subs_imm%   dn_imm     71000000 subs Wd, Wn|SP, #imm
cmn_imm%    dn_imm     3100001F cmn Wn|SP, #imm
cmp_imm%    dn_imm     7100001F cmp Wn|SP, #imm
and%        dnm_shift  0A000000 and Wd, Wn, Wm shift
bic%        dnm_shift  0A200000 bic Wd, Wn, Wm shift
orr%        dnm_shift  2A000000 orr Wd, Wn, Wm shift
orn%        dnm_shift  2A200000 orn Wd, Wn, Wm shift
eor%        dnm_shift  4A000000 eor Wd, Wn, Wm shift
eon%        dnm_shift  4A200000 eon Wd, Wn, Wm shift
ands%       dnm_shift  6A000000 ands Wd, Wn, Wm shift
bics%       dnm_shift  6A200000 bics Wd, Wn, Wm shift
tst%        dnm_shift  6A00001F tst Wn, Wm shift
mvn%        dnm_shift  2A2003E0 mvn Wd, Wm shift
mov%        dnm        2A0003E0 mov Wd, Wm
and_imm%    dn_logical 12000000 and Wd|SP, Wn, #imm
orr_imm%    dn_logical 32000000 orr Wd|SP, Wn, #imm
eor_imm%    dn_logical 52000000 eor Wd|SP, Wn, #imm
ands_imm%   dn_logical 72000000 ands Wd, Wn, #imm
tst_imm%    dn_logical 7200001F tst Wn, #imm
mov_mask%   dn_logical 320003E0 mov Wd|SP, #imm
movn%       d_wide     12800000 movn Wd, wide
movz%       d_wide     52800000 movz Wd, wide
movk%       d_wide     72800000 movk Wd, wide
lsl%        dnm        1AC02000 lsl Wd, Wn, Wm
lsr%        dnm        1AC02400 lsr Wd, Wn, Wm
asr%        dnm        1AC02800 asr Wd, Wn, Wm
ror%        dnm        1AC02C00 ror Wd, Wn, Wm
udiv%       dnm        1AC00800 udiv Wd, Wn, Wm
sdiv%       dnm        1AC00C00 sdiv Wd, Wn, Wm
madd%       dnma       1B000000 madd Wd, Wn, Wm, Wa
msub%       dnma       1B008000 msub Wd, Wn, Wm, Wa
mul%        dnm        1B007C00 mul Wd, Wn, Wm
mneg%       dnm        1B00FC00 mneg Wd, Wn, Wm
smaddl      dnma       9B200000 smaddl Xd, Wn, Wm, Xa
smsubl      dnma       9B208000 smsubl Xd, Wn, Wm, Xa
umaddl      dnma       9BA00000 umaddl Xd, Wn, Wm, Xa
umsubl      dnma       9BA08000 umsubl Xd, Wn, Wm, Xa
smull       dnm        9B207C00 smull Xd, Wn, Wm
umull       dnm        9BA07C00 umull Xd, Wn, Wm
smulh       dnm        9B407C00 smulh Xd, Xn, Xm
umulh       dnm        9BC07C00 umulh Xd, Xn, Xm
clz%        dn         5AC01000 clz Wd, Wn
cls%        dn         5AC01400 cls Wd, Wn
rbit%       dn         5AC00000 rbit Wd, Wn
rev32       dn         5AC00800 rev Wd, Wn
rev64       dn         DAC00C00 rev Xd, Xn
adc%        dnm        1A000000 adc Wd, Wn, Wm
adcs%       dnm        3A000000 adcs Wd, Wn, Wm
sbc%        dnm        5A000000 sbc Wd, Wn, Wm
sbcs%       dnm        7A000000 sbcs Wd, Wn, Wm
sxtw        dn         93407C00 sxtw Xd, Wn
uxtb        dn         53001C00 uxtb Wd, Wn
uxth        dn         53003C00 uxth Wd, Wn
csel%       dnm_cond   1A800000 csel Wd, Wn, Wm, cond
csinc%      dnm_cond   1A800400 csinc Wd, Wn, Wm, cond
csinv%      dnm_cond   5A800000 csinv Wd, Wn, Wm, cond
csneg%      dnm_cond   5A800400 csneg Wd, Wn, Wm, cond
cset%       d_unless   1A9F07E0 cset Wd, cond
csetm%      d_unless   5A9F03E0 csetm Wd, cond
ccmp%       nm_flags   7A400000 ccmp Wn, Wm, #flags, cond
ccmn%       nm_flags   3A400000 ccmn Wn, Wm, #flags, cond
ccmp_imm%   n_flags    7A400800 ccmp Wn, #imm, #flags, cond
ccmn_imm%   n_flags    3A400800 ccmn Wn, #imm, #flags, cond
"""
# Those whose bit 22 says "64 bits", too.
FIELDS: Final = """
sbfm%       dn_field   13000000 sbfm Wd, Wn, field
bfm%        dn_field   33000000 bfm Wd, Wn, field
ubfm%       dn_field   53000000 ubfm Wd, Wn, field
lsl_imm%    dn_left    53000000 lsl Wd, Wn, #imm
ror_imm%    dn_rotate  13800000 ror Wd, Wn, #imm
extr%       dnm_at     13800000 extr Wd, Wn, Wm, #imm
"""
EXTENSIONS: Final = """
lsr_imm32   dn_right   53007C00 lsr Wd, Wn, #imm
lsr_imm64   dn_right   D340FC00 lsr Xd, Xn, #imm
asr_imm32   dn_right   13007C00 asr Wd, Wn, #imm
asr_imm64   dn_right   9340FC00 asr Xd, Xn, #imm
sxtb32      dn         13001C00 sxtb Wd, Wn
sxtb64      dn         93401C00 sxtb Xd, Wn
sxth32      dn         13003C00 sxth Wd, Wn
sxth64      dn         93403C00 sxth Xd, Wn
"""
BRANCHES: Final = """
b           branch     14000000 b label
bl          branch     94000000 bl label
b_if        d_branch   54000000 b.cond label
cbz%        d_branch   34000000 cbz Wd, label
cbnz%       d_branch   35000000 cbnz Wd, label
tbz         dm_branch  36000000 tbz Wd, #bit, label
tbnz        dm_branch  37000000 tbnz Wd, #bit, label
br          n          D61F0000 br Xn
blr         n          D63F0000 blr Xn
ret         n          D65F0000 ret Xn
adr         d_address  10000000 adr Xd, label
adrp        d_address  90000000 adrp Xd, page
brk         word       D4200000 brk #imm
mrs_fpcr    d          D53B4400 mrs Xd, fpcr
msr_fpcr    d          D51B4400 msr fpcr, Xd
"""
MEMORY: Final = """
strb        mem        39000000 strb Wd, address
ldrb        mem        39400000 ldrb Wd, address
ldrsb64     mem        39800000 ldrsb Xd, address
ldrsb32     mem        39C00000 ldrsb Wd, address
strh        mem        79000000 strh Wd, address
ldrh        mem        79400000 ldrh Wd, address
ldrsh64     mem        79800000 ldrsh Xd, address
ldrsh32     mem        79C00000 ldrsh Wd, address
str32       mem        B9000000 str Wd, address
ldr32       mem        B9400000 ldr Wd, address
ldrsw       mem        B9800000 ldrsw Xd, address
str64       mem        F9000000 str Xd, address
ldr64       mem        F9400000 ldr Xd, address
str_b       mem        3D000000 str Bd, address
ldr_b       mem        3D400000 ldr Bd, address
str_h       mem        7D000000 str Hd, address
ldr_h       mem        7D400000 ldr Hd, address
str_s       mem        BD000000 str Sd, address
ldr_s       mem        BD400000 ldr Sd, address
str_d       mem        FD000000 str Dd, address
ldr_d       mem        FD400000 ldr Dd, address
str_q       mem        3D800000 str Qd, address
ldr_q       mem        3DC00000 ldr Qd, address
stp32       pair       29000000 stp Wd, Wa, address
ldp32       pair       29400000 ldp Wd, Wa, address
ldpsw       pair       69400000 ldpsw Xd, Xa, address
stp64       pair       A9000000 stp Xd, Xa, address
ldp64       pair       A9400000 ldp Xd, Xa, address
stp_s       pair       2D000000 stp Sd, Sa, address
ldp_s       pair       2D400000 ldp Sd, Sa, address
stp_d       pair       6D000000 stp Dd, Da, address
ldp_d       pair       6D400000 ldp Dd, Da, address
stp_q       pair       AD000000 stp Qd, Qa, address
ldp_q       pair       AD400000 ldp Qd, Qa, address
ldr_near32  d_branch   18000000 ldr Wd, label
ldr_near64  d_branch   58000000 ldr Xd, label
ldr_near_s  d_branch   1C000000 ldr Sd, label
ldr_near_d  d_branch   5C000000 ldr Dd, label
ldr_near_q  d_branch   9C000000 ldr Qd, label
"""
# Each is two rows: the instruction on f32, and on f64 with bit 22 set, S being D there.
FLOATS: Final = """
fmov_s      dn         1E204000 fmov Sd, Sn
fabs_s      dn         1E20C000 fabs Sd, Sn
fneg_s      dn         1E214000 fneg Sd, Sn
fsqrt_s     dn         1E21C000 fsqrt Sd, Sn
frintn_s    dn         1E244000 frintn Sd, Sn
frintp_s    dn         1E24C000 frintp Sd, Sn
frintm_s    dn         1E254000 frintm Sd, Sn
frintz_s    dn         1E25C000 frintz Sd, Sn
fmul_s      dnm        1E200800 fmul Sd, Sn, Sm
fdiv_s      dnm        1E201800 fdiv Sd, Sn, Sm
fadd_s      dnm        1E202800 fadd Sd, Sn, Sm
fsub_s      dnm        1E203800 fsub Sd, Sn, Sm
fmax_s      dnm        1E204800 fmax Sd, Sn, Sm
fmin_s      dnm        1E205800 fmin Sd, Sn, Sm
fnmul_s     dnm        1E208800 fnmul Sd, Sn, Sm
fcmp_s      nm         1E202000 fcmp Sn, Sm
fcmp_zero_s dn         1E202008 fcmp Sn, #0.0
fcsel_s     dnm_cond   1E200C00 fcsel Sd, Sn, Sm, cond
fmov_imm_s  d_float    1E201000 fmov Sd, #float
"""
CONVERSIONS: Final = """
fcvt_d_s    dn         1E22C000 fcvt Dd, Sn
fcvt_s_d    dn         1E624000 fcvt Sd, Dn
scvtf_s_w   dn         1E220000 scvtf Sd, Wn
scvtf_s_x   dn         9E220000 scvtf Sd, Xn
scvtf_d_w   dn         1E620000 scvtf Dd, Wn
scvtf_d_x   dn         9E620000 scvtf Dd, Xn
ucvtf_s_w   dn         1E230000 ucvtf Sd, Wn
ucvtf_s_x   dn         9E230000 ucvtf Sd, Xn
ucvtf_d_w   dn         1E630000 ucvtf Dd, Wn
ucvtf_d_x   dn         9E630000 ucvtf Dd, Xn
fcvtzs_w_s  dn         1E380000 fcvtzs Wd, Sn
fcvtzs_x_s  dn         9E380000 fcvtzs Xd, Sn
fcvtzs_w_d  dn         1E780000 fcvtzs Wd, Dn
fcvtzs_x_d  dn         9E780000 fcvtzs Xd, Dn
fcvtzu_w_s  dn         1E390000 fcvtzu Wd, Sn
fcvtzu_x_s  dn         9E390000 fcvtzu Xd, Sn
fcvtzu_w_d  dn         1E790000 fcvtzu Wd, Dn
fcvtzu_x_d  dn         9E790000 fcvtzu Xd, Dn
fmov_w_s    dn         1E260000 fmov Wd, Sn
fmov_s_w    dn         1E270000 fmov Sd, Wn
fmov_x_d    dn         9E660000 fmov Xd, Dn
fmov_d_x    dn         9E670000 fmov Dd, Xn
"""
# All are sequentially consistent, or acquire and release in pairs; m is the value, of stlxr the status, of
# casal the value expected, and then the one found.
ATOMICS: Final = """
ldar%       dn         88DFFC00 ldar Wd, [Xn|SP]
stlr%       dn         889FFC00 stlr Wd, [Xn|SP]
ldaxr%      dn         885FFC00 ldaxr Wd, [Xn|SP]
stlxr%      dnm        8800FC00 stlxr Sm, Wd, [Xn|SP]
ldaddal%    dnm        B8E00000 ldaddal Wm, Wd, [Xn|SP]
ldclral%    dnm        B8E01000 ldclral Wm, Wd, [Xn|SP]
ldeoral%    dnm        B8E02000 ldeoral Wm, Wd, [Xn|SP]
ldsetal%    dnm        B8E03000 ldsetal Wm, Wd, [Xn|SP]
swpal%      dnm        B8E08000 swpal Wm, Wd, [Xn|SP]
casal%      dnm        88E0FC00 casal Wm, Wd, [Xn|SP]
"""


def _floats() -> Iterator[ArmOp]:
    for row in _rows(FLOATS):
        yield row
        syntax = row.syntax.replace("S", "D")
        yield ArmOp(row.name[:-1] + "d", row.form, row.base | 1 << 22, syntax)


def _atomics() -> Iterator[ArmOp]:
    """On 8, 16, 32, 64 bits."""
    for row in _rows(ATOMICS.replace("%", "")):
        mnemonic, rest = row.syntax.split(None, 1)
        for size, name, letter in ((0, "8", "b"), (1, "16", "h"), (2, "32", ""), (3, "64", "")):
            operands = rest.replace("W", "X") if size == 3 else rest
            syntax = f"{mnemonic}{letter} {operands.replace('Sm', 'Wm')}"
            base = row.base & ~(3 << 30) | size << 30
            yield ArmOp(row.name + name, row.form, base, syntax)


OPS: Final = (
    *_rows(INTEGERS, SF),
    *_rows(FIELDS, SF_N),
    *_rows(EXTENSIONS),
    *_rows(BRANCHES, SF),
    *_rows(MEMORY),
    *_floats(),
    *_rows(CONVERSIONS),
    *_atomics(),
    *(ArmOp(*row) for row in neon.ROWS),
)
BY_NAME: Final = {op.name: op for op in OPS}

# Instructions without operands.
WORDS: Final = {
    "nop": 0xD503201F,
    "dmb_ish": 0xD5033BBF,
    "dmb_ishld": 0xD50339BF,
    "dmb_ishst": 0xD5033ABF,
    "isb": 0xD5033FDF,
}

# The machine's own, numbered behind those of backend/pseudo.py.
PSEUDO: Final = (
    "jump_on",  # register: to label if branch imm on it (bit disp) is taken, else to aux
    "trap_on",  # register: with code imm if branch aux on it (bit disp) is taken
    "atomic_loop",  # d, [n], m: see exclusives.py; imm: op, or 0; aux: log2 of the bytes
    "atomic_compare",  # d, [n], m, a; aux: log2 of the bytes
)
