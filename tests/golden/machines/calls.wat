;; Calls of itself, a table of jumps, a select of floats, a conversion that traps.
(module
  (func $depth (export "depth") (param i32) (result i32)
    (if (result i32) (i32.eqz (local.get 0))
      (then (i32.const 0))
      (else (i32.add (i32.const 1) (call $depth (i32.div_u (local.get 0) (i32.const 3)))))))
  (func (export "table") (param i32) (result i32)
    (block
      (block
        (block
          (br_table 0 1 2 (local.get 0)))
        (return (i32.const 10)))
      (return (i32.const 77)))
    (i32.const -3))
  (func (export "larger") (param f64 f64) (result f64)
    (select (local.get 0) (local.get 1) (f64.gt (local.get 0) (local.get 1))))
  (func (export "whole") (param f64) (result i32)
    (i32.trunc_f64_s (local.get 0)))
  (func (export "count") (param i64) (result i64)
    (i64.add (i64.popcnt (local.get 0)) (i64.ctz (local.get 0)))))
;; ---- x64
depth:
    mov r11, qword ptr [r14]
    cmp rsp, qword ptr [r11 + 0xe0]
    jb 0x85
    sub rsp, 8
    mov ecx, eax
    test ecx, ecx
    jne 0x25
    xor eax, eax
    add rsp, 8
    ret
    mov eax, 0xaaaaaaab
    imul rcx, rax
    shr rcx, 0x21
    mov eax, ecx
    test eax, eax
    jne 0x43
    xor eax, eax
    jmp 0x7d
    mov eax, 0xaaaaaaab
    imul rax, rcx
    shr rax, 0x21
    mov ecx, eax
    test ecx, ecx
    jne 0x63
    xor ecx, ecx
    mov eax, ecx
    jmp 0x7a
    mov ecx, 0xaaaaaaab
    imul rcx, rax
    shr rcx, 0x21
    mov eax, ecx
    call 0
    add eax, 1
    add eax, 1
    add eax, 1
    add rsp, 8
    ret
    mov r11d, 0x10200
    call r11
    jmp 0
table:
    cmp eax, 2
    jae 0x19
    lea r11, constant
    movsxd rcx, dword ptr [r11 + rax*4]
    add rcx, r11
    jmp rcx
    mov eax, 0xfffffffd
    ret
    mov eax, 0x4d
    ret
    mov eax, 0xa
    ret
larger:
    vucomisd xmm0, xmm1
    jbe 0xa
    vmovaps xmm1, xmm0
    vmovaps xmm0, xmm1
    ret
whole:
    vcvttsd2si rax, xmm0
    movsxd r11, eax
    cmp r11, rax
    je 0x1c
    vucomisd xmm0, xmm0
    jp 0x1f
    jmp 0x24
    mov eax, eax
    ret
    call 0x37
    call 0x29
    mov eax, 3
    mov r11d, 0x10000
    jmp r11
    mov eax, 4
    mov r11d, 0x10000
    jmp r11
count:
    popcnt rcx, rax
    tzcnt rax, rax
    add rcx, rax
    mov rax, rcx
    ret
;; ---- arm64
depth:
    str x30, [sp, #-0x10]!
    ldr x16, [x28, #0xe0]
    cmp sp, x16
    b.lo #0x98
    sub sp, sp, #0x10
    mov w1, w0
    cbnz w1, #0x2c
    mov w0, #0
    add sp, sp, #0x10
    ldr x30, [sp], #0x10
    ret
    mov w0, #0xaaab
    movk w0, #0xaaaa, lsl #16
    umull x0, w1, w0
    lsr x0, x0, #0x21
    cbnz w0, #0x4c
    mov w1, #0
    mov w0, w1
    b #0x88
    mov w1, #0xaaab
    movk w1, #0xaaaa, lsl #16
    mul x0, x0, x1
    lsr x0, x0, #0x21
    cbnz w0, #0x6c
    mov w1, #0
    mov w0, w1
    b #0x84
    mov w1, #0xaaab
    movk w1, #0xaaaa, lsl #16
    mul x0, x0, x1
    lsr x0, x0, #0x21
    bl #0
    add w0, w0, #1
    add w0, w0, #1
    add w0, w0, #1
    add sp, sp, #0x10
    ldr x30, [sp], #0x10
    ret
    ldr x17, #0xb0
    blr x17
    b #4
table:
    cmp w0, #2
    b.hs #0x20
    adr x17, #0x18
    ldrsw x1, [x17, w0, uxtw #2]
    add x1, x17, x1
    br x1
larger:
    fcmp d0, d1
    fcsel d0, d0, d1, gt
    ret
whole:
    fcmp d0, d0
    b.vs #0x1c
    fcvtzs x0, d0
    cmp x0, w0, sxtw
    b.ne #0x24
    mov w0, w0
    ret
    str x30, [sp, #-0x10]!
    bl #0x38
    str x30, [sp, #-0x10]!
    bl #0x2c
    mov w0, #3
    ldr x17, #0x50
    br x17
    mov w0, #4
    ldr x17, #0x50
    br x17
count:
    fmov d0, x0
    cnt v0.8b, v0.8b
    addv b0, v0.8b
    fmov w1, s0
    rbit x0, x0
    clz x0, x0
    add x0, x1, x0
    ret
