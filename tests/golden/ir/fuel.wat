;; fuel: each basic block is charged when it begins, for every instruction but those that mark structure.
(module
  (func $count (param i32) (result i32)
    (local $sum i32)
    (loop $l
      (local.set $sum (i32.add (local.get $sum) (local.get 0)))
      (br_if $l (local.tee 0 (i32.sub (local.get 0) (i32.const 1)))))
    (local.get $sum)))

(; register IR:
func count: 1 parameter slot, header s2, frame of 8 slots
    0  fuel                   0                            ; 0x18
    1  loop                                                ; 0x1b
    2  fuel                   9                            ; 0x1b
    3  i32.add                s1, s1, s0                   ; 0x21
    4  i32.add.imm            s0, s0, -1                   ; 0x28
    5  br_if.i32.ne.imm       s0, 0 -> 1                   ; 0x2b
    6  fuel                   1                            ; 0x2b
    7  ret1                   s1, 2                        ; 0x30
;)
