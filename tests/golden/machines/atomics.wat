;; Atomic accesses: aligned, in bounds, and what the machine has for them.
(module (memory 1 1 shared)
  (func (export "store") (param i32 i64)
    (i64.atomic.store (local.get 0) (local.get 1)))
  (func (export "subtract") (param i32 i32) (result i32)
    (i32.atomic.rmw.sub offset=4 (local.get 0) (local.get 1)))
  (func (export "replace") (param i32 i32 i32) (result i32)
    (i32.atomic.rmw8.cmpxchg_u (local.get 0) (local.get 1) (local.get 2))))
;; ---- x64
store:
    test eax, 7
    jne 0x23
    mov rdx, qword ptr [r14 + 8]
    lea rbx, [rax + 8]
    cmp rbx, qword ptr [rdx + 8]
    ja 0x28
    xchg qword ptr [r15 + rax], rcx
    ret
    call 0x3b
    call 0x2d
    mov eax, 5
    mov r11d, 0x10000
    jmp r11
    mov eax, 0xb
    mov r11d, 0x10000
    jmp r11
subtract:
    lea rax, [rax + 4]
    test eax, 3
    jne 0x2e
    mov rdx, qword ptr [r14 + 8]
    lea rbx, [rax + 4]
    cmp rbx, qword ptr [rdx + 8]
    ja 0x33
    neg rcx
    lock xadd dword ptr [r15 + rax], ecx
    mov eax, ecx
    ret
    call 0x46
    call 0x38
    mov eax, 5
    mov r11d, 0x10000
    jmp r11
    mov eax, 0xb
    mov r11d, 0x10000
    jmp r11
replace:
    mov r11d, ecx
    mov ecx, eax
    mov eax, r11d
    mov rbx, qword ptr [r14 + 8]
    lea rbp, [rcx + 1]
    cmp rbp, qword ptr [rbx + 8]
    ja 0x24
    lock cmpxchg byte ptr [r15 + rcx], dl
    movzx eax, al
    ret
    call 0x29
    mov eax, 5
    mov r11d, 0x10000
    jmp r11
;; ---- arm64
store:
    tst x0, #7
    b.ne #0x28
    ldr x2, [x27, #8]
    ldr x2, [x2, #8]
    add x3, x0, #8
    cmp x3, x2
    b.hi #0x30
    add x0, x26, x0
    stlr x1, [x0]
    ret
    str x30, [sp, #-0x10]!
    bl #0x44
    str x30, [sp, #-0x10]!
    bl #0x38
    mov w0, #5
    ldr x17, #0x50
    br x17
    mov w0, #0xb
    ldr x17, #0x50
    br x17
subtract:
    add x0, x0, #4
    tst x0, #3
    b.ne #0x30
    ldr x2, [x27, #8]
    ldr x2, [x2, #8]
    add x3, x0, #4
    cmp x3, x2
    b.hi #0x38
    add x0, x26, x0
    neg x1, x1
    ldaddal w1, w0, [x0]
    ret
    str x30, [sp, #-0x10]!
    bl #0x4c
    str x30, [sp, #-0x10]!
    bl #0x40
    mov w0, #5
    ldr x17, #0x60
    br x17
    mov w0, #0xb
    ldr x17, #0x60
    br x17
replace:
    ldr x3, [x27, #8]
    ldr x3, [x3, #8]
    add x4, x0, #1
    cmp x4, x3
    b.hi #0x24
    add x0, x26, x0
    casalb w1, w2, [x0]
    mov w0, w1
    ret
    str x30, [sp, #-0x10]!
    bl #0x2c
    mov w0, #5
    ldr x17, #0x40
    br x17
