;; Bytes of memory in strides: how many primes lie below a limit, found so many times.
(module
  (memory 1)
  (func (export "run") (param $limit i32) (param $times i32) (result i32)
    (local $pages i32) (local $i i32) (local $j i32) (local $count i32)
    (local.set $pages (i32.add (i32.shr_u (local.get $limit) (i32.const 16)) (i32.const 1)))
    (if (i32.gt_u (local.get $pages) (memory.size))
      (then (drop (memory.grow (i32.sub (local.get $pages) (memory.size))))))
    (loop $again
      (local.set $i (i32.const 0))
      (loop $clear
        (i32.store8 (local.get $i) (i32.const 0))
        (br_if $clear
          (i32.lt_u (local.tee $i (i32.add (local.get $i) (i32.const 1))) (local.get $limit))))
      (local.set $count (i32.const 0))
      (local.set $i (i32.const 2))
      (loop $candidates
        (if (i32.eqz (i32.load8_u (local.get $i)))
          (then
            (local.set $count (i32.add (local.get $count) (i32.const 1)))
            (local.set $j (i32.add (local.get $i) (local.get $i)))
            (block $marked
              (loop $mark
                (br_if $marked (i32.ge_u (local.get $j) (local.get $limit)))
                (i32.store8 (local.get $j) (i32.const 1))
                (local.set $j (i32.add (local.get $j) (local.get $i)))
                (br $mark)))))
        (br_if $candidates
          (i32.lt_u (local.tee $i (i32.add (local.get $i) (i32.const 1))) (local.get $limit))))
      (br_if $again (local.tee $times (i32.sub (local.get $times) (i32.const 1)))))
    (local.get $count)))
