;; Locals of a loop become parameters of its header; those that it does not write do not. f32 and i32 share slots, the builder tells them apart.
;; run: 0
(module
  (memory 1)
  (func (param i32 i32) (result f32) (local f32 i32)
    (local.set 3 (i32.mul (local.get 1) (i32.const 3)))
    (loop $next
      (local.set 2 (f32.add (local.get 2) (f32.load offset=4 (local.get 0))))
      (local.set 0 (i32.add (local.get 0) (i32.const 4)))
      (br_if $next (i32.lt_u (local.get 0) (local.get 1))))
    (if (i32.eqz (i32.reinterpret_f32 (local.get 2)))
      (then (local.set 2 (f32.reinterpret_i32 (local.get 3)))))
    (local.get 2)))
;; ----
b1:
    v1:i32 = arg 0
    v2:i32 = arg 1
    br b2
b2:
    v3:i32 = i32.mul v2, 3:i32
    v4:f32 = f32.reinterpret_i32 v3
    br b3(v1, 0x0:f32)
b3(v5:i32, v6:f32):
    poll
    v7:f32 = f32.load v5 imm=4
    v8:f32 = f32.add v6, v7
    v9:i32 = i32.add v5, 4:i32
    v10:i32 = i32.lt_u v9, v2
    br_if v10 b3(v9, v8), b4
b4:
    v11:i32 = i32.reinterpret_f32 v8
    v12:i32 = i32.ne v11, 0:i32
    br_if v12 b6(v8), b5
b5:
    br b6(v4)
b6(v13:f32):
    return v13
