;; Dispatch through a table: which of eight small functions is called, a pseudo-random sequence decides.
(module
  (type $operation (func (param i32 i32) (result i32)))
  (table funcref (elem $add $sub $mul $xor $or $and $rotl $swap))
  (func $add (type $operation) (i32.add (local.get 0) (local.get 1)))
  (func $sub (type $operation) (i32.sub (local.get 0) (local.get 1)))
  (func $mul (type $operation) (i32.mul (local.get 0) (i32.or (local.get 1) (i32.const 1))))
  (func $xor (type $operation) (i32.xor (local.get 0) (local.get 1)))
  (func $or (type $operation) (i32.or (local.get 0) (local.get 1)))
  (func $and (type $operation) (i32.and (local.get 0) (i32.or (local.get 1) (i32.const 0x55555555))))
  (func $rotl (type $operation) (i32.rotl (local.get 0) (local.get 1)))
  (func $swap (type $operation) (i32.sub (local.get 1) (local.get 0)))
  (func (export "run") (param $count i32) (result i32)
    (local $state i32) (local $value i32)
    (local.set $state (i32.const 12345))
    (loop $next
      (local.set $state
        (i32.add (i32.mul (local.get $state) (i32.const 1664525)) (i32.const 1013904223)))
      (local.set $value
        (call_indirect (type $operation)
          (local.get $value)
          (local.get $state)
          (i32.shr_u (local.get $state) (i32.const 29))))
      (br_if $next (local.tee $count (i32.sub (local.get $count) (i32.const 1)))))
    (local.get $value)))
