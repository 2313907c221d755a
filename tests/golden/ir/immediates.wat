;; A constant right operand becomes an immediate, by swapping or negating where that is the same; 64-bit ones do not fit.
(module
  (func $add (param i32) (result i32) (i32.add (local.get 0) (i32.const 7)))
  (func $add_left (param i32) (result i32) (i32.add (i32.const 7) (local.get 0)))
  (func $sub (param i64) (result i64) (i64.sub (local.get 0) (i64.const 1)))
  (func $sub_least (param i32) (result i32) (i32.sub (local.get 0) (i32.const 0x80000000)))
  (func $sub_left (param i32) (result i32) (i32.sub (i32.const 7) (local.get 0)))
  (func $compare_left (param i64) (result i32) (i64.lt_s (i64.const -3) (local.get 0)))
  (func $too_wide (param i64) (result i64) (i64.and (local.get 0) (i64.const 0x1_0000_0000)))
  (func $both (result i32) (i32.mul (i32.const 6) (i32.const 7))))

(; register IR:
func add: 1 parameter slot, header s1, frame of 7 slots
    0  i32.add.imm            s5, s0, 7                    ; 0x32
    1  ret1                   s5, 1                        ; 0x33
func add_left: 1 parameter slot, header s1, frame of 7 slots
    0  i32.add.imm            s5, s0, 7                    ; 0x3a
    1  ret1                   s5, 1                        ; 0x3b
func sub: 1 parameter slot, header s1, frame of 7 slots
    0  i64.add.imm            s5, s0, -1                   ; 0x42
    1  ret1                   s5, 1                        ; 0x43
func sub_least: 1 parameter slot, header s1, frame of 7 slots
    0  i32.add.imm            s5, s0, -2147483648          ; 0x4e
    1  ret1                   s5, 1                        ; 0x4f
func sub_left: 1 parameter slot, header s1, frame of 7 slots
    0  const                  s5, 0x7                      ; 0x56
    1  i32.sub                s5, s5, s0                   ; 0x56
    2  ret1                   s5, 1                        ; 0x57
func compare_left: 1 parameter slot, header s1, frame of 7 slots
    0  i64.gt_s.imm           s5, s0, -3                   ; 0x5e
    1  ret1                   s5, 1                        ; 0x5f
func too_wide: 1 parameter slot, header s1, frame of 7 slots
    0  const                  s6, 0x100000000              ; 0x6a
    1  i64.and                s5, s0, s6                   ; 0x6a
    2  ret1                   s5, 1                        ; 0x6b
func both: 0 parameter slots, header s0, frame of 6 slots
    0  const                  s4, 0x6                      ; 0x72
    1  i32.mul.imm            s4, s4, 7                    ; 0x72
    2  ret1                   s4, 0                        ; 0x73
;)
