;; Structured control: blocks, loops, conditionals, branches (core specification, section 4.6.11).

(module
  (func (export "nop") (result i32) nop (i32.const 1) nop)
  (func (export "unreachable") (result i32) unreachable)
  (func (export "unreachable value") (result i32) (i32.add (i32.const 1) (unreachable)))

  ;; Blocks with values, parameters and several results
  (func (export "block value") (result i32) (block (result i32) (i32.const 7)))
  (func (export "block params") (param i32) (result i32)
    local.get 0 i32.const 3
    block (param i32 i32) (result i32) i32.sub end)
  (func (export "block results") (param i32) (result i32 i64)
    (block (result i32 i64) (local.get 0) (i64.extend_i32_s (local.get 0))))
  (func (export "break with value") (param i32) (result i32)
    (block $out (result i32)
      (drop (br_if $out (i32.const 10) (i32.eqz (local.get 0))))
      (i32.const 20)))
  (func (export "break drops what is below") (result i32)
    (block (result i32)
      i32.const 1 i32.const 2 i32.const 3 br 0))
  (func (export "break out of three") (param i32) (result i32)
    (local $r i32)
    (block $a
      (block $b
        (block $c
          (br_table $c $b $a (local.get 0)))
        (local.set $r (i32.or (local.get $r) (i32.const 1))))
      (local.set $r (i32.or (local.get $r) (i32.const 2))))
    (i32.or (local.get $r) (i32.const 4)))

  ;; Loops
  (func (export "sum") (param $n i64) (result i64)
    (local $s i64)
    (loop $next
      (local.set $s (i64.add (local.get $s) (local.get $n)))
      (local.set $n (i64.sub (local.get $n) (i64.const 1)))
      (br_if $next (i64.gt_s (local.get $n) (i64.const 0))))
    (local.get $s))
  (func (export "loop that does not repeat") (result i32) (loop (result i32) (i32.const 5)))
  (func (export "loop params") (param i32) (result i32)
    i32.const 0 local.get 0
    loop $l (param i32 i32) (result i32)
      local.set 0
      local.get 0 i32.add
      local.get 0 i32.const 1 i32.sub
      local.tee 0
      local.get 0
      br_if $l
      drop
    end)
  (func (export "nested loops") (param $n i32) (result i32)
    (local $i i32) (local $j i32) (local $count i32)
    (loop $outer
      (local.set $j (i32.const 0))
      (loop $inner
        (local.set $count (i32.add (local.get $count) (i32.const 1)))
        (local.set $j (i32.add (local.get $j) (i32.const 1)))
        (br_if $inner (i32.lt_u (local.get $j) (local.get $n))))
      (local.set $i (i32.add (local.get $i) (i32.const 1)))
      (br_if $outer (i32.lt_u (local.get $i) (local.get $n))))
    (local.get $count))

  ;; Conditionals
  (func (export "if") (param i32) (result i32)
    (if (local.get 0) (then (return (i32.const 1))))
    (i32.const 0))
  (func (export "if else") (param i32) (result i32)
    (if (result i32) (local.get 0) (then (i32.const 3)) (else (i32.const 4))))
  (func (export "if with param") (param i32) (result i32)
    i32.const 100 local.get 0
    if (param i32) (result i32) i32.const 1 i32.add else i32.const 2 i32.sub end)
  (func (export "if without else keeps its param") (param i32) (result i32)
    i32.const 6 local.get 0
    if (param i32) (result i32) i32.const 2 i32.mul end)
  (func (export "branch out of if") (param i32) (result i32)
    (block (result i32)
      (if (local.get 0) (then (br 1 (i32.const 8))))
      (i32.const 9)))

  ;; br_table
  (func (export "switch") (param i32) (result i32)
    (block $default
      (block $two (block $one (block $zero
        (br_table $zero $one $two $one $default (local.get 0)))
        (return (i32.const 100)))
        (return (i32.const 101)))
      (return (i32.const 102)))
    (i32.const 199))
  (func (export "switch with value") (param i32) (result i32)
    (block $a (result i32)
      (i32.add (i32.const 1)
        (block $b (result i32)
          (br_table $a $b (i32.const 40) (local.get 0))))))
  (func (export "switch of the default alone") (param i32) (result i32)
    (block (result i32) (br_table 0 (i32.const 3) (local.get 0))))
  (func (export "switch back") (param i32) (result i32)
    (local $n i32)
    (block $out
      (loop $again
        (local.set $n (i32.add (local.get $n) (i32.const 1)))
        (br_table $out $again (i32.lt_u (local.get $n) (local.get 0)))))
    (local.get $n))

  ;; return
  (func (export "return") (param i32) (result i32)
    (block (loop (if (local.get 0) (then (return (i32.const 11))))))
    (i32.const 12))
  (func (export "return several") (result i32 f64)
    i32.const 9 i32.const 1 f64.const 2.5 return)

  ;; Code that never runs is typed, not executed
  (func (export "dead code") (result i32)
    (return (i32.const 2))
    (drop (i32.div_u (i32.const 1) (i32.const 0)))
    (i64.store (i32.const 0) (i64.const 0)))
  (memory 1)
  (func (export "polymorphic") (result i32)
    (block (result i32) (br 0 (i32.const 6)) (i32.add) (select) (drop)))

  ;; select and drop
  (func (export "select i32") (param i32) (result i32)
    (select (i32.const 1) (i32.const 2) (local.get 0)))
  (func (export "select f64") (param i32) (result f64)
    (select (f64.const 1) (f64.const nan) (local.get 0)))
  (func (export "select v128") (param i32) (result i64)
    (i64x2.extract_lane 1
      (select (v128.const i64x2 1 2) (v128.const i64x2 3 4) (local.get 0))))
  (func (export "select reference") (param i32) (result i32)
    (ref.is_null
      (select (result funcref) (ref.null func) (ref.func $f) (local.get 0))))
  (func (export "select typed number") (param i32) (result i64)
    (select (result i64) (i64.const 1) (i64.const 2) (local.get 0)))
  (func $f)
  (elem declare func $f)
  (func (export "select evaluates both") (result i32)
    (drop (select (call $count) (call $count) (i32.const 1)))
    (global.get $counter))
  (global $counter (mut i32) (i32.const 0))
  (func $count (result i32)
    (global.set $counter (i32.add (global.get $counter) (i32.const 1)))
    (global.get $counter))
)

