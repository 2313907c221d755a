;; GC, allocation: a linked list of structures is built and summed up, n times; the last one goes as the next comes.
(module
  (type $node (struct (field $value i32) (field $next (ref null $node))))
  (func $build (param $length i32) (result (ref null $node))
    (local $list (ref null $node))
    (loop $more
      (local.set $list (struct.new $node (local.get $length) (local.get $list)))
      (br_if $more (local.tee $length (i32.sub (local.get $length) (i32.const 1)))))
    (local.get $list))
  (func $sum (param $list (ref null $node)) (result i32)
    (local $total i32)
    (block $end
      (loop $next
        (br_if $end (ref.is_null (local.get $list)))
        (local.set $total
          (i32.xor
            (i32.mul (local.get $total) (i32.const 3))
            (struct.get $node $value (local.get $list))))
        (local.set $list (struct.get $node $next (local.get $list)))
        (br $next)))
    (local.get $total))
  (func (export "run") (param $times i32) (result i32)
    (local $total i32)
    (loop $again
      (local.set $total
        (i32.add
          (i32.mul (local.get $total) (i32.const 31))
          (call $sum (call $build (i32.add (i32.const 1000) (i32.and (local.get $times) (i32.const 7)))))))
      (br_if $again (local.tee $times (i32.sub (local.get $times) (i32.const 1)))))
    (local.get $total)))
