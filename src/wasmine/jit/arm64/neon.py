"""The rows of ops.py for vectors: instructions on all lanes, on single ones, and their loads.

Most come in several arrangements, each a row: lanes of 8 bits (16b, or 8b for the lower half), 16 (8h, 4h),
32 (4s, 2s), 64 (2d). In the tables below, letters say which: b, h, s, d with the size in the fixed bits, S
and D for floats.
"""

from collections.abc import Iterator
from typing import Final

Row = tuple[str, str, int, str]  # as in ops.py: name, form, bits, syntax

WHOLE: Final = {"b": "16b", "h": "8h", "s": "4s", "d": "2d", "S": "4s", "D": "2d"}
HALF: Final = {"b": "8b", "h": "4h", "s": "2s"}
TWICE: Final = {"b": "h", "h": "s", "s": "d"}
SIZE: Final = {"b": 0, "h": 1, "s": 2, "d": 3, "S": 0, "D": 1}

# Three vectors of one arrangement: result, and two sources.
SAME: Final = """
add bhsd 4E208400    sub bhsd 6E208400    mul bhs 4E209C00
mla bhs 4E209400     mls bhs 6E209400
sqadd bhsd 4E200C00  uqadd bhsd 6E200C00  sqsub bhsd 4E202C00  uqsub bhsd 6E202C00
smin bhs 4E206C00    umin bhs 6E206C00    smax bhs 4E206400    umax bhs 6E206400
urhadd bhs 6E201400  sqrdmulh hs 6E20B400 cmtst bhsd 4E208C00
cmeq bhsd 6E208C00   cmgt bhsd 4E203400   cmge bhsd 4E203C00
cmhi bhsd 6E203400   cmhs bhsd 6E203C00
sshl bhsd 4E204400   ushl bhsd 6E204400
addp bhsd 4E20BC00   umaxp bhs 6E20A400   uminp bhs 6E20AC00
and b 4E201C00       bic b 4E601C00       orr b 4EA01C00       orn b 4EE01C00
eor b 6E201C00       bsl b 6E601C00       bit b 6EA01C00       bif b 6EE01C00
fadd SD 4E20D400     fsub SD 4EA0D400     fmul SD 6E20DC00     fdiv SD 6E20FC00
fmax SD 4E20F400     fmin SD 4EA0F400     faddp SD 6E20D400
fcmeq SD 4E20E400    fcmge SD 6E20E400    fcmgt SD 6EA0E400
zip1 bhsd 4E003800   zip2 bhsd 4E007800   uzp1 bhsd 4E001800   uzp2 bhsd 4E005800
trn1 bhsd 4E002800   trn2 bhsd 4E006800
"""
# Two: result and source.
UNARY: Final = """
rev64 bhs 4E200800   rev32 bh 6E200800    rev16 b 4E201800     cnt b 4E205800       mvn b 6E205800
abs bhsd 4E20B800    neg bhsd 6E20B800
fabs SD 4EA0F800     fneg SD 6EA0F800     fsqrt SD 6EA1F800
frintn SD 4E218800   frintm SD 4E219800   frintp SD 4EA18800   frintz SD 4EA19800
scvtf SD 4E21D800    ucvtf SD 6E21D800    fcvtzs SD 4EA1B800   fcvtzu SD 6EA1B800
"""
# ... and a zero.
AGAINST_ZERO: Final = """
cmgt bhsd 4E208800   cmge bhsd 6E208800   cmeq bhsd 4E209800   cmle bhsd 6E209800   cmlt bhsd 4E20A800
fcmgt SD 4EA0C800    fcmge SD 6EA0C800    fcmeq SD 4EA0D800    fcmle SD 6EA0D800    fcmlt SD 4EA0E800
"""
# Lanes of the result are twice as large: from lower halves of the sources, or with a 2, from upper ones.
LONG: Final = """
smull bhs 0E20C000   umull bhs 2E20C000   smlal bhs 0E208000   umlal bhs 2E208000
"""
# Pairs of neighbours added, in lanes of twice the size; `adalp` adds them to the result.
PAIRS: Final = """
saddlp bhs 4E202800  uaddlp bhs 6E202800  sadalp bhs 4E206800  uadalp bhs 6E206800
"""
# Lanes of half the size, into the lower half of the result, or with a 2, the upper one.
NARROW: Final = """
xtn bhs 0E212800     sqxtn bhs 0E214800   uqxtn bhs 2E214800   sqxtun bhs 2E212800
"""
# Over all lanes, into one.
ACROSS: Final = """
addv bhs 4E31B800    uminv bhs 6E31A800   umaxv bhs 6E30A800
"""
# By a constant count.
SHIFTS: Final = """
shl bhsd v_left 4F005400      sshr bhsd v_right 4F000400    ushr bhsd v_right 6F000400
sli bhsd v_left 6F005400      ssra bhsd v_right 4F001400    usra bhsd v_right 6F001400
sri bhsd v_right 6F004400
"""
LONG_SHIFTS: Final = """
sshll 0F00A400       ushll 2F00A400
"""
# One of each.
OTHERS: Final = """
ext_16b     v_bytes  6E000000 ext Vd.16b, Vn.16b, Vm.16b, #imm
tbl_16b     dnm      4E000000 tbl Vd.16b, {Vn.16b}, Vm.16b
tbl2_16b    dnm      4E002000 tbl Vd.16b, {two.16b}, Vm.16b
tbx_16b     dnm      4E001000 tbx Vd.16b, {Vn.16b}, Vm.16b
movi        v_imm    4F000400 vector_imm
fcvtl_2d    dn       0E617800 fcvtl Vd.2d, Vn.2s
fcvtl2_2d   dn       4E617800 fcvtl2 Vd.2d, Vn.4s
fcvtn_2s    dn       0E616800 fcvtn Vd.2s, Vn.2d
fcvtn2_4s   dn       4E616800 fcvtn2 Vd.4s, Vn.2d
shll_2d     dn       2EA13800 shll Vd.2d, Vn.2s, #32
addp_d      dn       5EF1B800 addp Dd, Vn.2d
faddp_s     dn       7E30D800 faddp Sd, Vn.2s
faddp_d     dn       7E70D800 faddp Dd, Vn.2d
cnt_8b      dn       0E205800 cnt Vd.8b, Vn.8b
addv_8b     dn       0E31B800 addv Bd, Vn.8b
fmul_at_4s  v_by     4F809000 fmul Vd.4s, Vn.4s, Vm.s[lane]
fmul_at_2d  v_by     4FC09000 fmul Vd.2d, Vn.2d, Vm.d[lane]
mul_at_4s   v_by     4F808000 mul Vd.4s, Vn.4s, Vm.s[lane]
"""


