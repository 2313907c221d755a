;; Recursion over bit masks: in how many ways n queens stand on a board, counted so many times.
(module
  (func $place (param $free i32) (param $columns i32) (param $left i32) (param $right i32) (result i32)
    (local $open i32) (local $queen i32) (local $ways i32)
    (if (i32.eq (local.get $columns) (local.get $free)) (then (return (i32.const 1))))
    (local.set $open
      (i32.and
        (local.get $free)
        (i32.xor
          (i32.or (local.get $columns) (i32.or (local.get $left) (local.get $right)))
          (i32.const -1))))
    (block $done
      (loop $next
        (br_if $done (i32.eqz (local.get $open)))
        (local.set $queen (i32.and (local.get $open) (i32.sub (i32.const 0) (local.get $open))))
        (local.set $open (i32.xor (local.get $open) (local.get $queen)))
        (local.set $ways
          (i32.add
            (local.get $ways)
            (call $place
              (local.get $free)
              (i32.or (local.get $columns) (local.get $queen))
              (i32.shl (i32.or (local.get $left) (local.get $queen)) (i32.const 1))
              (i32.shr_u (i32.or (local.get $right) (local.get $queen)) (i32.const 1)))))
        (br $next)))
    (local.get $ways))
  (func (export "run") (param $n i32) (param $times i32) (result i32)
    (local $total i32) (local $board i32)
    (local.set $board (i32.sub (i32.shl (i32.const 1) (local.get $n)) (i32.const 1)))
    (loop $again
      (local.set $total
        (i32.add
          (local.get $total)
          (call $place (local.get $board) (i32.const 0) (i32.const 0) (i32.const 0))))
      (br_if $again (local.tee $times (i32.sub (local.get $times) (i32.const 1)))))
    (local.get $total)))
