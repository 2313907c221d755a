;; Text that is no module (core specification, section 6).

;; Tokens

(assert_malformed (module quote "(func (nop)") "unexpected token")
(assert_malformed (module quote "(func) )") "unexpected token")
(assert_malformed (module quote "(func (frobnicate))") "unknown operator")
(assert_malformed (module quote "(func (i32.const 1x))") "unknown operator")
(assert_malformed (module quote "(func (i32.const 1__0))") "unknown operator")
(assert_malformed (module quote "(func (f32.const 0x1p))") "unknown operator")
(assert_malformed (module quote "(data \"\\q\")") "illegal escape")
(assert_malformed (module quote "(import \"\\80\" \"\" (func))") "malformed UTF-8 encoding")
(assert_malformed (module quote "(; (; ;)") "unclosed comment")
(assert_malformed (module quote "(data \"abc") "unclosed string")
(assert_malformed (module quote "(func $ )") "empty identifier")
(assert_malformed (module quote "(func $\"\")") "empty identifier")
(assert_malformed (module quote "(@)") "empty annotation id")
(assert_malformed (module quote "(@a") "unclosed annotation")

;; Numbers

(assert_malformed (module quote "(func (drop (i32.const 4294967296)))") "constant out of range")
(assert_malformed (module quote "(func (drop (i32.const -2147483649)))") "constant out of range")
(assert_malformed (module quote "(func (drop (i64.const 18446744073709551616)))") "constant out of range")
(assert_malformed (module quote "(func (drop (f32.const 0x1p128)))") "constant out of range")
(assert_malformed (module quote "(func (drop (f32.const 340282356779733661637539395458142568448)))") "constant out of range")
(assert_malformed (module quote "(func (drop (f64.const 1e309)))") "constant out of range")
(assert_malformed (module quote "(func (drop (f32.const nan:0x0)))") "constant out of range")
(assert_malformed (module quote "(func (drop (f32.const nan:0x800000)))") "constant out of range")
(assert_malformed (module quote "(func (drop (v128.const i8x16 0 1 2)))") "wrong number of lane literals")
(assert_malformed (module quote "(func (drop (v128.const i16x8 65536 0 0 0 0 0 0 0)))") "constant out of range")
(assert_malformed (module quote "(func i8x16.shuffle 0 1 2)") "invalid lane length")
(assert_malformed (module quote "(func i8x16.extract_lane_s 256)") "i8 constant out of range")
(assert_malformed (module quote "(func (br 4294967296))") "i32 constant out of range")
(assert_malformed (module quote "(memory 0x1_0000_0000_0000_0000)") "i64 constant out of range")
(assert_malformed (module quote "(memory 1) (func i32.load align=3 drop)") "alignment must be a power of two")
(assert_malformed (module quote "(memory 1 (pagesize 3))") "invalid custom page size")

;; Names

(assert_malformed (module quote "(func $f) (func $f)") "duplicate function")
(assert_malformed (module quote "(func (param $x i32) (local $x i32))") "duplicate local")
(assert_malformed (module quote "(type $t (func)) (type $t (func))") "duplicate type")
(assert_malformed (module quote "(memory $m 1) (memory $m 1)") "duplicate memory")
(assert_malformed (module quote "(type (struct (field $x i32) (field $x i32)))") "duplicate field")
(assert_malformed (module quote "(func (call $f))") "unknown function")
(assert_malformed (module quote "(func (local.get $x))") "unknown local")
(assert_malformed (module quote "(func (br $l))") "unknown label")
(assert_malformed (module quote "(func (drop (global.get $g)))") "unknown global")
(assert_malformed (module quote "(func (type $t))") "unknown type")
(assert_malformed (module quote "(func block $a end $b)") "mismatching label")

;; Order and structure

(assert_malformed (module quote "(func (result i32) (param i32))") "unexpected token")
(assert_malformed (module quote "(func (local i32) (param i32))") "unexpected token")
(assert_malformed (module quote "(func (i32.add nop))") "unexpected token")
(assert_malformed (module quote "(func (if (i32.const 1)))") "unexpected token")
(assert_malformed (module quote "(func else)") "unexpected token")
(assert_malformed (module quote "(func block)") "unexpected token")
(assert_malformed (module quote "(func) (import \"\" \"\" (func))") "import after function")
(assert_malformed (module quote "(memory 1) (import \"\" \"\" (memory 1))") "import after memory")
(assert_malformed (module quote "(table 1 funcref) (import \"\" \"\" (table 1 funcref))") "import after table")
(assert_malformed (module quote "(global i32 (i32.const 0)) (import \"\" \"\" (global i32))") "import after global")
(assert_malformed (module quote "(tag) (import \"\" \"\" (tag))") "import after tag")
(assert_malformed (module quote "(func) (start 0) (start 0)") "multiple start sections")
(assert_malformed
  (module quote "(type (func (param i32))) (func (type 0) (param i64))")
  "inline function type does not match explicit type")

;; Annotations

(assert_malformed_custom (module quote "(@custom) (func)") "@custom annotation: missing section name")
(assert_malformed_custom
  (module quote "(@custom \"x\" (before nothing) \"\")")
  "@custom annotation: malformed section kind")
(assert_malformed_custom
  (module quote "(@custom \"x\" (beside type) \"\")")
  "@custom annotation: malformed placement")
(assert_malformed_custom (module quote "(func (@name \"a\") (@name \"b\"))") "@name annotation: multiple")
(assert_malformed_custom (module quote "(func (nop) (@name \"a\"))") "misplaced @name annotation")
(assert_malformed_custom
  (module quote "(func (@metadata.code.branch_hint \"\\02\") if end)")
  "@metadata.code.branch_hint annotation: invalid hint")

;; What looks odd, but is a module

(module quote "")
(module quote "(func(nop)(nop))(;;)(func)")
(module quote "(func (param $\"a b\" i32) (local.set $\"a b\" (i32.const 0x0_f)))")
