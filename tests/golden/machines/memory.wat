;; Memory: several fields at one address, in a memory that is guarded and one that is not; a store that may tear; a table of jumps, a
;; global.
(module (memory 1) (memory $wide i64 1) (global $count (mut i32) (i32.const 0))
  (func (export "swap") (param i32) (local i32)
    (local.set 1 (i32.load offset=4 (local.get 0)))
    (i32.store offset=4 (local.get 0) (i32.load offset=12 (local.get 0)))
    (i32.store offset=12 (local.get 0) (local.get 1)))
  (func (export "swap_checked") (param i64) (local i32)
    (local.set 1 (i32.load $wide offset=4 (local.get 0)))
    (i32.store $wide offset=4 (local.get 0) (i32.load $wide offset=12 (local.get 0)))
    (i32.store $wide offset=12 (local.get 0) (local.get 1)))
  (func (export "put") (param i32 i64)
    (i64.store offset=8 (local.get 0) (local.get 1)))
  (func (export "choose") (param i32) (result i32)
    (block $c (block $b (block $a (br_table $a $b $c (local.get 0))) (return (i32.const 30))) (return (i32.const 20)))
    (i32.const 10))
  (func (export "count") (result i32)
    (global.set $count (i32.add (global.get $count) (i32.const 1)))
    (global.get $count)))
;; ---- x64
swap:
    mov ecx, dword ptr [r15 + rax + 4]
    mov edx, dword ptr [r15 + rax + 0xc]
    mov dword ptr [r15 + rax + 4], edx
    mov dword ptr [r15 + rax + 0xc], ecx
    ret
swap_checked:
    mov rcx, qword ptr [r14 + 0x28]
    mov rcx, qword ptr [rcx + 8]
    mov rcx, qword ptr [rcx + 8]
    lea rdx, [rcx - 8]
    cmp rdx, rax
    jb 0x42
    mov rdx, qword ptr [r14 + 0x28]
    mov rdx, qword ptr [rdx + 8]
    mov rdx, qword ptr [rdx]
    mov ebx, dword ptr [rdx + rax + 4]
    lea rcx, [rcx - 0x10]
    cmp rcx, rax
    jb 0x47
    mov ecx, dword ptr [rdx + rax + 0xc]
    mov dword ptr [rdx + rax + 4], ecx
    mov dword ptr [rdx + rax + 0xc], ebx
    ret
    call 0x4c
    call 0x4c
    mov eax, 5
    mov r11d, 0x10000
    jmp r11
put:
    mov qword ptr [r15 + rax + 8], rcx
    ret
choose:
    cmp eax, 2
    jae 0x19
    lea r11, constant
    movsxd rcx, dword ptr [r11 + rax*4]
    add rcx, r11
    jmp rcx
    mov eax, 0xa
    ret
    mov eax, 0x14
    ret
    mov eax, 0x1e
    ret
count:
    mov eax, dword ptr [r14 + 0x80]
    add eax, 1
    mov qword ptr [r14 + 0x80], rax
    ret
;; ---- arm64
swap:
    add x0, x26, x0
    ldr w1, [x0, #4]
    ldr w2, [x0, #0xc]
    str w2, [x0, #4]
    str w1, [x0, #0xc]
    ret
swap_checked:
    ldr x1, [x27, #0x28]
    ldr x1, [x1, #8]
    ldr x1, [x1, #8]
    sub x2, x1, #8
    cmp x2, x0
    b.lo #0x54
    ldr x2, [x27, #0x28]
    ldr x2, [x2, #8]
    ldr x2, [x2]
    add x3, x0, #4
    ldr w3, [x2, x3]
    sub x1, x1, #0x10
    cmp x1, x0
    b.lo #0x5c
    add x1, x0, #0xc
    ldr w1, [x2, x1]
    add x4, x0, #4
    str w1, [x2, x4]
    add x0, x0, #0xc
    str w3, [x2, x0]
    ret
    str x30, [sp, #-0x10]!
    bl #0x64
    str x30, [sp, #-0x10]!
    bl #0x64
    mov w0, #5
    ldr x17, #0x70
    br x17
put:
    add x0, x0, #8
    ldr xzr, [x26, x0]
    str x1, [x26, x0]
    ret
choose:
    cmp w0, #2
    b.hs #0x20
    adr x17, #0x18
    ldrsw x1, [x17, w0, uxtw #2]
    add x1, x17, x1
    br x1
count:
    ldr w0, [x27, #0x80]
    add w0, w0, #1
    str x0, [x27, #0x80]
    ret