(assert_return (invoke "nop") (i32.const 1))
(assert_trap (invoke "unreachable") "unreachable")
(assert_trap (invoke "unreachable value") "unreachable")
(assert_return (invoke "block value") (i32.const 7))
(assert_return (invoke "block params" (i32.const 10)) (i32.const 7))
(assert_return (invoke "block results" (i32.const -3)) (i32.const -3) (i64.const -3))
(assert_return (invoke "break with value" (i32.const 0)) (i32.const 10))
(assert_return (invoke "break with value" (i32.const 1)) (i32.const 20))
(assert_return (invoke "break drops what is below") (i32.const 3))
(assert_return (invoke "break out of three" (i32.const 0)) (i32.const 7))
(assert_return (invoke "break out of three" (i32.const 1)) (i32.const 6))
(assert_return (invoke "break out of three" (i32.const 2)) (i32.const 4))
(assert_return (invoke "break out of three" (i32.const -1)) (i32.const 4))
(assert_return (invoke "sum" (i64.const 10)) (i64.const 55))
(assert_return (invoke "sum" (i64.const 100000)) (i64.const 5000050000))
(assert_return (invoke "loop that does not repeat") (i32.const 5))
(assert_return (invoke "loop params" (i32.const 4)) (i32.const 10))
(assert_return (invoke "nested loops" (i32.const 12)) (i32.const 144))
(assert_return (invoke "if" (i32.const 0)) (i32.const 0))
(assert_return (invoke "if" (i32.const -1)) (i32.const 1))
(assert_return (invoke "if else" (i32.const 0)) (i32.const 4))
(assert_return (invoke "if else" (i32.const 0x80000000)) (i32.const 3))
(assert_return (invoke "if with param" (i32.const 1)) (i32.const 101))
(assert_return (invoke "if with param" (i32.const 0)) (i32.const 98))
(assert_return (invoke "if without else keeps its param" (i32.const 1)) (i32.const 12))
(assert_return (invoke "if without else keeps its param" (i32.const 0)) (i32.const 6))
(assert_return (invoke "branch out of if" (i32.const 1)) (i32.const 8))
(assert_return (invoke "branch out of if" (i32.const 0)) (i32.const 9))
(assert_return (invoke "switch" (i32.const 0)) (i32.const 100))
(assert_return (invoke "switch" (i32.const 1)) (i32.const 101))
(assert_return (invoke "switch" (i32.const 2)) (i32.const 102))
(assert_return (invoke "switch" (i32.const 3)) (i32.const 101))
(assert_return (invoke "switch" (i32.const 4)) (i32.const 199))
(assert_return (invoke "switch" (i32.const -1)) (i32.const 199))
(assert_return (invoke "switch with value" (i32.const 0)) (i32.const 40))
(assert_return (invoke "switch with value" (i32.const 1)) (i32.const 41))
(assert_return (invoke "switch with value" (i32.const 0x80000000)) (i32.const 41))
(assert_return (invoke "switch of the default alone" (i32.const 5)) (i32.const 3))
(assert_return (invoke "switch back" (i32.const 5)) (i32.const 5))
(assert_return (invoke "return" (i32.const 1)) (i32.const 11))
(assert_return (invoke "return" (i32.const 0)) (i32.const 12))
(assert_return (invoke "return several") (i32.const 1) (f64.const 2.5))
(assert_return (invoke "dead code") (i32.const 2))
(assert_return (invoke "polymorphic") (i32.const 6))
(assert_return (invoke "select i32" (i32.const 1)) (i32.const 1))
(assert_return (invoke "select i32" (i32.const 0)) (i32.const 2))
(assert_return (invoke "select f64" (i32.const 1)) (f64.const 1))
(assert_return (invoke "select f64" (i32.const 0)) (f64.const nan:canonical))
(assert_return (invoke "select v128" (i32.const 1)) (i64.const 2))
(assert_return (invoke "select v128" (i32.const 0)) (i64.const 4))
(assert_return (invoke "select reference" (i32.const 1)) (i32.const 1))
(assert_return (invoke "select reference" (i32.const 0)) (i32.const 0))
(assert_return (invoke "select typed number" (i32.const 0)) (i64.const 2))
(assert_return (invoke "select evaluates both") (i32.const 2))
