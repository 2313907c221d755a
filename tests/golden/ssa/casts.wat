;; A reference that a test or a new object shows not to be null, or to be of a type, is not asked again.
;; run: 0 simplify gvn simplify dce cfg
(module
  (type $a (sub (struct (field i32))))
  (type $b (sub $a (struct (field i32) (field i32))))
  (func (param anyref) (result i32) (local $b (ref null $b)) (local $s i32)
    (if (ref.test (ref $b) (local.get 0))
      (then
        (local.set $b (ref.cast (ref null $b) (local.get 0)))
        (local.set $s (struct.get $b 1 (local.get $b)))))
    (local.set $s (i32.add (local.get $s)
      (struct.get $a 0 (ref.cast (ref $a) (local.get 0)))))
    (i32.add (local.get $s) (struct.get $b 1 (struct.new $b (local.get $s) (i32.const 1))))))
;; ----
b1:
    v1:ref = arg 0
    v2:i32 = ref.is v1 aux=1
    br_if v2 b2, b3(0:i32)
b2:
    v3:i32 = object.load32 v1 imm=12
    br b3(v3)
b3(v4:i32):
    v5:i32 = ref.is v1
    v6:i32 = i32.eq v5, 0:i32
    trap_if v6 imm=19
    v7:i32 = object.load32 v1 imm=8
    v8:i32 = i32.add v4, v7
    v9:ref = struct.new v8, 1:i32 imm=1
    v10:i32 = i32.add v8, 1:i32
    return v10
