;; Modules: imports and exports, instantiation, start functions, and the forms of scripts.

(module $lib
  (func (export "add") (param i32 i32) (result i32) (i32.add (local.get 0) (local.get 1)))
  (global (export "constant") i32 (i32.const 9))
  (global $v (export "variable") (mut i32) (i32.const 1))
  (table (export "table") 2 4 funcref)
  (table (export "table64") i64 2 4 funcref)
  (memory (export "memory") 1 2)
  (memory (export "memory64") i64 1 2)
  (memory (export "small pages") 1 2 (pagesize 1))
  (memory (export "shared") 1 2 shared)
  (tag (export "tag") (param i32))
  (func (export "bump") (result i32)
    (global.set $v (i32.add (global.get $v) (i32.const 1))) (global.get $v))
  (func (export "") (result i32) (i32.const 1))
  (func (export "\u{1F980}") (result i32) (i32.const 2)))
(register "lib" $lib)

(assert_return (invoke $lib "add" (i32.const 2) (i32.const 3)) (i32.const 5))
(assert_return (invoke $lib "") (i32.const 1))
(assert_return (invoke $lib "\u{1f980}") (i32.const 2))
(assert_return (get $lib "constant") (i32.const 9))

(module
  (import "lib" "add" (func $add (param i32 i32) (result i32)))
  (import "lib" "constant" (global $c i32))
  (import "lib" "variable" (global $v (mut i32)))
  (import "lib" "memory" (memory 1))
  (import "lib" "memory64" (memory $wide i64 0 9))
  (import "lib" "table" (table 1 funcref))
  (import "lib" "tag" (tag (param i32)))
  (global $derived i32 (i32.add (global.get $c) (i32.const 1)))
  (func (export "sum") (result i32) (call $add (global.get $v) (global.get $derived)))
  (export "again" (func $add))
  (export "variable" (global $v)))
(assert_return (invoke "sum") (i32.const 11))
(assert_return (invoke $lib "bump") (i32.const 2))
(assert_return (invoke "sum") (i32.const 12))
(assert_return (get "variable") (i32.const 2))
(assert_return (invoke "again" (i32.const 1) (i32.const 1)) (i32.const 2))

;; What does not fit

(assert_unlinkable (module (import "lib" "missing" (func))) "unknown import")
(assert_unlinkable (module (import "nowhere" "add" (func))) "unknown import")
(assert_unlinkable (module (import "lib" "add" (func (param i32)))) "incompatible import type")
(assert_unlinkable (module (import "lib" "add" (memory 1))) "incompatible import type")
(assert_unlinkable (module (import "lib" "memory" (func))) "incompatible import type")
(assert_unlinkable (module (import "lib" "constant" (global i64))) "incompatible import type")
(assert_unlinkable (module (import "lib" "constant" (global (mut i32)))) "incompatible import type")
(assert_unlinkable (module (import "lib" "variable" (global i32))) "incompatible import type")
(assert_unlinkable (module (import "lib" "memory" (memory 2))) "incompatible import type")
(assert_unlinkable (module (import "lib" "memory" (memory 1 1))) "incompatible import type")
(assert_unlinkable (module (import "lib" "memory" (memory i64 1))) "incompatible import type")
(assert_unlinkable (module (import "lib" "memory64" (memory 1))) "incompatible import type")
(assert_unlinkable (module (import "lib" "memory" (memory 1 2 shared))) "incompatible import type")
(assert_unlinkable (module (import "lib" "shared" (memory 1 2))) "incompatible import type")
(assert_unlinkable (module (import "lib" "small pages" (memory 1 2))) "incompatible import type")
(assert_unlinkable (module (import "lib" "table" (table 3 funcref))) "incompatible import type")
(assert_unlinkable (module (import "lib" "table" (table 1 3 funcref))) "incompatible import type")
(assert_unlinkable (module (import "lib" "table" (table 1 externref))) "incompatible import type")
(assert_unlinkable (module (import "lib" "table64" (table 1 funcref))) "incompatible import type")
(assert_unlinkable (module (import "lib" "tag" (tag))) "incompatible import type")
(module
  (import "lib" "shared" (memory 1 2 shared))
  (import "lib" "small pages" (memory 0 2 (pagesize 1)))
  (import "lib" "table64" (table i64 2 9 funcref)))

