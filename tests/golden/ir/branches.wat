;; A comparison goes into the branch that uses it; eqz inverts it; a float comparison has no inverse.
(module
  (func $loop (param i32 i32) (loop (br_if 0 (i32.lt_u (local.tee 0 (i32.add (local.get 0) (i32.const 1))) (local.get 1)))))
  (func $eqz (param i32) (block (br_if 0 (i32.eqz (i32.gt_s (local.get 0) (i32.const 3))))))
  (func $float (param f64) (result i32)
    (if (result i32) (f64.lt (local.get 0) (f64.const 0.5)) (then (i32.const 1)) (else (i32.const 2))))
  (func $plain (param i32) (block (br_if 0 (local.get 0))))
  (func $not_behind_a_label (param i32) (result i32)
    (block (result i32) (i32.eqz (local.get 0)))
    (if (result i32) (then (i32.const 1)) (else (i32.const 2)))))

(; register IR:
func loop: 2 parameter slots, header s2, frame of 8 slots
    0  loop                                                ; 0x2b
    1  i32.add.imm            s0, s0, 1                    ; 0x31
    2  br_if.i32.lt_u         s0, s1 -> 0                  ; 0x37
    3  ret                    2                            ; 0x3a
func eqz: 1 parameter slot, header s1, frame of 7 slots
    0  br_if.i32.le_s.imm     s0, 3 -> 1                   ; 0x45
    1  ret                    1                            ; 0x48
func float: 1 parameter slot, header s1, frame of 7 slots
    0  const                  s6, 0x3fe0000000000000       ; 0x56
    1  br_unless.f64.lt       s0, s6 -> 4                  ; 0x57
    2  const                  s5, 0x1                      ; 0x5b
    3  ret1                   s5, 1                        ; 0x5b
    4  const                  s5, 0x2                      ; 0x5e
    5  ret1                   s5, 1                        ; 0x5f
func plain: 1 parameter slot, header s1, frame of 6 slots
    0  br_if.i32.ne.imm       s0, 0 -> 1                   ; 0x66
    1  ret                    1                            ; 0x69
func not_behind_a_label: 1 parameter slot, header s1, frame of 6 slots
    0  br_if.i32.ne.imm       s0, 0 -> 3                   ; 0x72
    1  const                  s5, 0x1                      ; 0x76
    2  ret1                   s5, 1                        ; 0x76
    3  const                  s5, 0x2                      ; 0x79
    4  ret1                   s5, 1                        ; 0x7a
;)
