;; 64-bit integers and a branch that nobody can foresee: which start below a limit has the longest Collatz chain.
(module
  (func $length (param $n i64) (result i32)
    (local $steps i32)
    (block $done
      (loop $next
        (br_if $done (i64.eq (local.get $n) (i64.const 1)))
        (local.set $steps (i32.add (local.get $steps) (i32.const 1)))
        (if (i64.eqz (i64.and (local.get $n) (i64.const 1)))
          (then (local.set $n (i64.shr_u (local.get $n) (i64.const 1))))
          (else (local.set $n (i64.add (i64.mul (local.get $n) (i64.const 3)) (i64.const 1)))))
        (br $next)))
    (local.get $steps))
  (func (export "run") (param $limit i32) (result i32)
    (local $start i32) (local $steps i32) (local $longest i32) (local $winner i32)
    (local.set $start (i32.const 1))
    (loop $starts
      (local.set $steps (call $length (i64.extend_i32_u (local.get $start))))
      (if (i32.gt_u (local.get $steps) (local.get $longest))
        (then
          (local.set $longest (local.get $steps))
          (local.set $winner (local.get $start))))
      (br_if $starts
        (i32.lt_u (local.tee $start (i32.add (local.get $start) (i32.const 1))) (local.get $limit))))
    (local.get $winner)))