def _words(text: str, count: int) -> Iterator[tuple[str, ...]]:
    words = text.split()
    return zip(*(iter(words),) * count, strict=True)


def _same() -> Iterator[Row]:
    for name, letters, bits in _words(SAME, 3):
        for letter in letters:
            w = WHOLE[letter]
            base = int(bits, 16) | SIZE[letter] << 22
            yield f"{name}_{w}", "dnm", base, f"{name} Vd.{w}, Vn.{w}, Vm.{w}"


def _unary() -> Iterator[Row]:
    for table, tail, end in ((UNARY, "", ""), (AGAINST_ZERO, "_zero", ", #0")):
        for name, letters, bits in _words(table, 3):
            for letter in letters:
                w = WHOLE[letter]
                base = int(bits, 16) | SIZE[letter] << 22
                zero = end + ".0" if end and letter in "SD" else end
                yield f"{name}{tail}_{w}", "dn", base, f"{name} Vd.{w}, Vn.{w}{zero}"


def _changing() -> Iterator[Row]:
    """Those whose result has lanes of another size than the sources."""
    for name, letters, bits in _words(LONG, 3):
        for letter in letters:
            base, wide, half, whole = (
                int(bits, 16) | SIZE[letter] << 22,
                WHOLE[TWICE[letter]],
                HALF[letter],
                WHOLE[letter],
            )
            yield f"{name}_{wide}", "dnm", base, f"{name} Vd.{wide}, Vn.{half}, Vm.{half}"
            yield f"{name}2_{wide}", "dnm", base | 1 << 30, f"{name}2 Vd.{wide}, Vn.{whole}, Vm.{whole}"
    for name, letters, bits in _words(PAIRS, 3):
        for letter in letters:
            base, wide = int(bits, 16) | SIZE[letter] << 22, WHOLE[TWICE[letter]]
            yield f"{name}_{wide}", "dn", base, f"{name} Vd.{wide}, Vn.{WHOLE[letter]}"
    for name, letters, bits in _words(NARROW, 3):
        for letter in letters:
            base, wide, half, whole = (
                int(bits, 16) | SIZE[letter] << 22,
                WHOLE[TWICE[letter]],
                HALF[letter],
                WHOLE[letter],
            )
            yield f"{name}_{half}", "dn", base, f"{name} Vd.{half}, Vn.{wide}"
            yield f"{name}2_{whole}", "dn", base | 1 << 30, f"{name}2 Vd.{whole}, Vn.{wide}"
    for name, letters, bits in _words(ACROSS, 3):
        for letter in letters:
            base = int(bits, 16) | SIZE[letter] << 22
            yield f"{name}_{WHOLE[letter]}", "dn", base, f"{name} {letter.upper()}d, Vn.{WHOLE[letter]}"


