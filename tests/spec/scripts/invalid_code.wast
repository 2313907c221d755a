;; Rules of instructions that a module must obey (core specification, section 3.4).

;; Operands: too few, of another type, left over

(assert_invalid (module (func (result i32))) "type mismatch")
(assert_invalid (module (func (result i32) (i64.const 0))) "type mismatch")
(assert_invalid (module (func (i32.const 0))) "type mismatch")
(assert_invalid (module (func (result i32) (i32.const 0) (i32.const 1))) "type mismatch")
(assert_invalid (module (func drop)) "type mismatch")
(assert_invalid (module (func (drop (i32.add (i32.const 0))))) "type mismatch")
(assert_invalid (module (func (drop (i32.add (i32.const 0) (i64.const 0))))) "type mismatch")
(assert_invalid (module (func (drop (f32.neg (f64.const 0))))) "type mismatch")
(assert_invalid (module (func (drop (i8x16.add (i32.const 0) (i32.const 0))))) "type mismatch")
(assert_invalid (module (func (drop (i64x2.splat (i32.const 0))))) "type mismatch")
(assert_invalid (module (func (drop (i64.add128 (i64.const 0) (i64.const 0) (i64.const 0))))) "type mismatch")
(assert_invalid (module (func i32.const 0 block drop end)) "type mismatch")
(assert_invalid (module (func (drop (i64.extend_i32_u (i64.const 0))))) "type mismatch")
(assert_invalid (module (func (unreachable) (i64.const 0) (i32.eqz) (drop))) "type mismatch")

;; Blocks

(assert_invalid (module (func (block (result i32)) (drop))) "type mismatch")
(assert_invalid (module (func (block (i32.const 0)))) "type mismatch")
(assert_invalid (module (func (loop (result i32) (i64.const 0)) (drop))) "type mismatch")
(assert_invalid (module (func block (param i32) drop end)) "type mismatch")
(assert_invalid (module (func (if (i64.const 0) (then)))) "type mismatch")
(assert_invalid (module (func (if (then)))) "type mismatch")
(assert_invalid (module (func (drop (if (result i32) (i32.const 0) (then (i32.const 0)))))) "type mismatch")
(assert_invalid
  (module (func (drop (if (result i32) (i32.const 0) (then (i32.const 0)) (else (i64.const 0))))))
  "type mismatch")
(assert_invalid
  (module (func i32.const 0 i32.const 0 if (param i32) (result i64) drop i64.const 0 end drop))
  "type mismatch")

;; Branches

(assert_invalid (module (func (br 1))) "unknown label 1")
(assert_invalid (module (func (block (br_if 2 (i32.const 0))))) "unknown label 2")
(assert_invalid (module (func (br_table 0 5 0 (i32.const 0)))) "unknown label 5")
(assert_invalid (module (func (drop (block (result i32) (br 0))))) "type mismatch")
(assert_invalid (module (func (drop (block (result i32) (br 0 (f32.const 0)))))) "type mismatch")
(assert_invalid (module (func (block (br_if 0 (i64.const 0))))) "type mismatch")
(assert_invalid
  (module (func (block (block (result i32) (br_table 0 1 (i32.const 0) (i32.const 0))) (drop))))
  "type mismatch")
(assert_invalid (module (func (result i32) (return))) "type mismatch")
(assert_invalid (module (func (br_on_null 3 (ref.null func)) (drop))) "unknown label 3")
(assert_invalid (module (func (br_on_null 0 (i32.const 0)) (drop))) "type mismatch")
(assert_invalid (module (func (br_on_non_null 0 (ref.null func)))) "type mismatch")
(assert_invalid
  (module (func (block (result i32) (br_on_non_null 0 (ref.null func)) (i32.const 0)) (drop)))
  "type mismatch")
(assert_invalid
  (module (func (param anyref) (block (result i31ref) (br_on_cast 0 i31ref anyref (local.get 0)))
    (drop)))
  "type mismatch")
(assert_invalid
  (module (func (param anyref) (br_on_cast 0 anyref i31ref (local.get 0)) (drop)))
  "type mismatch")
(assert_invalid
  (module (func (param anyref) (br_on_cast_fail 0 anyref i31ref (local.get 0)) (drop)))
  "type mismatch")

;; Calls

