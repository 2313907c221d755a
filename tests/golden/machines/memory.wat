;; Memory: several fields at one address, a table of jumps, a global.
(module (memory 1) (global $count (mut i32) (i32.const 0))
  (func (export "swap") (param i32) (local i32)
    (local.set 1 (i32.load offset=4 (local.get 0)))
    (i32.store offset=4 (local.get 0) (i32.load offset=12 (local.get 0)))
    (i32.store offset=12 (local.get 0) (local.get 1)))
  (func (export "choose") (param i32) (result i32)
    (block $c (block $b (block $a (br_table $a $b $c (local.get 0))) (return (i32.const 30))) (return (i32.const 20)))
    (i32.const 10))
  (func (export "count") (result i32)
    (global.set $count (i32.add (global.get $count) (i32.const 1)))
    (global.get $count)))
;; ---- x64
swap:
    mov rcx, qword ptr [r14 + 8]
    mov rcx, qword ptr [rcx + 8]
    lea rdx, [rax + 8]
    cmp rdx, rcx
    ja 0x37
    mov edx, dword ptr [r15 + rax + 4]
    lea rbx, [rax + 0x10]
    cmp rbx, rcx
    ja 0x3c
    mov ecx, dword ptr [r15 + rax + 0xc]
    mov dword ptr [r15 + rax + 4], ecx
    mov dword ptr [r15 + rax + 0xc], edx
    ret
    call 0x41
    call 0x41
    mov eax, 5
    mov r11d, 0x10000
    jmp r11
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
    ldr x1, [x27, #8]
    ldr x1, [x1, #8]
    add x2, x0, #8
    cmp x2, x1
    b.hi #0x40
    add x2, x0, #4
    ldr w2, [x26, x2]
    add x3, x0, #0x10
    cmp x3, x1
    b.hi #0x48
    add x1, x0, #0xc
    ldr w1, [x26, x1]
    add x0, x26, x0
    str w1, [x0, #4]
    str w2, [x0, #0xc]
    ret
    str x30, [sp, #-0x10]!
    bl #0x50
    str x30, [sp, #-0x10]!
    bl #0x50
    mov w0, #5
    ldr x17, #0x60
    br x17
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
