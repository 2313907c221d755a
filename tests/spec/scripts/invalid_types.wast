;; Rules of types and modules that a module must obey (core specification, sections 3.2 and 3.5).

;; Type indices

(assert_invalid (module (func (type 1))) "unknown type")
(assert_invalid (module (type (func (param (ref 1))))) "unknown type 1")
(assert_invalid (module (type (struct (field (ref null 2))))) "unknown type 2")
(assert_invalid (module (type (array (ref 9)))) "unknown type 9")
(assert_invalid (module (rec (type (func (param (ref 1)))) (type (func (param (ref 2)))))) "unknown type 2")
(assert_invalid (module (import "m" "f" (func (type 0)))) "unknown type 0")
(assert_invalid (module (tag (type 0))) "unknown type 0")
(assert_invalid (module (table 1 (ref null 0))) "unknown type 0")
(assert_invalid (module (global (ref null 3) (ref.null none))) "unknown type 3")
(assert_invalid (module (func (local (ref null 1)))) "unknown type 1")
(assert_invalid (module (func (block (type 4)))) "unknown type 4")
(assert_invalid (module (func (drop (ref.null 5)))) "unknown type 5")
(assert_invalid (module (table 1 funcref) (func (call_indirect (type 7) (i32.const 0)))) "unknown type 7")
(assert_invalid (module (func unreachable (select (result (ref null 8))) drop)) "unknown type 8")
(assert_invalid (module (func (drop (struct.new_default 2)))) "unknown type 2")

;; Kinds of types

(assert_invalid (module (type (struct)) (func (type 0))) "non-function type 0")
(assert_invalid (module (type (array i8)) (import "m" "f" (func (type 0)))) "non-function type 0")
(assert_invalid (module (type (struct)) (tag (type 0))) "non-function type 0")
(assert_invalid (module (type (struct)) (func (block (type 0)))) "type mismatch")
(assert_invalid (module (type (struct)) (func (call_ref 0 (ref.null 0)))) "type mismatch")
(assert_invalid (module (type (func)) (func (drop (struct.new_default 0)))) "type mismatch")
(assert_invalid (module (type (array i8)) (func (drop (struct.get 0 0 (ref.null 0))))) "type mismatch")
(assert_invalid (module (type (struct)) (func (drop (array.new_default 0 (i32.const 1))))) "type mismatch")

;; Subtypes

(assert_invalid (module (type $a (func)) (type (sub $a (func)))) "sub type 1 does not match super type")
(assert_invalid
  (module (type $a (sub (func))) (type (sub $a (func (param i32)))))
  "sub type 1 does not match super type")
(assert_invalid
  (module (type $a (sub (struct (field i32)))) (type (sub $a (struct))))
  "sub type 1 does not match super type")
(assert_invalid
  (module (type $a (sub (struct (field i32)))) (type (sub $a (struct (field i64)))))
  "sub type 1 does not match super type")
(assert_invalid
  (module (type $a (sub (struct (field (mut anyref))))) (type (sub $a (struct (field (mut eqref))))))
  "sub type 1 does not match super type")
(assert_invalid
  (module (type $a (sub (struct (field (mut i32))))) (type (sub $a (struct (field i32)))))
  "sub type 1 does not match super type")
(assert_invalid
  (module (type $a (sub (array i8))) (type (sub $a (struct))))
  "sub type 1 does not match super type")
(assert_invalid (module (type (sub 0 (func)))) "unknown type 0")
(assert_invalid (module (type (sub 1 (func))) (type (sub (func)))) "unknown type 1")
(module
  (type $a (sub (struct (field anyref))))
  (type $b (sub $a (struct (field eqref) (field i32))))
  (type (sub final $b (struct (field i31ref) (field i32)))))
(module
  (type $a (sub (func (param eqref) (result anyref))))
  (type (sub $a (func (param anyref) (result eqref)))))

;; Limits

(assert_invalid (module (memory 2 1)) "size minimum must not be greater than maximum")
(assert_invalid (module (memory 65537)) "memory size must be at most 65536 pages (4GiB)")
(assert_invalid (module (memory 0 65537)) "memory size must be at most 65536 pages (4GiB)")
(assert_invalid (module (memory i64 0x1_0000_0000_0001)) "memory size must be at most")
(assert_invalid (module (memory 0x1_0000_0000 (pagesize 1))) "memory size must be at most")
(assert_invalid (module (memory i64 1 0)) "size minimum must not be greater than maximum")
(assert_invalid (module (memory 1 shared)) "shared memory must have maximum")
(assert_invalid (module (memory 1 (pagesize 2))) "invalid custom page size")
(assert_invalid (module (memory 1 (pagesize 131072))) "invalid custom page size")
(assert_invalid (module (table 2 1 funcref)) "size minimum must not be greater than maximum")
(assert_invalid (module (table 0x1_0000_0000 funcref)) "table size must be at most 2^32-1")
(assert_invalid (module (import "m" "t" (table 0 0x1_0000_0000 funcref))) "table size must be at most 2^32-1")
(module (table i64 0 0xffff_ffff_ffff_ffff funcref) (memory i64 0 0x1_0000_0000_0000))

