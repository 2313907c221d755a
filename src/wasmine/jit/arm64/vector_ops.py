"""The SIMD instructions that are one instruction of ARM64, or two in a row: one row each, by shape.

A row has the name of the instruction, what its operands become, the op, and another op or number:

    ab      op(a, b); or, where b is zero, the other op of a
    ba      op(b, a); or, where b is zero, the other op of a
    not     the complement of op(a, b)
    a       op(a)
    aa      the other op of op(a)
    pair    op(a) in the lower half, the other op of b in the upper one
    left    a shifted by a count modulo the lane's bits: op if it is constant, else the other
    right   the same, where the other op shifts to the left, and so by less than nothing

`tools/gen_arm64.py` writes `vector_tables.py` from these rows; run it after a change. Those without a row are
sequences, in the files of this room named vectors_*.py.
"""

from typing import Final, NamedTuple

FORMS: Final = ("none", "ab", "ba", "not", "a", "aa", "pair", "left", "right")


class VectorOp(NamedTuple):
    """One row: see the module docstring."""

    name: str
    form: str
    op: str
    other: str = ""


def _rows(text: str) -> tuple[VectorOp, ...]:
    return tuple(VectorOp(*line.split()) for line in text.splitlines() if line)


# Comparisons with NaN are false, but for `ne`, as the standard has it; min and max are the standard's; what
# does not fit an integer saturates, and NaN becomes 0.
ROWS: Final = _rows(
    """
v128.not          a   mvn_16b
v128.and          ab  and_16b
v128.or           ab  orr_16b
v128.xor          ab  eor_16b
v128.andnot       ab  bic_16b

i8x16.add         ab  add_16b
i8x16.sub         ab  sub_16b
i8x16.add_sat_s   ab  sqadd_16b
i8x16.add_sat_u   ab  uqadd_16b
i8x16.sub_sat_s   ab  sqsub_16b
i8x16.sub_sat_u   ab  uqsub_16b
i8x16.min_s       ab  smin_16b
i8x16.min_u       ab  umin_16b
i8x16.max_s       ab  smax_16b
i8x16.max_u       ab  umax_16b
i8x16.avgr_u      ab  urhadd_16b
i8x16.abs         a   abs_16b
i8x16.neg         a   neg_16b
i8x16.popcnt      a   cnt_16b
i8x16.eq          ab  cmeq_16b  cmeq_zero_16b
i8x16.ne          not cmeq_16b
i8x16.gt_s        ab  cmgt_16b  cmgt_zero_16b
i8x16.ge_s        ab  cmge_16b  cmge_zero_16b
i8x16.lt_s        ba  cmgt_16b  cmlt_zero_16b
i8x16.le_s        ba  cmge_16b  cmle_zero_16b
i8x16.gt_u        ab  cmhi_16b
i8x16.ge_u        ab  cmhs_16b
i8x16.lt_u        ba  cmhi_16b
i8x16.le_u        ba  cmhs_16b
i8x16.shl         left  shl_16b   ushl_16b
i8x16.shr_s       right sshr_16b  sshl_16b
i8x16.shr_u       right ushr_16b  ushl_16b
i8x16.swizzle     ab  tbl_16b

i16x8.add         ab  add_8h
i16x8.sub         ab  sub_8h
i16x8.mul         ab  mul_8h
i16x8.add_sat_s   ab  sqadd_8h
i16x8.add_sat_u   ab  uqadd_8h
i16x8.sub_sat_s   ab  sqsub_8h
i16x8.sub_sat_u   ab  uqsub_8h
i16x8.min_s       ab  smin_8h
i16x8.min_u       ab  umin_8h
i16x8.max_s       ab  smax_8h
i16x8.max_u       ab  umax_8h
i16x8.avgr_u      ab  urhadd_8h
i16x8.abs         a   abs_8h
i16x8.neg         a   neg_8h
i16x8.eq          ab  cmeq_8h   cmeq_zero_8h
i16x8.ne          not cmeq_8h
i16x8.gt_s        ab  cmgt_8h   cmgt_zero_8h
i16x8.ge_s        ab  cmge_8h   cmge_zero_8h
i16x8.lt_s        ba  cmgt_8h   cmlt_zero_8h
i16x8.le_s        ba  cmge_8h   cmle_zero_8h
i16x8.gt_u        ab  cmhi_8h
i16x8.ge_u        ab  cmhs_8h
i16x8.lt_u        ba  cmhi_8h
i16x8.le_u        ba  cmhs_8h
i16x8.shl         left  shl_8h   ushl_8h
i16x8.shr_s       right sshr_8h  sshl_8h
i16x8.shr_u       right ushr_8h  ushl_8h
i16x8.q15mulr_sat_s            ab  sqrdmulh_8h
i16x8.extadd_pairwise_i8x16_s  a   saddlp_8h
i16x8.extadd_pairwise_i8x16_u  a   uaddlp_8h
i16x8.extmul_low_i8x16_s       ab  smull_8h
i16x8.extmul_high_i8x16_s      ab  smull2_8h
i16x8.extmul_low_i8x16_u       ab  umull_8h
i16x8.extmul_high_i8x16_u      ab  umull2_8h

i32x4.add         ab  add_4s
i32x4.sub         ab  sub_4s
i32x4.mul         ab  mul_4s
i32x4.min_s       ab  smin_4s
i32x4.min_u       ab  umin_4s
i32x4.max_s       ab  smax_4s
i32x4.max_u       ab  umax_4s
i32x4.abs         a   abs_4s
i32x4.neg         a   neg_4s
i32x4.eq          ab  cmeq_4s   cmeq_zero_4s
i32x4.ne          not cmeq_4s
i32x4.gt_s        ab  cmgt_4s   cmgt_zero_4s
i32x4.ge_s        ab  cmge_4s   cmge_zero_4s
i32x4.lt_s        ba  cmgt_4s   cmlt_zero_4s
i32x4.le_s        ba  cmge_4s   cmle_zero_4s
i32x4.gt_u        ab  cmhi_4s
i32x4.ge_u        ab  cmhs_4s
i32x4.lt_u        ba  cmhi_4s
i32x4.le_u        ba  cmhs_4s
i32x4.shl         left  shl_4s   ushl_4s
i32x4.shr_s       right sshr_4s  sshl_4s
i32x4.shr_u       right ushr_4s  ushl_4s
i32x4.extadd_pairwise_i16x8_s  a   saddlp_4s
i32x4.extadd_pairwise_i16x8_u  a   uaddlp_4s
i32x4.extmul_low_i16x8_s       ab  smull_4s
i32x4.extmul_high_i16x8_s      ab  smull2_4s
i32x4.extmul_low_i16x8_u       ab  umull_4s
i32x4.extmul_high_i16x8_u      ab  umull2_4s

i64x2.add         ab  add_2d
i64x2.sub         ab  sub_2d
i64x2.abs         a   abs_2d
i64x2.neg         a   neg_2d
i64x2.eq          ab  cmeq_2d   cmeq_zero_2d
i64x2.ne          not cmeq_2d
i64x2.gt_s        ab  cmgt_2d   cmgt_zero_2d
i64x2.ge_s        ab  cmge_2d   cmge_zero_2d
i64x2.lt_s        ba  cmgt_2d   cmlt_zero_2d
i64x2.le_s        ba  cmge_2d   cmle_zero_2d
i64x2.shl         left  shl_2d   ushl_2d
i64x2.shr_s       right sshr_2d  sshl_2d
i64x2.shr_u       right ushr_2d  ushl_2d
i64x2.extmul_low_i32x4_s       ab  smull_2d
i64x2.extmul_high_i32x4_s      ab  smull2_2d
i64x2.extmul_low_i32x4_u       ab  umull_2d
i64x2.extmul_high_i32x4_u      ab  umull2_2d

i8x16.narrow_i16x8_s      pair sqxtn_8b   sqxtn2_16b
i8x16.narrow_i16x8_u      pair sqxtun_8b  sqxtun2_16b
i16x8.narrow_i32x4_s      pair sqxtn_4h   sqxtn2_8h
i16x8.narrow_i32x4_u      pair sqxtun_4h  sqxtun2_8h
i16x8.extend_low_i8x16_s  a    sshll_8h
i16x8.extend_high_i8x16_s a    sshll2_8h
i16x8.extend_low_i8x16_u  a    ushll_8h
i16x8.extend_high_i8x16_u a    ushll2_8h
i32x4.extend_low_i16x8_s  a    sshll_4s
i32x4.extend_high_i16x8_s a    sshll2_4s
i32x4.extend_low_i16x8_u  a    ushll_4s
i32x4.extend_high_i16x8_u a    ushll2_4s
i64x2.extend_low_i32x4_s  a    sshll_2d
i64x2.extend_high_i32x4_s a    sshll2_2d
i64x2.extend_low_i32x4_u  a    ushll_2d
i64x2.extend_high_i32x4_u a    ushll2_2d

f32x4.add         ab  fadd_4s
f32x4.sub         ab  fsub_4s
f32x4.mul         ab  fmul_4s
f32x4.div         ab  fdiv_4s
f32x4.min         ab  fmin_4s
f32x4.max         ab  fmax_4s
f32x4.abs         a   fabs_4s
f32x4.neg         a   fneg_4s
f32x4.sqrt        a   fsqrt_4s
f32x4.nearest     a   frintn_4s
f32x4.floor       a   frintm_4s
f32x4.ceil        a   frintp_4s
f32x4.trunc       a   frintz_4s
f32x4.eq          ab  fcmeq_4s  fcmeq_zero_4s
f32x4.ne          not fcmeq_4s
f32x4.gt          ab  fcmgt_4s  fcmgt_zero_4s
f32x4.ge          ab  fcmge_4s  fcmge_zero_4s
f32x4.lt          ba  fcmgt_4s  fcmlt_zero_4s
f32x4.le          ba  fcmge_4s  fcmle_zero_4s

f64x2.add         ab  fadd_2d
f64x2.sub         ab  fsub_2d
f64x2.mul         ab  fmul_2d
f64x2.div         ab  fdiv_2d
f64x2.min         ab  fmin_2d
f64x2.max         ab  fmax_2d
f64x2.abs         a   fabs_2d
f64x2.neg         a   fneg_2d
f64x2.sqrt        a   fsqrt_2d
f64x2.nearest     a   frintn_2d
f64x2.floor       a   frintm_2d
f64x2.ceil        a   frintp_2d
f64x2.trunc       a   frintz_2d
f64x2.eq          ab  fcmeq_2d  fcmeq_zero_2d
f64x2.ne          not fcmeq_2d
f64x2.gt          ab  fcmgt_2d  fcmgt_zero_2d
f64x2.ge          ab  fcmge_2d  fcmge_zero_2d
f64x2.lt          ba  fcmgt_2d  fcmlt_zero_2d
f64x2.le          ba  fcmge_2d  fcmle_zero_2d

f32x4.convert_i32x4_s         a   scvtf_4s
f32x4.convert_i32x4_u         a   ucvtf_4s
f64x2.convert_low_i32x4_s     aa  sshll_2d   scvtf_2d
f64x2.convert_low_i32x4_u     aa  ushll_2d   ucvtf_2d
i32x4.trunc_sat_f32x4_s       a   fcvtzs_4s
i32x4.trunc_sat_f32x4_u       a   fcvtzu_4s
i32x4.trunc_sat_f64x2_s_zero  aa  fcvtzs_2d  sqxtn_2s
i32x4.trunc_sat_f64x2_u_zero  aa  fcvtzu_2d  uqxtn_2s
f32x4.demote_f64x2_zero       a   fcvtn_2s
f64x2.promote_low_f32x4       a   fcvtl_2d
f32x4.splat                   a   dup_lane_4s
f64x2.splat                   a   dup_lane_2d
i8x16.splat                   a   dup_16b
i16x8.splat                   a   dup_8h
i32x4.splat                   a   dup_4s
i64x2.splat                   a   dup_2d
"""
)
