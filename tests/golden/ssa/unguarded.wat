;; A memory without guard: bounds are checked, but not of addresses below its smallest size.
;; run: 0 optimize
(module
  (memory 1)
  (func (param i32) (result i32)
    (i32.store offset=8 (local.get 0) (i32.load offset=4 (local.get 0)))
    (i32.add (i32.load (i32.const 65532)) (i32.load (i32.const 65533)))))
;; ----
b1:
    v1:i32 = arg 0
    v2:i64 = memory.bytes
    check_bounds v1, v2 imm=8 fits
    v3:i32 = i32.load v1 imm=4 checked
    check_bounds v1, v2 imm=12 fits
    i32.store v1, v3 imm=8 checked
    v4:i32 = i32.load 65532:i32 checked
    check_bounds 65533:i32, v2 imm=4 fits
    v5:i32 = i32.load 65533:i32 checked
    v6:i32 = i32.add v4, v5
    return v6
