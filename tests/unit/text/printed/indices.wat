;; fold no-names
(module
  (type (;0;) (func (param i32) (result i32)))
  (rec
    (type (;1;) (sub (struct (field (mut i8)) (field f64))))
    (type (;2;) (sub final 1 (struct (field (mut i8)) (field f64)))))
  (type (;3;) (func (param i32)))
  (type (;4;) (func))
  (type (;5;) (func (param i32 i64) (result i32)))
  (type (;6;) (func (param (ref 1)) (result f64)))
  (import "env" "log" (func (;0;) (type 3) (param i32)))
  (import "env" "memory" (memory (;0;) 1))
  (table (;0;) 3 (ref null 0))
  (table (;1;) i64 1 funcref (ref.null func))
  (memory (;1;) 1 2 shared)
  (tag (;0;) (type 3) (param i32))
  (global (;0;) (mut i64) (i64.const -5))
  (global (;1;) i32 (i32.add (i32.const 1) (i32.const 2)))
  (export "mem" (memory 1))
  (export "f" (func 2))
  (start 1)
  (elem (;0;) func 2 3)
  (elem (;1;) (table 0) (i32.const 1) (ref null 0) (ref.null 0) (ref.null 0))
  (elem (;2;) declare func 4)
  (func (;1;) (type 4))
  (func (;2;) (type 5) (param i32 i64) (result i32)
    (local f32 i32 i32)
    (block
      (loop
        (br_if 0 (i32.lt_s (local.get 0) (i32.const 10)))
        (br 1)))
    (if (result i32)
      (i32.eqz (local.get 0))
      (then
        (i32.const 1))
      (else
        (call 0 (i32.const 2))
        (drop (f32.const 1.1))
        (i32.load offset=4 (i32.const 0))))
    (drop
      (block (result i32)
        (try_table (catch 0 0)
          (throw 0 (i32.const 3)))
        (unreachable)))
    (drop)
    (i32.const 7)
    (drop (v128.const i32x4 0x1 0x2 0x3 0xfffffffc))
  )
  (func (;3;) (type 6) (param (ref 1)) (result f64)
    (f64.add
      (f64.promote_f32 (f32.mul (f32.const 1.1754944e-38) (f32.const nan:0x1)))
      (struct.get 1 1 (local.get 0)))
    (i32.store
      (i32.add
        (local.get 0)
        (i32.add
          (i32.mul (local.get 0) (i32.const 100000))
          (i32.add (i32.const 1) (i32.const 22222))))
      (i32.const 0))
  )
  (func (;4;) (type 3) (param i32)
    (@metadata.code.branch_hint "\01") (if
      (local.get 0)
      (then
        (nop))
      (else
        (try
          (do
            (br 0))
          (catch 0
            (drop)
            (rethrow 0))
          (catch_all))))
    (br_table 0 0 0 (local.get 0))
  )
  (func (;5;) (type 4))
  (data (;0;) "hello\00")
  (data (;1;) (i32.const 16)
    "\e2\82\ac the quick brown fox jumps over the lazy dog, and then does i"
    "t once more for good measure")
  (@custom "x" (after type) "yy")
  (@custom "name" (after data)
    "\00\02\01m\01\1c\06\00\03log\01\05start\02\01f\03\01g\04\01f\05\04a b\09\02\0e\02\00\01\00\01x\02\02\00\01p\02\01q\03\18\02\02\03\00\03out\01\01l\03"
    "\06caught\04\01\01\01l\04\0a\03\00\01t\01\01s\02\01u\05\08\01\00\05table\06\09\01\00\06memory\07\04\01\00\01g\08\04\01\00\01e\09\04\01\01\01d\0a"
    "\06\01\01\01\00\01a\0b\04\01\00\01e")
  (@custom "producers" (after data) "\00")
)
