;; Loops over memory: indices, offsets that share a sum of base and index, constants before the loop, polls.
(module (memory 1)
  (func (export "sum") (param $end i32) (result i32) (local $i i32) (local $sum i32)
    (loop $next
      (local.set $sum (i32.add (local.get $sum) (i32.load (local.get $i))))
      (local.set $i (i32.add (local.get $i) (i32.const 4)))
      (br_if $next (i32.lt_u (local.get $i) (local.get $end))))
    (local.get $sum))
  (func (export "scale") (param $i i32) (param $n i32)
    (loop $next
      (f64.store offset=8 (local.get $i)
        (f64.mul (f64.load offset=24 (local.get $i)) (f64.const 0.1)))
      (f64.store offset=16 (local.get $i)
        (f64.add (f64.load (local.get $i)) (f64.const 1)))
      (local.set $i (i32.add (local.get $i) (i32.const 32)))
      (br_if $next (local.tee $n (i32.sub (local.get $n) (i32.const 1))))))
  (func (export "bits") (param $x i64) (result i32) (local $n i32)
    (block $done
      (loop $next
        (br_if $done (i64.eqz (local.get $x)))
        (local.set $n (i32.add (local.get $n) (i32.wrap_i64 (i64.and (local.get $x) (i64.const 1)))))
        (local.set $x (i64.shr_u (local.get $x) (i64.const 1)))
        (br $next)))
    (local.get $n)))
;; ---- x64
sum:
    xor ecx, ecx
    xor edx, edx
    mov r11d, edx
    mov edx, ecx
    mov ecx, r11d
    add ecx, dword ptr [r15 + rdx]
    lea edx, [rdx + 4]
    test edx, 0xffc
    je 0x26
    cmp edx, eax
    jb 0xc
    mov eax, ecx
    ret
    mov r11, qword ptr [r14]
    cmp rsp, qword ptr [r11 + 0xe0]
    jae 0x1f
    mov r11d, 0x10100
    call r11
    jmp 0x1f
scale:
    mov r11d, ecx
    mov ecx, eax
    mov eax, r11d
    vmovsd xmm0, qword ptr [r15 + rcx + 0x18]
    vmulsd xmm0, xmm0, constant
    vmovsd qword ptr [r15 + rcx + 8], xmm0
    vmovsd xmm0, qword ptr [r15 + rcx]
    vaddsd xmm0, xmm0, constant
    vmovsd qword ptr [r15 + rcx + 0x10], xmm0
    add eax, -1
    lea ecx, [rcx + 0x20]
    test ecx, 0x7fe0
    je 0x4a
    test eax, eax
    jne 8
    ret
    mov r11, qword ptr [r14]
    cmp rsp, qword ptr [r11 + 0xe0]
    jae 0x45
    mov r11d, 0x10100
    call r11
    jmp 0x45
bits:
    xor ecx, ecx
    mov r11d, ecx
    mov rcx, rax
    mov eax, r11d
    jmp 0x1f
    mov rdx, rcx
    and rdx, 1
    add edx, eax
    shr rcx, 1
    mov eax, edx
    mov r11, qword ptr [r14]
    cmp rsp, qword ptr [r11 + 0xe0]
    jb 0x35
    test rcx, rcx
    jne 0x10
    ret
    mov r11d, 0x10100
    call r11
    jmp 0x2f
;; ---- arm64
sum:
    mov w1, #0
    mov w2, #0
    ldr w3, [x26, x1]
    add w2, w2, w3
    add w1, w1, #4
    tst w1, #0xffc
    b.eq #0x2c
    cmp w1, w0
    b.lo #8
    mov w0, w2
    ret
    ldr w16, [x28, #8]
    cbz w16, #0x1c
    str x30, [sp, #-0x10]!
    ldr x17, #0x50
    blr x17
    ldr x30, [sp], #0x10
    b #0x1c
scale:
    fmov d0, #1.00000000
    ldr d1, #0x70
    mov w16, w1
    mov w1, w0
    mov w0, w16
    add x2, x26, x1
    ldr d2, [x2, #0x18]
    fmul d2, d2, d1
    str d2, [x2, #8]
    ldr d2, [x26, x1]
    fadd d2, d2, d0
    str d2, [x2, #0x10]
    sub w0, w0, #1
    add w1, w1, #0x20
    tst w1, #0x7fe0
    b.eq #0x48
    cbnz w0, #0x14
    ret
    ldr w16, [x28, #8]
    cbz w16, #0x40
    str x30, [sp, #-0x10]!
    ldr x17, #0x80
    blr x17
    ldr x30, [sp], #0x10
    b #0x40
bits:
    mov w1, #0
    mov w16, w1
    mov x1, x0
    mov w0, w16
    b #0x20
    and x2, x1, #1
    add w0, w0, w2
    lsr x1, x1, #1
    ldr w16, [x28, #8]
    cbnz w16, #0x30
    cbnz x1, #0x14
    ret
    str x30, [sp, #-0x10]!
    ldr x17, #0x50
    blr x17
    ldr x30, [sp], #0x10
    b #0x28
