;; GC, recursion: binary trees of some depths are built bottom up and counted, while one long-lived tree stays.
(module
  (type $tree (struct (field $left (ref null $tree)) (field $right (ref null $tree))))
  (func $build (param $depth i32) (result (ref $tree))
    (if (result (ref $tree)) (i32.eqz (local.get $depth))
      (then (struct.new $tree (ref.null $tree) (ref.null $tree)))
      (else
        (struct.new $tree
          (call $build (i32.sub (local.get $depth) (i32.const 1)))
          (call $build (i32.sub (local.get $depth) (i32.const 1)))))))
  (func $count (param $tree (ref null $tree)) (result i32)
    (if (result i32) (ref.is_null (local.get $tree))
      (then (i32.const 0))
      (else
        (i32.add
          (i32.const 1)
          (i32.add
            (call $count (struct.get $tree $left (local.get $tree)))
            (call $count (struct.get $tree $right (local.get $tree))))))))
  (func (export "run") (param $most i32) (result i32)
    (local $long (ref null $tree)) (local $depth i32) (local $times i32) (local $total i32)
    (local.set $long (call $build (local.get $most)))
    (local.set $depth (i32.const 4))
    (loop $depths
      (local.set $times
        (i32.shl (i32.const 1) (i32.sub (local.get $most) (local.get $depth))))
      (loop $again
        (local.set $total
          (i32.add (local.get $total) (call $count (call $build (local.get $depth)))))
        (br_if $again (local.tee $times (i32.sub (local.get $times) (i32.const 1)))))
      (br_if $depths
        (i32.le_s (local.tee $depth (i32.add (local.get $depth) (i32.const 4))) (local.get $most))))
    (i32.add (local.get $total) (call $count (local.get $long)))))
