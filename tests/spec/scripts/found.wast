;; What the compiler once got wrong, found by holding engines against one another.

;; The first of two results unused, the second used.
(module
  (global $high (mut i64) (i64.const 0))
  (func (export "high") (param i64 i64) (result i64)
    (global.set $high (i64.mul_wide_u (local.get 0) (local.get 1)))
    (drop)
    (global.get $high)))
(assert_return (invoke "high" (i64.const 0) (i64.const 0)) (i64.const 0))
(assert_return (invoke "high" (i64.const -1) (i64.const 3)) (i64.const 2))

;; The second of three results of an inlined call unused.
(module
  (func $three (param i32) (result i32 i32 i32)
    (i32.add (local.get 0) (i32.const 1)) (i32.add (local.get 0) (i32.const 2)) (i32.add (local.get 0) (i32.const 3)))
  (func (export "outer") (param i32) (result i32) (local $third i32)
    (call $three (local.get 0))
    (local.set $third)
    (drop)
    (i32.mul (i32.const 100))
    (i32.add (local.get $third))))
(assert_return (invoke "outer" (i32.const 4)) (i32.const 507))

;; Tail calls of a function that becomes native code at its second call.
(module
  (type $f (func (param i32 i64) (result i64)))
  (table funcref (elem $callee))
  (elem declare func $callee)
  (func $callee (type $f) (i64.add (i64.extend_i32_u (local.get 0)) (local.get 1)))
  (func (export "direct") (param i64) (result i64) (local i64 i64)
    (return_call $callee (i32.const 3) (local.get 0)))
  (func (export "indirect") (param i64) (result i64) (local i64 i64)
    (return_call_indirect (type $f) (i32.const 4) (local.get 0) (i32.const 0)))
  (func (export "reference") (param i64) (result i64) (local i64 i64)
    (return_call_ref $f (i32.const 5) (local.get 0) (ref.func $callee))))
(assert_return (invoke "reference" (i64.const 10)) (i64.const 15))
(assert_return (invoke "direct" (i64.const 20)) (i64.const 23))
(assert_return (invoke "indirect" (i64.const 30)) (i64.const 34))
(assert_return (invoke "reference" (i64.const 40)) (i64.const 45))

;; A load that traps, before a write to a global, its value used behind.
(module
  (memory 1)
  (global $g (mut i32) (i32.const 1))
  (func (export "xor") (param i32) (result i32) (local i32)
    (local.set 1 (i32.load (local.get 0)))
    (global.set $g (i32.const 2))
    (i32.xor (local.get 0) (local.get 1)))
  (func (export "get") (result i32) (global.get $g)))
(assert_trap (invoke "xor" (i32.const 65536)) "out of bounds memory access")
(assert_return (invoke "get") (i32.const 1))
(assert_return (invoke "xor" (i32.const 65532)) (i32.const 65532))
(assert_return (invoke "get") (i32.const 2))