;; Definitions

(assert_invalid (module (table 1 (ref func))) "type mismatch")
(assert_invalid (module (table 1 funcref (i32.const 0))) "type mismatch")
(assert_invalid (module (table 1 funcref (ref.null extern))) "type mismatch")
(assert_invalid (module (global i32 (i64.const 0))) "type mismatch")
(assert_invalid (module (global i32)) "type mismatch")
(assert_invalid (module (global i32 (i32.const 0) (i32.const 1))) "type mismatch")
(assert_invalid (module (global i32 (nop) (i32.const 0))) "constant expression required")
(assert_invalid (module (global i32 (i32.ctz (i32.const 0)))) "constant expression required")
(assert_invalid (module (global i32 (i32.div_u (i32.const 1) (i32.const 1)))) "constant expression required")
(assert_invalid
  (module (global $g (mut i32) (i32.const 0)) (global i32 (global.get $g)))
  "constant expression required")
(assert_invalid (module (global i32 (global.get 0))) "unknown global 0")
(assert_invalid (module (global i32 (global.get 1)) (global i32 (i32.const 0))) "unknown global 1")
(assert_invalid (module (global funcref (ref.func 0))) "unknown function 0")
(assert_invalid (module (tag (result i32))) "non-empty tag result type")
(assert_invalid (module (import "m" "t" (tag (result i32)))) "non-empty tag result type")
(assert_invalid (module (start 0)) "unknown function 0")
(assert_invalid (module (func (param i32)) (start 0)) "start function")
(assert_invalid (module (func (result i32) (i32.const 0)) (start 0)) "start function")

;; Exports

(assert_invalid (module (export "f" (func 0))) "unknown function 0")
(assert_invalid (module (export "t" (table 0))) "unknown table 0")
(assert_invalid (module (export "m" (memory 0))) "unknown memory 0")
(assert_invalid (module (export "g" (global 0))) "unknown global 0")
(assert_invalid (module (export "e" (tag 0))) "unknown tag 0")
(assert_invalid (module (func (export "x")) (memory (export "x") 1)) "duplicate export name")

;; Segments

(assert_invalid (module (elem (i32.const 0) func)) "unknown table 0")
(assert_invalid (module (table 1 funcref) (elem (table 1) (i32.const 0) func)) "unknown table 1")
(assert_invalid (module (elem func 0)) "unknown function 0")
(assert_invalid (module (table 1 funcref) (elem (i64.const 0) func)) "type mismatch")
(assert_invalid (module (table i64 1 funcref) (elem (i32.const 0) func)) "type mismatch")
(assert_invalid (module (table 1 externref) (func $f) (elem (i32.const 0) func $f)) "type mismatch")
(assert_invalid (module (table 1 funcref) (elem (table 0) (i32.const 0) externref (ref.null extern))) "type mismatch")
(assert_invalid (module (elem funcref (ref.null extern))) "type mismatch")
(assert_invalid (module (elem funcref (item (nop) (ref.null func)))) "constant expression required")
(assert_invalid (module (table 1 funcref) (elem (offset) func)) "type mismatch")
(assert_invalid (module (data (i32.const 0) "")) "unknown memory 0")
(assert_invalid (module (memory 1) (data (memory 1) (i32.const 0) "")) "unknown memory 1")
(assert_invalid (module (memory 1) (data (i64.const 0) "")) "type mismatch")
(assert_invalid (module (memory i64 1) (data (i32.const 0) "")) "type mismatch")
(assert_invalid (module (memory 1) (data (offset (i32.const 0) (i32.const 1)) "")) "type mismatch")
(assert_invalid (module (memory 1) (data (i32.eqz (i32.const 0)) "")) "constant expression required")

;; References to functions need a declaration

(assert_invalid (module (func $f (drop (ref.func $f)))) "undeclared function reference")
(assert_invalid (module (func $f) (start $f) (func (drop (ref.func $f)))) "undeclared function reference")
(module (func $f (export "f")) (func (drop (ref.func $f))))
(module (func $f) (global funcref (ref.func $f)) (func (drop (ref.func $f))))
(module (func $f) (elem declare func $f) (func (drop (ref.func $f))))
(module (func $f) (table funcref (elem $f)) (func (drop (ref.func $f))))
