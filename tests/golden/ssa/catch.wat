;; A call in a try ends its block; the handler has the values of locals from before the call that threw.
;; run: 1 optimize
(module
  (import "m" "f" (func $f (param i32) (result i32)))
  (tag $t (param i32 f64))
  (func (param i32) (result i32) (local i32)
    (block $caught (result i32 f64)
      (local.set 1 (i32.const 7))
      (try_table (result i32) (catch $t $caught)
        (local.set 1 (call $f (local.get 0)))
        (call $f (i32.add (local.get 1) (i32.const 1))))
      (return))
    (drop)
    (i32.add (local.get 1))))
;; ----
b1:
    v1:i32 = arg 0
    v2:i32 = call_import v1
    br_try b2, catch 0 b3(7:i32)
b2:
    v3:i32 = i32.add v2, 1:i32
    v4:i32 = call_import v3
    br_try b4, catch 0 b3(v2)
b3 handler(v5:i32):
    v6:ref = caught
    v7:i32 = exn.load v6
    v8:i32 = i32.add v7, v5
    return v8
b4:
    return v4
