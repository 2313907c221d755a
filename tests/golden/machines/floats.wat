;; Floats: a polynomial, a minimum, a conversion that traps, one that saturates.
(module
  (func (export "polynomial") (param f64) (result f64)
    (f64.add (f64.mul (f64.add (f64.mul (local.get 0) (f64.const 0.1)) (f64.const 2)) (local.get 0)) (f64.const 1)))
  (func (export "least") (param f32 f32) (result f32)
    (f32.min (local.get 0) (local.get 1)))
  (func (export "whole") (param f64) (result i32)
    (i32.trunc_f64_s (local.get 0)))
  (func (export "nearly") (param f64) (result i32)
    (i32.trunc_sat_f64_s (local.get 0))))
;; ---- x64
polynomial:
    vmulsd xmm1, xmm0, constant
    vaddsd xmm1, xmm1, constant
    vmulsd xmm0, xmm1, xmm0
    vaddsd xmm0, xmm0, constant
    ret
least:
    vucomiss xmm0, xmm1
    jp 0xe
    jne 0x14
    vorps xmm0, xmm0, xmm1
    jmp 0x18
    vaddss xmm0, xmm0, xmm1
    jmp 0x18
    vminss xmm0, xmm0, xmm1
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
nearly:
    vcvttsd2si rax, xmm0
    movsxd r11, eax
    cmp r11, rax
    je 0x2a
    vxorps xmm15, xmm15, xmm15
    mov eax, 0x7fffffff
    vucomisd xmm0, xmm15
    ja 0x2a
    mov eax, 0x80000000
    jnp 0x2a
    mov eax, 0
    mov eax, eax
    ret
;; ---- arm64
polynomial:
    ldr d1, #0x20
    fmul d1, d0, d1
    fmov d2, #2.00000000
    fadd d1, d1, d2
    fmul d0, d1, d0
    fmov d1, #1.00000000
    fadd d0, d0, d1
    ret
least:
    fmin s0, s0, s1
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
nearly:
    fcvtzs w0, d0
    ret
