;; Integers: what ARM64 has fields, shifted operands, products with sums and conditional selects for.
(module
  (func (export "field") (param i32) (result i32)
    (i32.and (i32.shr_u (local.get 0) (i32.const 5)) (i32.const 0x3f)))
  (func (export "insert") (param i32 i32) (result i32)
    (i32.or
      (i32.and (local.get 0) (i32.const 0xffff))
      (i32.shl (local.get 1) (i32.const 16))))
  (func (export "product") (param i64 i64 i64) (result i64)
    (i64.sub (local.get 0) (i64.mul (local.get 1) (local.get 2))))
  (func (export "by small odd numbers") (param i32) (result i32)
    (i32.xor
      (i32.mul (local.get 0) (i32.const 9))
      (i32.add (i32.mul (local.get 0) (i32.const 3)) (i32.const 1))))
  (func (export "by constants") (param i32) (result i32)
    (i32.add
      (i32.div_s (local.get 0) (i32.const 5))
      (i32.div_u (local.get 0) (i32.const 10))))
  (func (export "mix") (param i32 i32) (result i32)
    (i32.xor
      (i32.add (local.get 0) (i32.shl (local.get 1) (i32.const 3)))
      (i32.rotl (local.get 1) (i32.const 13))))
  (func (export "clamp") (param i32 i32) (result i32)
    (select
      (i32.add (local.get 0) (i32.const 1))
      (local.get 1)
      (i32.lt_u (local.get 0) (local.get 1))))
  (func (export "divide") (param i32 i32) (result i32)
    (i32.div_s (local.get 0) (local.get 1)))
  (func (export "within") (param i32 i32) (result i32)
    (i32.and
      (i32.ge_s (local.get 0) (i32.const -3))
      (i32.lt_u (local.get 1) (local.get 0))))
  (func (export "wide") (param i64) (result i64)
    (i64.xor (local.get 0) (i64.const 0x9e3779b97f4a7c15))))
;; ---- x64
field:
    shr eax, 5
    and eax, 0x3f
    ret
insert:
    and eax, 0xffff
    shl ecx, 0x10
    or eax, ecx
    ret
product:
    imul rcx, rdx
    sub rax, rcx
    ret
by small odd numbers:
    lea ecx, [rax + rax*8]
    lea eax, [rax + rax*2 + 1]
    xor ecx, eax
    mov eax, ecx
    ret
by constants:
    movsxd rcx, eax
    imul rcx, rcx, 0x66666667
    sar rcx, 0x21
    mov edx, eax
    sar edx, 0x1f
    sub ecx, edx
    mov edx, 0xcccccccd
    imul rax, rdx
    shr rax, 0x23
    add ecx, eax
    mov eax, ecx
    ret
mix:
    lea eax, [rax + rcx*8]
    rorx ecx, ecx, 0x13
    xor eax, ecx
    ret
clamp:
    lea edx, [rax + 1]
    cmp eax, ecx
    cmovb ecx, edx
    mov eax, ecx
    ret
divide:
    test ecx, ecx
    je 0x29
    cmp ecx, -1
    sete dl
    movzx edx, dl
    cmp eax, 0x80000000
    sete bl
    movzx ebx, bl
    and edx, ebx
    jne 0x2e
    cdq
    idiv ecx
    ret
    call 0x33
    call 0x41
    mov eax, 2
    mov r11d, 0x10000
    jmp r11
    mov eax, 3
    mov r11d, 0x10000
    jmp r11
within:
    cmp eax, -3
    setge dl
    movzx edx, dl
    cmp ecx, eax
    setb al
    movzx eax, al
    and edx, eax
    mov eax, edx
    ret
wide:
    movabs rcx, 0x9e3779b97f4a7c15
    xor rax, rcx
    ret
;; ---- arm64
field:
    ubfx w0, w0, #5, #6
    ret
insert:
    bfi w0, w1, #0x10, #0x10
    ret
product:
    msub x0, x1, x2, x0
    ret
by small odd numbers:
    add w1, w0, w0, lsl #3
    add w0, w0, w0, lsl #1
    add w0, w0, #1
    eor w0, w1, w0
    ret
by constants:
    mov w1, #0x6667
    movk w1, #0x6666, lsl #16
    smull x1, w0, w1
    asr x1, x1, #0x21
    sub w1, w1, w0, asr #31
    mov w2, #0xcccd
    movk w2, #0xcccc, lsl #16
    umull x0, w0, w2
    lsr x0, x0, #0x23
    add w0, w1, w0
    ret
mix:
    add w0, w0, w1, lsl #3
    eor w0, w0, w1, ror #19
    ret
clamp:
    cmp w0, w1
    csinc w0, w1, w0, hs
    ret
divide:
    cbz w1, #0x18
    cmn w1, #1
    ccmp w0, #1, #0, eq
    b.vs #0x20
    sdiv w0, w0, w1
    ret
    str x30, [sp, #-0x10]!
    bl #0x28
    str x30, [sp, #-0x10]!
    bl #0x34
    mov w0, #2
    ldr x17, #0x40
    br x17
    mov w0, #3
    ldr x17, #0x40
    br x17
within:
    cmn w0, #3
    ccmp w1, w0, #2, ge
    cset w0, lo
    ret
wide:
    mov x1, #0x7c15
    movk x1, #0x7f4a, lsl #16
    movk x1, #0x79b9, lsl #32
    movk x1, #0x9e37, lsl #48
    eor x0, x0, x1
    ret
