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
    mov rcx, qword ptr [r14 + 8]
    mov rcx, qword ptr [rcx + 8]
    xor edx, edx
    xor ebx, ebx
    mov r11d, ebx
    mov ebx, edx
    mov edx, r11d
    lea rbp, [rbx + 4]
    cmp rbp, rcx
    ja 0x3b
    add edx, dword ptr [r15 + rbx]
    lea ebx, [rbx + 4]
    test ebx, 0xffc
    je 0x40
    cmp ebx, eax
    jb 0x14
    mov eax, edx
    ret
    call 0x5e
    mov r11, qword ptr [r14]
    cmp rsp, qword ptr [r11 + 0xe0]
    jae 0x34
    mov r11d, 0x10100
    call r11
    jmp 0x34
    mov eax, 5
    mov r11d, 0x10000
    jmp r11
scale:
    mov rdx, qword ptr [r14 + 8]
    mov rdx, qword ptr [rdx + 8]
    mov r11d, ecx
    mov ecx, eax
    mov eax, r11d
    lea rbx, [rcx + 0x20]
    cmp rbx, rdx
    ja 0x5f
    vmovsd xmm0, qword ptr [r15 + rcx + 0x18]
    vmulsd xmm0, xmm0, constant
    vmovsd qword ptr [r15 + rcx + 8], xmm0
    vmovsd xmm0, qword ptr [r15 + rcx]
    vaddsd xmm0, xmm0, constant
    vmovsd qword ptr [r15 + rcx + 0x10], xmm0
    add eax, -1
    lea ecx, [rcx + 0x20]
    test ecx, 0x7fe0
    je 0x64
    test eax, eax
    jne 0x10
    ret
    call 0x82
    mov r11, qword ptr [r14]
    cmp rsp, qword ptr [r11 + 0xe0]
    jae 0x5a
    mov r11d, 0x10100
    call r11
    jmp 0x5a
    mov eax, 5
    mov r11d, 0x10000
    jmp r11
bits:
    xor ecx, ecx
    mov r11d, ecx
    mov rcx, rax
    mov eax, r11d
    mov r11, qword ptr [r14]
    cmp rsp, qword ptr [r11 + 0xe0]
    jb 0x38
    test rcx, rcx
    je 0x37
    mov rdx, rcx
    and rdx, 1
    mov edx, edx
    add edx, eax
    shr rcx, 1
    mov eax, edx
    jmp 0xb
    ret
    mov r11d, 0x10100
    call r11
    jmp 0x1b
;; ---- arm64
sum:
    ldr x1, [x27, #8]
    ldr x1, [x1, #8]
    mov w2, #0
    mov w3, #0
    add x4, x2, #4
    cmp x4, x1
    b.hi #0x40
    ldr w4, [x26, x2]
    add w3, w3, w4
    add w2, w2, #4
    tst w2, #0xffc
    b.eq #0x48
    cmp w2, w0
    b.lo #0x10
    mov w0, w3
    ret
    str x30, [sp, #-0x10]!
    bl #0x64
    ldr w16, [x28, #8]
    cbz w16, #0x30
    str x30, [sp, #-0x10]!
    ldr x17, #0x70
    blr x17
    ldr x30, [sp], #0x10
    b #0x30
    mov w0, #5
    ldr x17, #0x80
    br x17
scale:
    ldr x2, [x27, #8]
    ldr x2, [x2, #8]
    fmov d0, #1.00000000
    ldr d1, #0x90
    mov w16, w1
    mov w1, w0
    mov w0, w16
    add x3, x1, #0x20
    cmp x3, x2
    b.hi #0x60
    add x3, x1, #0x18
    ldr d2, [x26, x3]
    fmul d2, d2, d1
    add x3, x26, x1
    str d2, [x3, #8]
    ldr d2, [x26, x1]
    fadd d2, d2, d0
    str d2, [x3, #0x10]
    sub w0, w0, #1
    add w1, w1, #0x20
    tst w1, #0x7fe0
    b.eq #0x68
    cbnz w0, #0x1c
    ret
    str x30, [sp, #-0x10]!
    bl #0x84
    ldr w16, [x28, #8]
    cbz w16, #0x58
    str x30, [sp, #-0x10]!
    ldr x17, #0xa0
    blr x17
    ldr x30, [sp], #0x10
    b #0x58
    mov w0, #5
    ldr x17, #0xb0
    br x17
bits:
    mov w1, #0
    mov w16, w1
    mov x1, x0
    mov w0, w16
    ldr w16, [x28, #8]
    cbnz w16, #0x34
    cbz x1, #0x30
    and x2, x1, #1
    add w2, w0, w2
    lsr x1, x1, #1
    mov w0, w2
    b #0x10
    ret
    str x30, [sp, #-0x10]!
    ldr x17, #0x50
    blr x17
    ldr x30, [sp], #0x10
    b #0x18
