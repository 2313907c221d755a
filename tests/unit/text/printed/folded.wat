;; fold
(module $m
  (type $t (;0;) (func (param i32) (result i32)))
  (rec
    (type $s (;1;) (sub (struct (field $a (mut i8)) (field f64))))
    (type $u (;2;) (sub final $s (struct (field (mut i8)) (field f64)))))
  (type (;3;) (func (param i32)))
  (type (;4;) (func))
  (type (;5;) (func (param i32 i64) (result i32)))
  (type (;6;) (func (param (ref $s)) (result f64)))
  (import "env" "log" (func $log (;0;) (type 3) (param $x i32)))
  (import "env" "memory" (memory $memory (;0;) 1))
  (table $table (;0;) 3 (ref null $t))
  (table (;1;) i64 1 funcref (ref.null func))
  (memory (;1;) 1 2 shared)
  (tag $e (;0;) (type 3) (param i32))
  (global $g (;0;) (mut i64) (i64.const -5))
  (global (;1;) i32 (i32.add (i32.const 1) (i32.const 2)))
  (export "mem" (memory 1))
  (export "f" (func $f))
  (start $start)
  (elem $e (;0;) func $f $g)
  (elem (;1;) (table $table) (i32.const 1) (ref null $t) (ref.null $t) (ref.null $t))
  (elem (;2;) declare func $f.1)
  (func $start (;1;) (type 4))
  (func $f (;2;) (type 5) (param $p i32) (param i64) (result i32)
    (local $q f32) (local i32 i32)
    (block $out
      (loop $l
        (br_if $l (i32.lt_s (local.get $p) (i32.const 10)))
        (br $out)))
    (if (result i32)
      (i32.eqz (local.get $p))
      (then
        (i32.const 1))
      (else
        (call $log (i32.const 2))
        (drop (f32.const 1.1))
        (i32.load offset=4 (i32.const 0))))
    (drop
      (block $caught (result i32)
        (try_table (catch $e $caught)
          (throw $e (i32.const 3)))
        (unreachable)))
    (drop)
    (i32.const 7)
    (drop (v128.const i32x4 0x1 0x2 0x3 0xfffffffc))
  )
  (func $g (;3;) (type 6) (param (ref $s)) (result f64)
    (f64.add
      (f64.promote_f32 (f32.mul (f32.const 1.1754944e-38) (f32.const nan:0x1)))
      (struct.get $s 1 (local.get 0)))
    (i32.store
      (i32.add
        (local.get 0)
        (i32.add
          (i32.mul (local.get 0) (i32.const 100000))
          (i32.add (i32.const 1) (i32.const 22222))))
      (i32.const 0))
  )
  (func $f.1 (@name "f") (;4;) (type 3) (param i32)
    (@metadata.code.branch_hint "\01") (if
      (local.get 0)
      (then
        (nop))
      (else
        (try $l
          (do
            (br $l))
          (catch $e
            (drop)
            (rethrow $l))
          (catch_all))))
    (br_table 0 0 0 (local.get 0))
  )
  (func $"a b\u{9}" (;5;) (type 4))
  (data (;0;) "hello\00")
  (data $d (;1;) (i32.const 16)
    "\e2\82\ac the quick brown fox jumps over the lazy dog, and then does i"
    "t once more for good measure")
  (@custom "x" (after type) "yy")
  (@custom "producers" "\00")
)
