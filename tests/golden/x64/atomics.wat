;; Atomic accesses: aligned and in bounds, then one locked instruction, or a loop when what was there is wanted.
;; features: sse4.1
(module (memory 1 1 shared)
  (func (export "store") (param i32 i64)
    (i64.atomic.store (local.get 0) (local.get 1)))
  (func (export "add") (param i32 i32)
    (drop (i32.atomic.rmw.add offset=4 (local.get 0) (local.get 1))))
  (func (export "or") (param i32 i32) (result i32)
    (i32.atomic.rmw8.or_u (local.get 0) (local.get 1)))
  (func (export "replace") (param i32 i32 i32) (result i32)
    (i32.atomic.rmw.cmpxchg (local.get 0) (local.get 1) (local.get 2))))
;; ---- sse4.1
store:
    test eax, 7
    jne 0x23
    mov rdx, qword ptr [r14 + 8]
    lea rbx, [rax + 8]
    cmp rbx, qword ptr [rdx + 8]
    ja 0x28
    xchg qword ptr [r15 + rax], rcx
    ret
add:
    lea rax, [rax + 4]
    test eax, 3
    jne 0x28
    mov rdx, qword ptr [r14 + 8]
    lea rbx, [rax + 4]
    cmp rbx, qword ptr [rdx + 8]
    ja 0x2d
    lock add dword ptr [r15 + rax], ecx
    ret
or:
    mov edx, ecx
    mov ecx, eax
    mov rax, qword ptr [r14 + 8]
    lea rbx, [rcx + 1]
    cmp rbx, qword ptr [rax + 8]
    ja 0x2a
    movzx eax, byte ptr [r15 + rcx]
    mov rbx, rax
    or rbx, rdx
    lock cmpxchg byte ptr [r15 + rcx], bl
    jne 0x1b
    ret
replace:
    mov r11d, ecx
    mov ecx, eax
    mov eax, r11d
    test ecx, 3
    jne 0x2f
    mov rbx, qword ptr [r14 + 8]
    lea rbp, [rcx + 4]
    cmp rbp, qword ptr [rbx + 8]
    ja 0x34
    lock cmpxchg dword ptr [r15 + rcx], edx
    mov eax, eax
    ret
