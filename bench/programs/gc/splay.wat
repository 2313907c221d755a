;; GC, pointers that change: keys are inserted into a splay tree and looked up in it, top down (Sleator and Tarjan,
;; "Self-adjusting binary search trees"). Each insertion makes a node and turns many.
(module
  (type $node (struct
    (field $key i32) (field $left (mut (ref null $node))) (field $right (mut (ref null $node)))))
  (global $root (mut (ref null $node)) (ref.null $node))
  ;; Brings the node of that key, or the last one on the way to it, to the root.
  (func $splay (param $key i32)
    (local $t (ref null $node)) (local $y (ref null $node)) (local $head (ref $node))
    (local $l (ref null $node)) (local $r (ref null $node))
    (local.set $t (global.get $root))
    (if (ref.is_null (local.get $t)) (then (return)))
    (local.set $head (struct.new $node (i32.const 0) (ref.null $node) (ref.null $node)))
    (local.set $l (local.get $head))
    (local.set $r (local.get $head))
    (block $found
      (loop $down
        (if (i32.lt_s (local.get $key) (struct.get $node $key (local.get $t)))
          (then
            (local.set $y (struct.get $node $left (local.get $t)))
            (br_if $found (ref.is_null (local.get $y)))
            (if (i32.lt_s (local.get $key) (struct.get $node $key (local.get $y)))
              (then
                (struct.set $node $left (local.get $t) (struct.get $node $right (local.get $y)))
                (struct.set $node $right (local.get $y) (local.get $t))
                (local.set $t (local.get $y))
                (br_if $found (ref.is_null (struct.get $node $left (local.get $t))))))
            (struct.set $node $left (local.get $r) (local.get $t))
            (local.set $r (local.get $t))
            (local.set $t (struct.get $node $left (local.get $t)))
            (br $down)))
        (if (i32.gt_s (local.get $key) (struct.get $node $key (local.get $t)))
          (then
            (local.set $y (struct.get $node $right (local.get $t)))
            (br_if $found (ref.is_null (local.get $y)))
            (if (i32.gt_s (local.get $key) (struct.get $node $key (local.get $y)))
              (then
                (struct.set $node $right (local.get $t) (struct.get $node $left (local.get $y)))
                (struct.set $node $left (local.get $y) (local.get $t))
                (local.set $t (local.get $y))
                (br_if $found (ref.is_null (struct.get $node $right (local.get $t))))))
            (struct.set $node $right (local.get $l) (local.get $t))
            (local.set $l (local.get $t))
            (local.set $t (struct.get $node $right (local.get $t)))
            (br $down)))))
    (struct.set $node $right (local.get $l) (struct.get $node $left (local.get $t)))
    (struct.set $node $left (local.get $r) (struct.get $node $right (local.get $t)))
    (struct.set $node $left (local.get $t) (struct.get $node $right (local.get $head)))
    (struct.set $node $right (local.get $t) (struct.get $node $left (local.get $head)))
    (global.set $root (local.get $t)))
  (func $insert (param $key i32)
    (local $new (ref $node)) (local $t (ref null $node))
    (call $splay (local.get $key))
    (local.set $t (global.get $root))
    (local.set $new (struct.new $node (local.get $key) (ref.null $node) (ref.null $node)))
    (if (i32.eqz (ref.is_null (local.get $t)))
      (then
        (if (i32.eq (local.get $key) (struct.get $node $key (local.get $t))) (then (return)))
        (if (i32.lt_s (local.get $key) (struct.get $node $key (local.get $t)))
          (then
            (struct.set $node $left (local.get $new) (struct.get $node $left (local.get $t)))
            (struct.set $node $right (local.get $new) (local.get $t))
            (struct.set $node $left (local.get $t) (ref.null $node)))
          (else
            (struct.set $node $right (local.get $new) (struct.get $node $right (local.get $t)))
            (struct.set $node $left (local.get $new) (local.get $t))
            (struct.set $node $right (local.get $t) (ref.null $node))))))
    (global.set $root (local.get $new)))
  (func (export "run") (param $count i32) (result i32)
    (local $state i32) (local $sum i32)
    (global.set $root (ref.null $node))
    (local.set $state (i32.const 1))
    (loop $next
      (local.set $state
        (i32.add (i32.mul (local.get $state) (i32.const 1103515245)) (i32.const 12345)))
      (call $insert (i32.and (i32.shr_u (local.get $state) (i32.const 8)) (i32.const 0xffff)))
      (call $splay (i32.and (i32.shr_u (local.get $state) (i32.const 15)) (i32.const 0xffff)))
      (local.set $sum
        (i32.add
          (i32.mul (local.get $sum) (i32.const 31))
          (struct.get $node $key (global.get $root))))
      (br_if $next (local.tee $count (i32.sub (local.get $count) (i32.const 1)))))
    (local.get $sum)))
