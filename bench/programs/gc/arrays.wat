;; GC, arrays: n times an array of integers is made, filled, reversed in place, copied, and summed up.
(module
  (type $ints (array (mut i32)))
  (func $reverse (param $a (ref $ints))
    (local $i i32) (local $j i32) (local $kept i32)
    (local.set $j (i32.sub (array.len (local.get $a)) (i32.const 1)))
    (loop $swap
      (local.set $kept (array.get $ints (local.get $a) (local.get $i)))
      (array.set $ints (local.get $a) (local.get $i)
        (array.get $ints (local.get $a) (local.get $j)))
      (array.set $ints (local.get $a) (local.get $j) (local.get $kept))
      (local.set $j (i32.sub (local.get $j) (i32.const 1)))
      (br_if $swap
        (i32.lt_s (local.tee $i (i32.add (local.get $i) (i32.const 1))) (local.get $j)))))
  (func (export "run") (param $times i32) (result i32)
    (local $a (ref $ints)) (local $b (ref $ints)) (local $i i32) (local $sum i32)
    (loop $again
      (local.set $a (array.new_default $ints (i32.const 4096)))
      (local.set $i (i32.const 0))
      (loop $fill
        (array.set $ints (local.get $a) (local.get $i) (i32.mul (local.get $i) (local.get $times)))
        (br_if $fill
          (i32.lt_s (local.tee $i (i32.add (local.get $i) (i32.const 1))) (array.len (local.get $a)))))
      (call $reverse (local.get $a))
      (local.set $b (array.new $ints (i32.const 1) (i32.const 4096)))
      (array.copy $ints $ints
        (local.get $b) (i32.const 96) (local.get $a) (i32.const 0) (i32.const 4000))
      (local.set $i (i32.const 0))
      (loop $add
        (local.set $sum
          (i32.add
            (i32.mul (local.get $sum) (i32.const 3))
            (array.get $ints (local.get $b) (local.get $i))))
        (br_if $add
          (i32.lt_s (local.tee $i (i32.add (local.get $i) (i32.const 1))) (array.len (local.get $b)))))
      (br_if $again (local.tee $times (i32.sub (local.get $times) (i32.const 1)))))
    (local.get $sum)))