;; Subtypes: a function of a subtype may be imported, a constant of a supertype may not

(module $subtypes
  (type $a (sub (func)))
  (type $b (sub $a (func)))
  (func (export "b") (type $b))
  (func (export "a") (type $a))
  (global (export "none") (ref null none) (ref.null none)))
(register "subtypes" $subtypes)
(module
  (type $a (sub (func)))
  (import "subtypes" "b" (func (type $a)))
  (import "subtypes" "none" (global anyref)))
(assert_unlinkable
  (module
    (type $a (sub (func)))
    (type $b (sub $a (func)))
    (import "subtypes" "a" (func (type $b))))
  "incompatible import type")
(assert_unlinkable
  (module (import "subtypes" "none" (global (ref none))))
  "incompatible import type")

;; Start functions

(module $started
  (global $g (export "g") (mut i32) (i32.const 0))
  (func $start (global.set $g (i32.const 5)))
  (start $start))
(assert_return (get $started "g") (i32.const 5))
(assert_trap (module (func $start (unreachable)) (start $start)) "unreachable")
(module (import "spectest" "print_i32" (func $print (param i32))) (start $main)
  (func $main (call $print (i32.const 1))))

;; Definitions and their instances

(module definition $counter
  (global $n (mut i32) (i32.const 0))
  (func (export "next") (result i32)
    (global.set $n (i32.add (global.get $n) (i32.const 1))) (global.get $n)))
(module instance $first $counter)
(module instance $second $counter)
(assert_return (invoke $first "next") (i32.const 1))
(assert_return (invoke $first "next") (i32.const 2))
(assert_return (invoke $second "next") (i32.const 1))

;; Modules as bytes and as quoted text

(module binary "\00asm" "\01\00\00\00" "\01\05\01\60\00\01\7f" "\03\02\01\00"
  "\07\05\01\01\66\00\00" "\0a\06\01\04\00\41\2a\0b")
(assert_return (invoke "f") (i32.const 42))
(module quote "(func (export \"f\") (result i32)" "(i32.const 43))")
(assert_return (invoke "f") (i32.const 43))

;; Results that may be one of several

(module
  (func (export "nan") (result f32) (f32.div (f32.const 0) (f32.const 0)))
  (func (export "pair") (result i32 f64) (i32.const 1) (f64.const nan:0x4000000000000))
  (func (export "vector") (result v128) (f32x4.div (v128.const f32x4 0 1 2 3) (v128.const f32x4 0 1 2 3)))
  (func (export "function") (result funcref) (ref.func $f))
  (func $f)
  (elem declare func $f))
(assert_return (invoke "nan") (f32.const nan:canonical))
(assert_return (invoke "nan") (f32.const nan:arithmetic))
(assert_return (invoke "nan") (either (f32.const 0) (f32.const nan:canonical)))
(assert_return (invoke "pair") (i32.const 1) (f64.const nan:0x4000000000000))
(assert_return (invoke "vector") (v128.const f32x4 nan:canonical 1 1 1))
(assert_return (invoke "function") (ref.func))

;; Annotations that are no one's, or custom sections

(module (@anything (goes ";" here)) (@custom "own" "bytes") (func (@name "named") (export "f") nop))
(assert_return (invoke "f"))
(module
  (func (export "hinted") (param i32) (result i32)
    (@metadata.code.branch_hint "\01") (if (result i32) (local.get 0)
      (then (i32.const 1)) (else (i32.const 2)))))
(assert_return (invoke "hinted" (i32.const 0)) (i32.const 2))
