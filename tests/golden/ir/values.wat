;; Branches carry values to where the label expects them; a jump to a return becomes that return.
(module
  (func $fib (param i32) (result i32)
    (if (result i32) (i32.lt_s (local.get 0) (i32.const 2))
      (then (local.get 0))
      (else (i32.add (call $fib (i32.sub (local.get 0) (i32.const 1)))
                     (call $fib (i32.sub (local.get 0) (i32.const 2)))))))
  (func $table (param i32) (result i32)
    (block $a (result i32) (block $b (result i32) (br_table $a $b $a (i32.const 5) (local.get 0))) (i32.add (i32.const 1))))
  (func $return_early (param i32 i64) (result i32 i64)
    (br_if 0 (local.get 0) (local.get 1) (local.get 0)) (drop) (drop) (i32.const 1) (i64.const 2))
  (func $loop (param i32) (result i32)
    (local.get 0) (loop (param i32) (result i32) (i32.sub (i32.const 1)) (br_if 0 (i32.const 1)))))

(; register IR:
func fib: 1 parameter slot, header s1, frame of 8 slots
    0  br_if.i32.ge_s.imm     s0, 2 -> 3                   ; 0x28
    1  copy                   s5, s0                       ; 0x2c
    2  ret1                   s5, 1                        ; 0x2c
    3  i32.add.imm            s5, s0, -1                   ; 0x31
    4  call                   0, s5                        ; 0x32
    5  i32.add.imm            s6, s0, -2                   ; 0x38
    6  call                   0, s6                        ; 0x39
    7  i32.add                s5, s5, s6                   ; 0x3b
    8  ret1                   s5, 1                        ; 0x3d
func table: 1 parameter slot, header s1, frame of 7 slots
    0  br_table               s0 -> 4 -> 6 -> 4            ; 0x48
    4  const                  s5, 0x5                      ; 0x48
    5  ret1                   s5, 1                        ; 0x48
    6  const                  s5, 0x5                      ; 0x48
    7  br                     -> 8                         ; 0x48
    8  i32.add.imm            s5, s5, 1                    ; 0x50
    9  ret1                   s5, 1                        ; 0x52
func return_early: 2 parameter slots, header s2, frame of 10 slots
    0  br_if.i32.eq.imm       s0, 0 -> 4                   ; 0x5b
    1  copy                   s8, s0                       ; 0x5b
    2  copy                   s9, s1                       ; 0x5b
    3  ret_n                  s8, 2, 2                     ; 0x5b
    4  const                  s8, 0x1                      ; 0x63
    5  const                  s9, 0x2                      ; 0x63
    6  ret_n                  s8, 2, 2                     ; 0x63
func loop: 1 parameter slot, header s1, frame of 7 slots
    0  copy                   s5, s0                       ; 0x68
    1  loop                                                ; 0x68
    2  i32.add.imm            s5, s5, -1                   ; 0x6c
    3  const                  s6, 0x1                      ; 0x6f
    4  br_if.i32.ne.imm       s6, 0 -> 1                   ; 0x6f
    5  ret1                   s5, 1                        ; 0x72
;)