(assert_invalid (module (func (call 1))) "unknown function 1")
(assert_invalid (module (func (return_call 1))) "unknown function 1")
(assert_invalid (module (func $f (param i32)) (func (call $f))) "type mismatch")
(assert_invalid (module (func $f (param i32)) (func (call $f (i64.const 0)))) "type mismatch")
(assert_invalid (module (func (call_indirect (i32.const 0)))) "unknown table 0")
(assert_invalid (module (table 1 funcref) (func (call_indirect (i64.const 0)))) "type mismatch")
(assert_invalid (module (table i64 1 funcref) (func (call_indirect (i32.const 0)))) "type mismatch")
(assert_invalid (module (table 1 externref) (func (call_indirect (i32.const 0)))) "type mismatch")
(assert_invalid (module (type $t (func)) (func (call_ref $t (ref.null extern)))) "type mismatch")
(assert_invalid (module (func $f (result i32) (i32.const 0)) (func (return_call $f))) "type mismatch")
(assert_invalid
  (module (table 1 funcref) (func (result i32) (return_call_indirect (result i64) (i32.const 0))))
  "type mismatch")

;; Locals and globals

(assert_invalid (module (func (local.get 0) (drop))) "unknown local 0")
(assert_invalid (module (func (param i32) (local i32) (local.set 2 (i32.const 0)))) "unknown local 2")
(assert_invalid (module (func (drop (local.tee 0 (i32.const 0))))) "unknown local 0")
(assert_invalid (module (func (param i32) (local.set 0 (i64.const 0)))) "type mismatch")
(assert_invalid (module (func (local (ref func)) (local.get 0) (drop))) "uninitialized local")
(assert_invalid
  (module (func (param (ref func)) (local (ref func))
    (block (local.set 1 (local.get 0)))
    (local.get 1) (drop)))
  "uninitialized local")
(module
  (func (param (ref func)) (local (ref func))
    (local.set 1 (local.get 0)) (block (local.get 1) (drop)) (local.get 1) (drop)))
(assert_invalid (module (func (drop (global.get 0)))) "unknown global 0")
(assert_invalid (module (func (global.set 0 (i32.const 0)))) "unknown global 0")
(assert_invalid (module (global i32 (i32.const 0)) (func (global.set 0 (i32.const 1)))) "immutable global")
(assert_invalid (module (global (mut i32) (i32.const 0)) (func (global.set 0 (f32.const 1)))) "type mismatch")

;; select

(assert_invalid (module (func (drop (select (i32.const 0) (i64.const 0) (i32.const 0))))) "type mismatch")
(assert_invalid (module (func (drop (select (i32.const 0) (i32.const 0) (i64.const 0))))) "type mismatch")
(assert_invalid
  (module (func (drop (select (ref.null func) (ref.null func) (i32.const 0)))))
  "type mismatch")
(assert_invalid (module (func unreachable (select (result)))) "invalid result arity")
(assert_invalid (module (func unreachable (select (result i32 i32)) drop drop)) "invalid result arity")
(assert_invalid
  (module (func (drop (select (result funcref) (ref.null extern) (ref.null func) (i32.const 0)))))
  "type mismatch")

;; Memories

(assert_invalid (module (func (drop (i32.load (i32.const 0))))) "unknown memory 0")
(assert_invalid (module (memory 1) (func (drop (i32.load 1 (i32.const 0))))) "unknown memory 1")
(assert_invalid (module (func (drop (memory.size)))) "unknown memory 0")
(assert_invalid (module (func (drop (memory.grow (i32.const 0))))) "unknown memory 0")
(assert_invalid (module (func (memory.fill (i32.const 0) (i32.const 0) (i32.const 0)))) "unknown memory 0")
(assert_invalid
  (module (memory 1) (func (memory.copy 0 1 (i32.const 0) (i32.const 0) (i32.const 0))))
  "unknown memory 1")
(assert_invalid (module (memory 1) (func (drop (i32.load (i64.const 0))))) "type mismatch")
(assert_invalid (module (memory i64 1) (func (drop (i32.load (i32.const 0))))) "type mismatch")
(assert_invalid (module (memory 1) (func (i32.store (i32.const 0) (i64.const 0)))) "type mismatch")
(assert_invalid
  (module (memory i64 1) (memory 1)
    (func (memory.copy 0 1 (i64.const 0) (i32.const 0) (i64.const 0))))
  "type mismatch")
(assert_invalid
  (module (memory 1) (func (drop (i32.load align=8 (i32.const 0)))))
  "alignment must not be larger than natural")
(assert_invalid
  (module (memory 1) (func (i64.store8 align=2 (i32.const 0) (i64.const 0))))
  "alignment must not be larger than natural")
(assert_invalid
  (module (memory 1) (func (drop (v128.load32_splat align=8 (i32.const 0)))))
  "alignment must not be larger than natural")
(assert_invalid
  (module (memory 1) (func (drop (i32.load offset=0x1_0000_0000 (i32.const 0)))))
  "offset out of range")
