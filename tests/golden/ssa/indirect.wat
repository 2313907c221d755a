;; A call through a table that never changes, in a loop: callees of the wanted type are called directly, and inlined where they are small.
;; Other elements are left to the indirect call.
;; run: 2 inline simplify cfg gvn cfg
(module
  (type $of_one (func (param i32) (result i32)))
  (type $of_two (func (param i32 i32) (result i32)))
  (table 4 funcref)
  (elem (i32.const 1) $add $twice)
  (func $twice (type $of_one) (i32.shl (local.get 0) (i32.const 1)))
  (func $add (type $of_two) (i32.add (local.get 0) (local.get 1)))
  (func (param i32) (result i32) (local i32)
    (loop $again
      (local.set 1 (i32.add (local.get 1) (call_indirect (type $of_one) (local.get 1) (local.get 0))))
      (br_if $again (i32.lt_s (local.get 1) (i32.const 100))))
    (local.get 1)))
;; ----
b1:
    v1:i32 = arg 0
    br b2(0:i32)
b2(v2:i32):
    poll
    v3:i32 = i32.eq v1, 2:i32
    br_if v3 b4, b3
b3:
    v4:i32 = call_indirect v1, v2
    br b5(v4)
b4:
    v5:i32 = i32.shl v2, 1:i32
    br b5(v5)
b5(v6:i32):
    v7:i32 = i32.add v2, v6
    v8:i32 = i32.lt_s v7, 100:i32
    br_if v8 b2(v7), b6
b6:
    return v7
