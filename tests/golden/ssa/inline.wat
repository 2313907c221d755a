;; Small callees: with two results, through a reference to a known function, by a tail call, which becomes a call.
;; run: 0 optimize
(module
  (type $two (func (param i32) (result i32 i64)))
  (global $g (mut i32) (i32.const 0))
  (func (param i32) (result i64) (local i64)
    (call $pair (local.get 0))
    (local.set 1)
    (drop)
    (local.get 1)
    (call_ref $two (i32.const 5) (ref.func $pair))
    (drop) (drop)
    (i64.extend_i32_s (call $tail (local.get 0)))
    (i64.add))
  (func $pair (type $two) (i32.add (local.get 0) (i32.const 1)) (i64.extend_i32_s (local.get 0)))
  (func $tail (param i32) (result i32) (global.set $g (local.get 0)) (return_call $far (local.get 0) (i32.const 2)))
  (func $far (param i32 i32) (result i32) (local i32)
    (loop $l
      (local.set 2 (i32.add (i32.mul (local.get 2) (local.get 0)) (i32.load8_u (local.get 2))))
      (local.set 0 (i32.add (local.get 0) (i32.const -3)))
      (local.set 1 (i32.xor (i32.rotl (local.get 1) (local.get 2)) (i32.load16_u offset=7 (local.get 0))))
      (br_if $l (i32.gt_s (local.get 0) (local.get 1))))
    (i32.add (local.get 2) (local.get 1)))
  (memory 1)
  (elem declare func $pair))
;; ----
b1:
    v1:i32 = arg 0
    v2:i64 = i64.extend_i32_s v1
    global.set v1
    br b2(0:i32, v1, 2:i32)
b2(v3:i32, v4:i32, v5:i32):
    v6:i32 = i32.mul v3, v4
    v7:i32 = i32.load8_u v3
    v8:i32 = i32.add v6, v7
    v9:i32 = i32.rotl v5, v8
    v10:i32 = i32.add v4, -3:i32
    v11:i32 = i32.load16_u v10 imm=7
    v12:i32 = i32.xor v9, v11
    v13:i32 = i32.gt_s v10, v12
    poll_counted v10 imm=1023
    br_if v13 b2(v8, v10, v12), b3
b3:
    v14:i32 = i32.add v8, v12
    v15:i64 = i64.extend_i32_s v14
    v16:i64 = i64.add v2, v15
    return v16
