;; memory.fill and memory.copy: small pieces of 16 to 79 bytes, and now and then 64 KiB with an overlap.
(module
  (memory 4)
  (func (export "run") (param $count i32) (result i32)
    (local $i i32) (local $at i32) (local $size i32)
    (loop $next
      (local.set $at
        (i32.and (i32.mul (local.get $i) (i32.const 40503)) (i32.const 0xffff)))
      (local.set $size (i32.add (i32.and (local.get $i) (i32.const 63)) (i32.const 16)))
      (memory.fill (local.get $at) (local.get $i) (local.get $size))
      (memory.copy
        (i32.add (local.get $at) (i32.const 0x10000)) (local.get $at) (local.get $size))
      (if (i32.eqz (i32.and (local.get $i) (i32.const 1023)))
        (then (memory.copy (i32.const 0x14000) (i32.const 0x10000) (i32.const 0x10000))))
      (br_if $next
        (i32.lt_u (local.tee $i (i32.add (local.get $i) (i32.const 1))) (local.get $count))))
    (local.set $size (i32.const 0))
    (local.set $at (i32.const 0))
    (loop $sum
      (local.set $size
        (i32.add (i32.mul (local.get $size) (i32.const 31)) (i32.load (local.get $at))))
      (br_if $sum
        (i32.lt_u (local.tee $at (i32.add (local.get $at) (i32.const 4))) (i32.const 0x30000))))
    (local.get $size)))
