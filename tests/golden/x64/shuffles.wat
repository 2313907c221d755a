;; Shuffles that are one instruction, and one that is not but with AVX-512.
;; features: sse4.1
;; features: sse4.1 sse4.2 avx avx2
;; features: sse4.1 sse4.2 avx avx2 avx512 vbmi
(module
  (func (export "interleave") (param v128 v128) (result v128)
    (i8x16.shuffle 0 1 16 17 2 3 18 19 4 5 20 21 6 7 22 23 (local.get 0) (local.get 1)))
  (func (export "window") (param v128 v128) (result v128)
    (i8x16.shuffle 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 (local.get 0) (local.get 1)))
  (func (export "blend") (param v128 v128) (result v128)
    (i8x16.shuffle 0 1 18 19 4 5 22 23 8 9 26 27 12 13 30 31 (local.get 0) (local.get 1)))
  (func (export "words") (param v128) (result v128)
    (i8x16.shuffle 12 13 14 15 0 1 2 3 4 5 6 7 8 9 10 11 (local.get 0) (local.get 0)))
  (func (export "reverse") (param v128) (result v128)
    (i8x16.shuffle 15 14 13 12 11 10 9 8 7 6 5 4 3 2 1 0 (local.get 0) (local.get 0)))
  (func (export "scatter") (param v128 v128) (result v128)
    (i8x16.shuffle 0 4 8 12 16 20 24 28 1 5 9 13 17 21 25 29 (local.get 0) (local.get 1))))
;; ---- sse4.1
interleave:
    punpcklwd xmm0, xmm1
    ret
window:
    palignr xmm1, xmm0, 3
    movaps xmm0, xmm1
    ret
blend:
    pblendw xmm0, xmm1, 0xaa
    ret
words:
    pshufd xmm0, xmm0, 0x93
    ret
reverse:
    pshufb xmm0, constant
    ret
scatter:
    pshufb xmm1, constant
    pshufb xmm0, constant
    por xmm1, xmm0
    movaps xmm0, xmm1
    ret
;; ---- sse4.1 sse4.2 avx avx2
interleave:
    vpunpcklwd xmm0, xmm0, xmm1
    ret
window:
    vpalignr xmm0, xmm1, xmm0, 3
    ret
blend:
    vpblendw xmm0, xmm0, xmm1, 0xaa
    ret
words:
    vpshufd xmm0, xmm0, 0x93
    ret
reverse:
    vpshufb xmm0, xmm0, constant
    ret
scatter:
    vpshufb xmm1, xmm1, constant
    vpshufb xmm0, xmm0, constant
    vpor xmm0, xmm1, xmm0
    ret
;; ---- sse4.1 sse4.2 avx avx2 avx512 vbmi
interleave:
    vpunpcklwd xmm0, xmm0, xmm1
    ret
window:
    vpalignr xmm0, xmm1, xmm0, 3
    ret
blend:
    vpblendw xmm0, xmm0, xmm1, 0xaa
    ret
words:
    vpshufd xmm0, xmm0, 0x93
    ret
reverse:
    vpshufb xmm0, xmm0, constant
    ret
scatter:
    vmovaps xmm2, constant
    vpermi2b xmm2, xmm1, xmm0
    vmovaps xmm0, xmm2
    ret
