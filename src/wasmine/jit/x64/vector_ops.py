"""The SIMD instructions that are one instruction of x86-64: one row each, by shape.

A row has the name of the instruction, what its operands become, the x86-64 op, and its immediate:

    ab      op(a, b)
    sum     op(a, b) or op(b, a)
    ba      op(b, a)
    a       op(a)
    by      a shifted by a count & immediate: op with the count in a vector, or op + "_imm"

`tools/gen_x64.py` writes `vector_tables.py` from these rows; run it after a change. Those without a row
are sequences, in the files of this room named vectors_*.py. No row needs more than SSE4.1.
"""

from typing import Final, NamedTuple

FORMS: Final = ("none", "ab", "sum", "ba", "a", "by")


class VectorOp(NamedTuple):
    """One row: see the module docstring."""

    name: str
    form: str
    op: str
    imm: int = 0


def _rows(text: str) -> tuple[VectorOp, ...]:
    rows = []
    for line in text.strip().splitlines():
        name, form, op, *imm = line.split()
        rows.append(VectorOp(name, form, op, int(imm[0]) if imm else 0))
    return tuple(rows)


# Predicates of cmpps: 0 equal, 1 less, 2 less or equal, 4 not equal or unordered. Rounding: 8 to nearest,
# 9 down, 10 up, 11 to zero; bit 3 keeps the inexact flag quiet. minps returns its second operand unless the
# first is less, as pmin does, with the operands exchanged.
ROWS: Final = _rows(
    """
v128.and          sum pand
v128.or           sum por
v128.xor          sum pxor
v128.andnot       ba  pandn

i8x16.add         sum paddb
i8x16.sub         ab  psubb
i8x16.add_sat_s   sum paddsb
i8x16.add_sat_u   sum paddusb
i8x16.sub_sat_s   ab  psubsb
i8x16.sub_sat_u   ab  psubusb
i8x16.min_s       sum pminsb
i8x16.min_u       sum pminub
i8x16.max_s       sum pmaxsb
i8x16.max_u       sum pmaxub
i8x16.avgr_u      sum pavgb
i8x16.abs         a   pabsb
i8x16.eq          sum pcmpeqb
i8x16.gt_s        ab  pcmpgtb
i8x16.lt_s        ba  pcmpgtb

i16x8.add         sum paddw
i16x8.sub         ab  psubw
i16x8.mul         sum pmullw
i16x8.add_sat_s   sum paddsw
i16x8.add_sat_u   sum paddusw
i16x8.sub_sat_s   ab  psubsw
i16x8.sub_sat_u   ab  psubusw
i16x8.min_s       sum pminsw
i16x8.min_u       sum pminuw
i16x8.max_s       sum pmaxsw
i16x8.max_u       sum pmaxuw
i16x8.avgr_u      sum pavgw
i16x8.abs         a   pabsw
i16x8.eq          sum pcmpeqw
i16x8.gt_s        ab  pcmpgtw
i16x8.lt_s        ba  pcmpgtw
i16x8.shl         by  psllw 15
i16x8.shr_s       by  psraw 15
i16x8.shr_u       by  psrlw 15

i32x4.add         sum paddd
i32x4.sub         ab  psubd
i32x4.mul         sum pmulld
i32x4.min_s       sum pminsd
i32x4.min_u       sum pminud
i32x4.max_s       sum pmaxsd
i32x4.max_u       sum pmaxud
i32x4.abs         a   pabsd
i32x4.eq          sum pcmpeqd
i32x4.gt_s        ab  pcmpgtd
i32x4.lt_s        ba  pcmpgtd
i32x4.shl         by  pslld 31
i32x4.shr_s       by  psrad 31
i32x4.shr_u       by  psrld 31
i32x4.dot_i16x8_s sum pmaddwd

i64x2.add         sum paddq
i64x2.sub         ab  psubq
i64x2.eq          sum pcmpeqq
i64x2.shl         by  psllq 63
i64x2.shr_u       by  psrlq 63

i8x16.narrow_i16x8_s     ab packsswb
i8x16.narrow_i16x8_u     ab packuswb
i16x8.narrow_i32x4_s     ab packssdw
i16x8.narrow_i32x4_u     ab packusdw
i16x8.extend_low_i8x16_s a  pmovsxbw
i16x8.extend_low_i8x16_u a  pmovzxbw
i32x4.extend_low_i16x8_s a  pmovsxwd
i32x4.extend_low_i16x8_u a  pmovzxwd
i64x2.extend_low_i32x4_s a  pmovsxdq
i64x2.extend_low_i32x4_u a  pmovzxdq

f32x4.add         sum addps
f32x4.sub         ab  subps
f32x4.mul         sum mulps
f32x4.div         ab  divps
f32x4.pmin        ba  minps
f32x4.pmax        ba  maxps
f32x4.sqrt        a   sqrtps
f32x4.nearest     a   roundps 8
f32x4.floor       a   roundps 9
f32x4.ceil        a   roundps 10
f32x4.trunc       a   roundps 11
f32x4.eq          sum cmpps 0
f32x4.ne          sum cmpps 4
f32x4.lt          ab  cmpps 1
f32x4.le          ab  cmpps 2
f32x4.gt          ba  cmpps 1
f32x4.ge          ba  cmpps 2

f64x2.add         sum addpd
f64x2.sub         ab  subpd
f64x2.mul         sum mulpd
f64x2.div         ab  divpd
f64x2.pmin        ba  minpd
f64x2.pmax        ba  maxpd
f64x2.sqrt        a   sqrtpd
f64x2.nearest     a   roundpd 8
f64x2.floor       a   roundpd 9
f64x2.ceil        a   roundpd 10
f64x2.trunc       a   roundpd 11
f64x2.eq          sum cmppd 0
f64x2.ne          sum cmppd 4
f64x2.lt          ab  cmppd 1
f64x2.le          ab  cmppd 2
f64x2.gt          ba  cmppd 1
f64x2.ge          ba  cmppd 2

f32x4.convert_i32x4_s       a cvtdq2ps
f64x2.convert_low_i32x4_s   a cvtdq2pd
f32x4.demote_f64x2_zero     a cvtpd2ps
f64x2.promote_low_f32x4     a cvtps2pd
""".replace("\n\n", "\n")
)
