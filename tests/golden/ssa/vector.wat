;; Vectors take two slots and are one value; lanes, shuffles and constants; relaxed instructions become what they behave as.
;; run: 0 simplify
(module
  (memory 1)
  (func (param i32 v128) (result v128) (local v128 v128)
    (if (local.get 0) (then (local.set 2 (v128.const i32x4 1 2 3 4))))
    (local.set 3 (i8x16.shuffle 0 1 2 3 4 5 6 7 24 25 26 27 28 29 30 31 (local.get 1) (local.get 2)))
    (v128.store offset=16 (local.get 0) (i8x16.relaxed_swizzle (local.get 3) (local.get 2)))
    (v128.load8_lane 3 (local.get 0)
      (i32x4.replace_lane 2 (f32x4.relaxed_min (local.get 3) (v128.bitselect (local.get 1) (local.get 2) (local.get 3))) (local.get 0)))))
;; ----
b1:
    v1:i32 = arg 0
    v2:v128 = arg 1
    br b2
b2:
    v3:i32 = i32.eq v1, 0:i32
    br_if v1 b3, b4(0x00000000000000000000000000000000:v128)
b3:
    br b4(0x00000004000000030000000200000001:v128)
b4(v4:v128):
    v5:v128 = i8x16.shuffle v2, v4 imm=0x1f1e1d1c1b1a19180706050403020100
    v6:v128 = i8x16.swizzle v5, v4
    v128.store v1, v6 imm=16
    v7:v128 = v128.bitselect v2, v4, v5
    v8:v128 = f32x4.min v5, v7
    v9:v128 = i32x4.replace_lane v8, v1 imm=2
    v10:v128 = v128.load8_lane v1, v9 aux=50331648
    return v10