(module (memory i64 1) (func (drop (i32.load offset=0x1_0000_0000 (i64.const 0)))))
(assert_invalid
  (module (memory 1) (func (drop (i32.atomic.load align=2 (i32.const 0)))))
  "atomic alignment must be natural")
(assert_invalid
  (module (memory 1) (func (drop (memory.atomic.wait64 align=4 (i32.const 0) (i64.const 0) (i64.const 0)))))
  "atomic alignment must be natural")
(assert_invalid (module (memory 1) (func (data.drop 0))) "unknown data segment 0")
(assert_invalid
  (module (memory 1) (data "") (func (memory.init 1 (i32.const 0) (i32.const 0) (i32.const 0))))
  "unknown data segment 1")
(assert_invalid
  (module (memory i64 1) (data "") (func (memory.init 0 (i64.const 0) (i64.const 0) (i32.const 0))))
  "type mismatch")

;; Tables

(assert_invalid (module (func (drop (table.get 0 (i32.const 0))))) "unknown table 0")
(assert_invalid (module (func (drop (table.size 0)))) "unknown table 0")
(assert_invalid (module (table 1 funcref) (func (drop (table.get 0 (i64.const 0))))) "type mismatch")
(assert_invalid (module (table 1 funcref) (func (table.set 0 (i32.const 0) (ref.null extern)))) "type mismatch")
(assert_invalid (module (table 1 funcref) (func (drop (table.grow 0 (i32.const 0) (i32.const 0))))) "type mismatch")
(assert_invalid
  (module (table i64 1 funcref) (func (table.fill 0 (i64.const 0) (ref.null func) (i32.const 0))))
  "type mismatch")
(assert_invalid
  (module (table 1 funcref) (table 1 externref)
    (func (table.copy 0 1 (i32.const 0) (i32.const 0) (i32.const 0))))
  "type mismatch")
(assert_invalid
  (module (table 1 funcref) (func (table.init 0 0 (i32.const 0) (i32.const 0) (i32.const 0))))
  "unknown elem segment 0")
(assert_invalid
  (module (table 1 externref) (elem func) (func (table.init 0 0 (i32.const 0) (i32.const 0) (i32.const 0))))
  "type mismatch")
(assert_invalid (module (func (elem.drop 3))) "unknown elem segment 3")

;; Vectors

(assert_invalid (module (func (param v128) (drop (i8x16.extract_lane_s 16 (local.get 0))))) "invalid lane index")
(assert_invalid
  (module (func (param v128) (drop (f64x2.replace_lane 2 (local.get 0) (f64.const 0)))))
  "invalid lane index")
(assert_invalid
  (module (func (param v128)
    (drop (i8x16.shuffle 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 32 (local.get 0) (local.get 0)))))
  "invalid lane index")
(assert_invalid
  (module (memory 1) (func (param v128) (v128.store64_lane 2 (i32.const 0) (local.get 0))))
  "invalid lane index")

;; Exceptions

(assert_invalid (module (func (throw 0))) "unknown tag 0")
(assert_invalid (module (tag (param i32)) (func (throw 0))) "type mismatch")
(assert_invalid (module (func (throw_ref (ref.null func)))) "type mismatch")
(assert_invalid (module (func (try_table (catch 0 0)))) "unknown tag 0")
(assert_invalid (module (tag) (func (try_table (catch 0 4)))) "unknown label 4")
(assert_invalid (module (tag (param i32)) (func (try_table (catch 0 0)))) "type mismatch")
(assert_invalid (module (tag) (func (try_table (catch_ref 0 0)))) "type mismatch")
(assert_invalid (module (func (try_table (catch_all_ref 0)))) "type mismatch")
(assert_invalid (module (func (block (result i32) (try_table (catch_all 0)) (i32.const 0)) (drop))) "type mismatch")
(assert_invalid (module (func (try (do) (delegate 2)))) "unknown label 2")
(assert_invalid (module (func (try (do) (catch 1)))) "unknown tag 1")

;; References

(assert_invalid (module (func (drop (ref.func 7)))) "unknown function 7")
(assert_invalid (module (func (drop (ref.is_null (i32.const 0))))) "type mismatch")
(assert_invalid (module (func (drop (ref.as_non_null (f64.const 0))))) "type mismatch")
(assert_invalid (module (func (drop (ref.eq (ref.null func) (ref.null eq))))) "type mismatch")
(assert_invalid (module (func (drop (ref.test (ref func) (ref.null any))))) "type mismatch")
(assert_invalid (module (func (drop (ref.cast (ref extern) (ref.null any))))) "type mismatch")
(assert_invalid (module (func (drop (any.convert_extern (ref.null any))))) "type mismatch")
(assert_invalid (module (func (drop (extern.convert_any (ref.null extern))))) "type mismatch")
(assert_invalid (module (func (drop (i31.get_s (ref.null eq))))) "type mismatch")
(assert_invalid (module (func (drop (ref.i31 (i64.const 0))))) "type mismatch")

