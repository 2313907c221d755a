;; Vectors: three operands with AVX, moves without; constants as operands in memory; lanes asked and chosen.
;; features: sse4.1
;; features: sse4.1 sse4.2 avx avx2
(module
  (func (export "sum") (param v128 v128) (result v128)
    (f32x4.add (f32x4.mul (local.get 0) (local.get 1)) (local.get 0)))
  (func (export "clamp") (param v128) (result v128)
    (i16x8.min_s (i16x8.max_s (v128.const i16x8 0 0 0 0 0 0 0 0) (local.get 0))
                 (v128.const i16x8 255 255 255 255 255 255 255 255)))
  (func (export "choose") (param v128 v128) (result v128)
    (v128.bitselect (local.get 0) (local.get 1) (i32x4.gt_s (local.get 0) (local.get 1))))
  (func (export "any") (param v128 i32) (result i32)
    (if (result i32) (v128.any_true (local.get 0)) (then (i32.const 3)) (else (local.get 1))))
  (func (export "none_zero") (param v128) (result i32)
    (i8x16.all_true (local.get 0)))
  (func (export "splat") (param i32) (result v128)
    (i8x16.splat (local.get 0)))
  (func (export "lane") (param v128 f64) (result v128)
    (f64x2.replace_lane 0 (local.get 0) (f64.add (local.get 1) (f64x2.extract_lane 1 (local.get 0)))))
  (func (export "shift") (param v128 i32) (result v128)
    (i8x16.shl (i32x4.shr_u (local.get 0) (local.get 1)) (i32.const 3)))
  (func (export "product") (param v128 v128) (result v128)
    (i32x4.extmul_high_i16x8_s (local.get 0) (local.get 1))))
;; ---- sse4.1
sum:
    mulps xmm1, xmm0
    addps xmm1, xmm0
    movaps xmm0, xmm1
    ret
clamp:
    pmaxsw xmm0, constant
    pminsw xmm0, constant
    ret
choose:
    movaps xmm2, xmm0
    pcmpgtd xmm2, xmm1
    movaps xmm3, xmm2
    pandn xmm3, xmm1
    pand xmm0, xmm2
    por xmm0, xmm3
    ret
any:
    ptest xmm0, xmm0
    jne 0xc
    ret
    mov eax, 3
    ret
none_zero:
    xorps xmm1, xmm1
    pcmpeqb xmm1, xmm0
    ptest xmm1, xmm1
    sete al
    movzx eax, al
    ret
splat:
    movd xmm0, eax
    xorps xmm1, xmm1
    pshufb xmm0, xmm1
    ret
lane:
    pshufd xmm2, xmm0, 0xee
    addsd xmm1, xmm2
    movsd xmm0, xmm1
    ret
shift:
    and eax, 0x1f
    movd xmm1, eax
    psrld xmm0, xmm1
    psllw xmm0, 3
    pand xmm0, constant
    ret
product:
    movaps xmm2, xmm0
    pmullw xmm2, xmm1
    pmulhw xmm0, xmm1
    punpckhwd xmm2, xmm0
    movaps xmm0, xmm2
    ret
;; ---- sse4.1 sse4.2 avx avx2
sum:
    vmulps xmm1, xmm0, xmm1
    vaddps xmm0, xmm1, xmm0
    ret
clamp:
    vpmaxsw xmm0, xmm0, constant
    vpminsw xmm0, xmm0, constant
    ret
choose:
    vpcmpgtd xmm2, xmm0, xmm1
    vpblendvb xmm0, xmm1, xmm0, xmm2
    ret
any:
    vptest xmm0, xmm0
    jne 0xc
    ret
    mov eax, 3
    ret
none_zero:
    vxorps xmm1, xmm1, xmm1
    vpcmpeqb xmm0, xmm1, xmm0
    vptest xmm0, xmm0
    sete al
    movzx eax, al
    ret
splat:
    vmovd xmm0, eax
    vpbroadcastb xmm0, xmm0
    ret
lane:
    vpshufd xmm2, xmm0, 0xee
    vaddsd xmm1, xmm1, xmm2
    vmovsd xmm0, xmm0, xmm1
    ret
shift:
    and eax, 0x1f
    vmovd xmm1, eax
    vpsrld xmm0, xmm0, xmm1
    vpsllw xmm0, xmm0, 3
    vpand xmm0, xmm0, constant
    ret
product:
    vpmullw xmm2, xmm0, xmm1
    vpmulhw xmm0, xmm0, xmm1
    vpunpckhwd xmm0, xmm2, xmm0
    ret
