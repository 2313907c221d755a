;; A loop around a table on an argument, as resumable functions have: begun with 0, jumps with constants go straight to their labels,
;; and the loop of the source is found, with a poll at its header. Else the function dispatches.
;; run: 0 cfg dce gvn cfg
(module
  (global $sp (mut i32) (i32.const 0))
  (func (param $pc i32) (result i32) (local $sp i32) (local $n i32)
    (local.set $sp (global.get $sp))
    (loop $dispatch
      (block $exit
        (block $body
          (block $start
            (br_table $start $body $exit (local.get $pc)))
          (local.set $n (i32.load (i32.const 8))))
        (local.set $n (i32.sub (local.get $n) (i32.const 3)))
        (if (i32.gt_s (local.get $n) (i32.const 0))
          (then (local.set $pc (i32.const 1)) (br $dispatch)))
        (local.set $pc (i32.const 2))
        (br $dispatch))
      (global.set $sp (local.get $sp)))
    (local.get $n))
  (memory 1))
;; ----
b1:
    v1:i32 = arg 0
    v2:i32 = global.get
    v3:i32 = i32.eq v1, 0:i32
    br_if v3 likely b6, b2(v1, 0:i32)
b2(v4:i32, v5:i32):
    poll
    br_table v4 [0 1 2] b4, b5(v5), b3
b3:
    global.set v2
    return v5
b4:
    v6:i32 = i32.load 8:i32 checked
    br b5(v6)
b5(v7:i32):
    v8:i32 = i32.add v7, -3:i32
    v9:i32 = i32.le_s v8, 0:i32
    br_if v9 b2(2:i32, v8), b2(1:i32, v8)
b6:
    v10:i32 = i32.load 8:i32 checked
    br b7(v10)
b7(v11:i32):
    poll
    v12:i32 = i32.add v11, -3:i32
    v13:i32 = i32.le_s v12, 0:i32
    br_if v13 b8, b7(v12)
b8:
    global.set v2
    return v12
