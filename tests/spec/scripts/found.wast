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