def _shifts() -> Iterator[Row]:
    """The highest bit of the field of the count says how large a lane is."""
    for name, letters, form, bits in _words(SHIFTS, 4):
        for letter in letters:
            w = WHOLE[letter]
            yield f"{name}_{w}", form, int(bits, 16) | 1 << 19 + SIZE[letter], f"{name} Vd.{w}, Vn.{w}, #imm"
    for name, bits in _words(LONG_SHIFTS, 2):
        for letter in "bhs":
            base, wide = int(bits, 16) | 1 << 19 + SIZE[letter], WHOLE[TWICE[letter]]
            yield f"{name}_{wide}", "v_left", base, f"{name} Vd.{wide}, Vn.{HALF[letter]}, #imm"
            base |= 1 << 30
            yield f"{name}2_{wide}", "v_left", base, f"{name}2 Vd.{wide}, Vn.{WHOLE[letter]}, #imm"


def _lanes() -> Iterator[Row]:
    """Between one lane and all, or a register; the lowest bit of the lane's field says how large it is."""
    for letter in "bhsd":
        size = 1 << 16 + SIZE[letter]
        register = "X" if letter == "d" else "W"
        w, lane = WHOLE[letter], f"Vn.{letter}[lane]"
        yield f"dup_{w}", "dn", 0x4E000C00 | size, f"dup Vd.{w}, {register}n"
        yield f"dup_lane_{w}", "v_lane", 0x4E000400 | size, f"dup Vd.{w}, {lane}"
        yield f"mov_lane_{letter}", "v_lane", 0x5E000400 | size, f"mov {letter.upper()}d, {lane}"
        yield f"ins_{letter}", "v_lane", 0x4E001C00 | size, f"mov Vd.{letter}[lane], {register}n"
        yield f"ins_lane_{letter}", "v_lanes", 0x6E000400 | size, f"mov Vd.{letter}[lane], Vn.{letter}[other]"
        name = "mov" if letter in "sd" else "umov"
        yield (
            f"umov_{letter}",
            "v_lane",
            0x0E003C00 | size | (letter == "d") << 30,
            f"{name} {register}d, {lane}",
        )
        if letter in "bh":
            yield f"smov_{letter}", "v_lane", 0x0E002C00 | size, f"smov Wd, {lane}"


def _loads() -> Iterator[Row]:
    for letter, place in (("b", 0), ("h", 0x4000), ("s", 0x8000), ("d", 0x8400)):
        w = WHOLE[letter]
        yield f"ld1r_{w}", "dn", 0x4D40C000 | SIZE[letter] << 10, f"ld1r {{Vd.{w}}}, [Xn|SP]"
        yield f"ld1_{letter}", "v_element", 0x0D400000 | place, f"ld1 {{Vd.{letter}}}[lane], [Xn|SP]"
        yield f"st1_{letter}", "v_element", 0x0D000000 | place, f"st1 {{Vd.{letter}}}[lane], [Xn|SP]"


def _others() -> Iterator[Row]:
    for line in OTHERS.strip().splitlines():
        name, form, bits, syntax = line.split(None, 3)
        yield name, form, int(bits, 16), syntax


ROWS: Final = (*_same(), *_unary(), *_changing(), *_shifts(), *_lanes(), *_loads(), *_others())
