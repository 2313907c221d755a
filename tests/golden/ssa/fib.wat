;; Built, and inlined into itself two levels deep.
;; run: 0 optimize
(module
  (func $fib (param i32) (result i32)
    (if (result i32) (i32.lt_s (local.get 0) (i32.const 2))
      (then (local.get 0))
      (else
        (i32.add
          (call $fib (i32.sub (local.get 0) (i32.const 1)))
          (call $fib (i32.sub (local.get 0) (i32.const 2))))))))
;; ----
b1:
    v1:i32 = arg 0
    v2:i32 = i32.ge_s v1, 2:i32
    br_if v2 b3, b2
b2:
    return v1
b3:
    v3:i32 = i32.add v1, -1:i32
    v4:i32 = i32.ge_s v3, 2:i32
    br_if v4 b4, b9(v3)
b4:
    v5:i32 = i32.add v1, -2:i32
    v6:i32 = i32.ge_s v5, 2:i32
    br_if v6 b5, b6(v5)
b5:
    v7:i32 = i32.add v1, -3:i32
    v8:i32 = call v7
    v9:i32 = i32.add v1, -4:i32
    v10:i32 = call v9
    v11:i32 = i32.add v8, v10
    br b6(v11)
b6(v12:i32):
    v13:i32 = i32.add v1, -3:i32
    v14:i32 = i32.ge_s v13, 2:i32
    br_if v14 b7, b8(v13)
b7:
    v15:i32 = i32.add v1, -4:i32
    v16:i32 = call v15
    v17:i32 = i32.add v1, -5:i32
    v18:i32 = call v17
    v19:i32 = i32.add v16, v18
    br b8(v19)
b8(v20:i32):
    v21:i32 = i32.add v12, v20
    br b9(v21)
b9(v22:i32):
    v23:i32 = i32.add v1, -2:i32
    v24:i32 = i32.ge_s v23, 2:i32
    br_if v24 b10, b15(v23)
b10:
    v25:i32 = i32.add v1, -3:i32
    v26:i32 = i32.ge_s v25, 2:i32
    br_if v26 b11, b12(v25)
b11:
    v27:i32 = i32.add v1, -4:i32
    v28:i32 = call v27
    v29:i32 = i32.add v1, -5:i32
    v30:i32 = call v29
    v31:i32 = i32.add v28, v30
    br b12(v31)
b12(v32:i32):
    v33:i32 = i32.add v1, -4:i32
    v34:i32 = i32.ge_s v33, 2:i32
    br_if v34 b13, b14(v33)
b13:
    v35:i32 = i32.add v1, -5:i32
    v36:i32 = call v35
    v37:i32 = i32.add v1, -6:i32
    v38:i32 = call v37
    v39:i32 = i32.add v36, v38
    br b14(v39)
b14(v40:i32):
    v41:i32 = i32.add v32, v40
    br b15(v41)
b15(v42:i32):
    v43:i32 = i32.add v22, v42
    return v43
