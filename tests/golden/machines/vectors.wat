;; Vectors: a product of vectors summed up, a matrix' column, bytes blended, a byte looked for.
(module (memory 1)
  (func (export "dot") (param $a i32) (param $b i32) (param $n i32) (result v128) (local $sum v128)
    (loop $next
      (local.set $sum (f32x4.add (local.get $sum) (f32x4.mul (v128.load (local.get $a)) (v128.load (local.get $b)))))
      (local.set $a (i32.add (local.get $a) (i32.const 16)))
      (local.set $b (i32.add (local.get $b) (i32.const 16)))
      (br_if $next (local.tee $n (i32.sub (local.get $n) (i32.const 4)))))
    (local.get $sum))
  (func (export "scale") (param v128 v128) (result v128)
    (f32x4.mul (local.get 0) (i8x16.shuffle 4 5 6 7 4 5 6 7 4 5 6 7 4 5 6 7 (local.get 1) (local.get 1))))
  (func (export "blend") (param v128 v128 v128) (result v128)
    (i16x8.shr_u (i16x8.add (i16x8.mul (i16x8.extend_low_i8x16_u (local.get 0)) (local.get 2))
                            (i16x8.mul (i16x8.extend_low_i8x16_u (local.get 1)) (local.get 2))) (i32.const 8)))
  (func (export "has") (param i32 i32) (result i32)
    (v128.any_true (i8x16.eq (v128.load (local.get 0)) (i8x16.splat (local.get 1))))))
;; ---- x64
dot:
    vxorps xmm0, xmm0, xmm0
    mov r11d, edx
    mov edx, ecx
    mov ecx, r11d
    vmovups xmm1, xmmword ptr [r15 + rax]
    vmulps xmm1, xmm1, xmmword ptr [r15 + rdx]
    vaddps xmm0, xmm0, xmm1
    add ecx, -4
    lea eax, [rax + 0x10]
    test eax, 0x3ff0
    je 0x36
    lea edx, [rdx + 0x10]
    test ecx, ecx
    jne 0xc
    ret
    mov r11, qword ptr [r14]
    cmp rsp, qword ptr [r11 + 0xe0]
    jae 0x2e
    mov r11d, 0x10100
    call r11
    jmp 0x2e
scale:
    vpshufd xmm1, xmm1, 0x55
    vmulps xmm0, xmm0, xmm1
    ret
blend:
    vpmovzxbw xmm0, xmm0
    vpmullw xmm0, xmm0, xmm2
    vpmovzxbw xmm1, xmm1
    vpmullw xmm1, xmm1, xmm2
    vpaddw xmm0, xmm0, xmm1
    vpsrlw xmm0, xmm0, 8
    ret
has:
    vmovd xmm0, ecx
    vpbroadcastb xmm0, xmm0
    vpcmpeqb xmm0, xmm0, xmmword ptr [r15 + rax]
    vptest xmm0, xmm0
    setne al
    movzx eax, al
    ret
;; ---- arm64
dot:
    movi v0.16b, #0
    mov w16, w2
    mov w2, w0
    mov w0, w1
    mov w1, w16
    ldr q1, [x26, x2]
    ldr q2, [x26, x0]
    fmul v1.4s, v1.4s, v2.4s
    fadd v0.4s, v0.4s, v1.4s
    sub w1, w1, #4
    add w2, w2, #0x10
    tst w2, #0x3ff0
    b.eq #0x40
    add w0, w0, #0x10
    cbnz w1, #0x14
    ret
    ldr w16, [x28, #8]
    cbz w16, #0x34
    str x30, [sp, #-0x10]!
    ldr x17, #0x60
    blr x17
    ldr x30, [sp], #0x10
    b #0x34
scale:
    fmul v0.4s, v0.4s, v1.s[1]
    ret
blend:
    ushll v0.8h, v0.8b, #0
    ushll v1.8h, v1.8b, #0
    mul v1.8h, v1.8h, v2.8h
    mla v1.8h, v0.8h, v2.8h
    ushr v0.8h, v1.8h, #8
    ret
has:
    ldr q0, [x26, x0]
    dup v1.16b, w1
    cmeq v0.16b, v0.16b, v1.16b
    umaxp v0.4s, v0.4s, v0.4s
    fmov x0, d0
    cmp x0, #0
    cset w0, ne
    ret
