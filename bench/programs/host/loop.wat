;; Calls a function of the host n times.
(module
  (import "env" "f" (func $f (param i32) (result i32)))
  (func (export "loop") (param $n i32)
    (loop $next
      (drop (call $f (local.get $n)))
      (br_if $next (local.tee $n (i32.sub (local.get $n) (i32.const 1)))))))
