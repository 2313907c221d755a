;; local.get emits nothing; an entry that still reads a local moves before the local is written.
(module
  (func $swap (param i32 i32) (result i32 i32) (local.get 1) (local.get 0))
  (func $old_value (param i32) (result i32)
    (local.get 0) (local.set 0 (i32.const 7)) (i32.add (local.get 0)))
  (func $straight (param i32 i32) (local $sum i32) (local.set $sum (i32.add (local.get 0) (local.get 1))))
  (func $tee (param i32) (result i32) (i32.mul (local.tee 0 (i32.add (local.get 0) (i32.const 1))) (local.get 0)))
  (func $block (param i32) (result i32)
    (local.get 0) (block (local.set 0 (i32.const 1)) (br_if 0 (local.get 0)) (local.set 0 (i32.const 2))) (i32.add (local.get 0))))

(; register IR:
func swap: 2 parameter slots, header s2, frame of 10 slots
    0  copy                   s8, s1                       ; 0x2d
    1  copy                   s9, s0                       ; 0x2d
    2  ret_n                  s8, 2, 2                     ; 0x2d
func old_value: 1 parameter slot, header s1, frame of 7 slots
    0  copy                   s5, s0                       ; 0x34
    1  const                  s0, 0x7                      ; 0x34
    2  i32.add                s5, s5, s0                   ; 0x38
    3  ret1                   s5, 1                        ; 0x39
func straight: 2 parameter slots, header s3, frame of 9 slots
    0  i32.add                s2, s0, s1                   ; 0x42
    1  ret                    3                            ; 0x45
func tee: 1 parameter slot, header s1, frame of 7 slots
    0  i32.add.imm            s0, s0, 1                    ; 0x4c
    1  i32.mul                s5, s0, s0                   ; 0x51
    2  ret1                   s5, 1                        ; 0x52
func block: 1 parameter slot, header s1, frame of 7 slots
    0  copy                   s5, s0                       ; 0x57
    1  const                  s0, 0x1                      ; 0x5b
    2  br_if.i32.ne.imm       s0, 0 -> 4                   ; 0x5f
    3  const                  s0, 0x2                      ; 0x63
    4  i32.add                s5, s5, s0                   ; 0x68
    5  ret1                   s5, 1                        ; 0x69
;)