;; Structures and arrays

(assert_invalid (module (type (struct (field i32))) (func (drop (struct.new 0)))) "type mismatch")
(assert_invalid (module (type (struct (field i32))) (func (drop (struct.new 0 (i64.const 0))))) "type mismatch")
(assert_invalid (module (type (struct (field (ref func)))) (func (drop (struct.new_default 0)))) "type mismatch")
(assert_invalid (module (type (struct)) (func (drop (struct.get 0 0 (ref.null 0))))) "unknown field 0")
(assert_invalid (module (type (struct (field i8))) (func (drop (struct.get 0 0 (ref.null 0))))) "type mismatch")
(assert_invalid (module (type (struct (field i32))) (func (drop (struct.get_s 0 0 (ref.null 0))))) "type mismatch")
(assert_invalid
  (module (type (struct (field i32))) (func (struct.set 0 0 (ref.null 0) (i32.const 0))))
  "immutable field")
(assert_invalid
  (module (type (struct (field (mut i32)))) (func (struct.set 0 0 (ref.null 0) (i64.const 0))))
  "type mismatch")
(assert_invalid
  (module (type (struct (field i32))) (type (struct (field i64)))
    (func (drop (struct.get 0 0 (ref.null 1)))))
  "type mismatch")
(assert_invalid (module (type (array (ref func))) (func (drop (array.new_default 0 (i32.const 1))))) "type mismatch")
(assert_invalid (module (type (array i32)) (func (drop (array.new 0 (i64.const 0) (i32.const 1))))) "type mismatch")
(assert_invalid (module (type (array i32)) (func (drop (array.new_fixed 0 2 (i32.const 0))))) "type mismatch")
(assert_invalid (module (type (array i16)) (func (drop (array.get 0 (ref.null 0) (i32.const 0))))) "type mismatch")
(assert_invalid (module (type (array i64)) (func (drop (array.get_u 0 (ref.null 0) (i32.const 0))))) "type mismatch")
(assert_invalid
  (module (type (array i32)) (func (array.set 0 (ref.null 0) (i32.const 0) (i32.const 0))))
  "immutable array")
(assert_invalid
  (module (type (array i32)) (func (array.fill 0 (ref.null 0) (i32.const 0) (i32.const 0) (i32.const 0))))
  "immutable array")
(assert_invalid
  (module (type (array i32)) (type (array (mut i32)))
    (func (array.copy 0 1 (ref.null 0) (i32.const 0) (ref.null 1) (i32.const 0) (i32.const 0))))
  "immutable array")
(assert_invalid
  (module (type (array (mut i32))) (type (array (mut i64)))
    (func (array.copy 0 1 (ref.null 0) (i32.const 0) (ref.null 1) (i32.const 0) (i32.const 0))))
  "array types do not match")
(assert_invalid
  (module (type (array (mut i8))) (type (array (mut i16)))
    (func (array.copy 0 1 (ref.null 0) (i32.const 0) (ref.null 1) (i32.const 0) (i32.const 0))))
  "array types do not match")
(assert_invalid
  (module (type (array funcref)) (data "") (func (drop (array.new_data 0 0 (i32.const 0) (i32.const 0)))))
  "array type is not numeric or vector")
(assert_invalid
  (module (type (array (mut anyref))) (data "")
    (func (array.init_data 0 0 (ref.null 0) (i32.const 0) (i32.const 0) (i32.const 0))))
  "array type is not numeric or vector")
(assert_invalid
  (module (type (array i32)) (data "") (func (drop (array.new_data 0 1 (i32.const 0) (i32.const 0)))))
  "unknown data segment 1")
(assert_invalid
  (module (type (array funcref)) (func (drop (array.new_elem 0 0 (i32.const 0) (i32.const 0)))))
  "unknown elem segment 0")
(assert_invalid
  (module (type (array externref)) (elem func) (func (drop (array.new_elem 0 0 (i32.const 0) (i32.const 0)))))
  "type mismatch")
(assert_invalid
  (module (type (array funcref)) (elem func)
    (func (array.init_elem 0 0 (ref.null 0) (i32.const 0) (i32.const 0) (i32.const 0))))
  "immutable array")
(assert_invalid (module (func (drop (array.len (ref.null struct))))) "type mismatch")
