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
    mov rbx, qword ptr [r14 + 8]
    mov rbx, qword ptr [rbx + 8]
    vxorps xmm0, xmm0, xmm0
    lea rbp, [rax + 0x10]
    cmp rbp, rbx
    ja 0x50
    vmovups xmm1, xmmword ptr [r15 + rax]
    lea rbp, [rcx + 0x10]
    cmp rbp, rbx
    ja 0x55
    vmulps xmm1, xmm1, xmmword ptr [r15 + rcx]
    vaddps xmm0, xmm0, xmm1
    add edx, -4
    lea eax, [rax + 0x10]
    test eax, 0x3ff0
    je 0x5a
    lea ecx, [rcx + 0x10]
    test edx, edx
    jne 0xc
    ret
    call 0x78
    call 0x78
    mov r11, qword ptr [r14]
    cmp rsp, qword ptr [r11 + 0xe0]
    jae 0x48
    mov r11d, 0x10100
    call r11
    jmp 0x48
    mov eax, 5
    mov r11d, 0x10000
    jmp r11
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
    mov rdx, qword ptr [r14 + 8]
    mov rdx, qword ptr [rdx + 8]
    lea rbx, [rax + 0x10]
    cmp rbx, rdx
    ja 0x30
    vmovd xmm0, ecx
    vpbroadcastb xmm0, xmm0
    vpcmpeqb xmm0, xmm0, xmmword ptr [r15 + rax]
    vptest xmm0, xmm0
    setne al
    movzx eax, al
    ret
    call 0x35
    mov eax, 5
    mov r11d, 0x10000
    jmp r11
;; ---- arm64
dot:
    ldr x3, [x27, #8]
    ldr x3, [x3, #8]
    movi v0.16b, #0
    mov w16, w2
    mov w2, w0
    mov w0, w16
    add x4, x2, #0x10
    cmp x4, x3
    b.hi #0x5c
    ldr q1, [x26, x2]
    add x4, x1, #0x10
    cmp x4, x3
    b.hi #0x64
    ldr q2, [x26, x1]
    fmul v1.4s, v1.4s, v2.4s
    fadd v0.4s, v0.4s, v1.4s
    sub w0, w0, #4
    add w2, w2, #0x10
    tst w2, #0x3ff0
    b.eq #0x6c
    add w1, w1, #0x10
    cbnz w0, #0x18
    ret
    str x30, [sp, #-0x10]!
    bl #0x88
    str x30, [sp, #-0x10]!
    bl #0x88
    ldr w16, [x28, #8]
    cbz w16, #0x50
    str x30, [sp, #-0x10]!
    ldr x17, #0xa0
    blr x17
    ldr x30, [sp], #0x10
    b #0x50
    mov w0, #5
    ldr x17, #0xb0
    br x17
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
    ldr x2, [x27, #8]
    ldr x2, [x2, #8]
    add x3, x0, #0x10
    cmp x3, x2
    b.hi #0x34
    ldr q0, [x26, x0]
    dup v1.16b, w1
    cmeq v0.16b, v0.16b, v1.16b
    umaxp v0.4s, v0.4s, v0.4s
    fmov x0, d0
    cmp x0, #0
    cset w0, ne
    ret
    str x30, [sp, #-0x10]!
    bl #0x3c
    mov w0, #5
    ldr x17, #0x50
    br x17
