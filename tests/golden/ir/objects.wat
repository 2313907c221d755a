;; Accesses go by the width of the field; a result goes straight to a local; a cast leaves its operand where it is;
;; br_on_cast tests and branches; making an object takes its operands from adjacent slots.
(module
  (type $p (struct (field $x (mut i32)) (field $y (mut i64)) (field $b (mut i8)) (field $v (mut v128)) (field $r (ref null $p))))
  (type $a (array (mut i16)))
  (func $get (param (ref $p)) (result i32) (local i64)
    (local.set 1 (struct.get $p $y (local.get 0)))
    (i32.add (struct.get $p $x (local.get 0)) (struct.get_s $p $b (local.get 0))))
  (func $set (param (ref $p) v128)
    (struct.set $p $b (local.get 0) (i32.const 7))
    (struct.set $p $v (local.get 0) (local.get 1)))
  (func $new (param i32 i64 v128) (result (ref $p))
    (struct.new $p (local.get 0) (local.get 1) (i32.const 1) (local.get 2) (ref.null $p)))
  (func $element (param (ref $a) i32) (result i32)
    (array.set $a (local.get 0) (local.get 1) (i32.const 5))
    (i32.add (array.get_u $a (local.get 0) (local.get 1)) (array.len (local.get 0))))
  (func $fixed (result (ref $a)) (array.new_fixed $a 3 (i32.const 1) (i32.const 2) (i32.const 3)))
  (func $cast (param anyref) (result i32) (struct.get $p $x (ref.cast (ref $p) (local.get 0))))
  (func $branch (param anyref) (result i32)
    (block $is (result (ref $p))
      (br_on_cast $is anyref (ref $p) (local.get 0))
      (return (i31.get_s (ref.cast i31ref))))
    (struct.get $p $x))
  (func $test (param anyref) (result i32) (i32.eqz (ref.test (ref null eq) (local.get 0))))
  (func $convert (param externref) (result i32) (ref.test (ref i31) (any.convert_extern (local.get 0)))))

(; register IR:
func get: 1 parameter slot, header s2, frame of 8 slots
    0  struct.get64           s1, s0, 16                   ; 0x5b
    1  struct.get32           s6, s0, 8                    ; 0x63
    2  struct.get8_s          s7, s0, 24                   ; 0x69
    3  i32.add                s6, s6, s7                   ; 0x6d
    4  ret1                   s6, 2                        ; 0x6e
func set: 3 parameter slots, header s3, frame of 10 slots
    0  const                  s8, 0x7                      ; 0x75
    1  struct.set8            s8, s0, 24                   ; 0x75
    2  struct.set128          s1:2, s0, 32                 ; 0x7d
    3  ret                    3                            ; 0x81
func new: 4 parameter slots, header s4, frame of 14 slots
    0  const                  s13, 0x0                     ; 0x8e
    1  copy128                s11:12, s2:3                 ; 0x8e
    2  const                  s10, 0x1                     ; 0x8e
    3  copy                   s9, s1                       ; 0x8e
    4  copy                   s8, s0                       ; 0x8e
    5  struct.new             s8, 0, 0                     ; 0x8e
    6  ret1                   s8, 4                        ; 0x91
func element: 2 parameter slots, header s2, frame of 9 slots
    0  const                  s8, 0x5                      ; 0x9a
    1  array.set16            s8, s0, s1                   ; 0x9a
    2  array.get16_u          s6, s0, s1                   ; 0xa1
    3  array.len              s7, s0                       ; 0xa6
    4  i32.add                s6, s6, s7                   ; 0xa8
    5  ret1                   s6, 2                        ; 0xa9
func fixed: 0 parameter slots, header s0, frame of 7 slots
    0  const                  s6, 0x3                      ; 0xb2
    1  const                  s5, 0x2                      ; 0xb2
    2  const                  s4, 0x1                      ; 0xb2
    3  array.new_fixed        s4, 1, 3                     ; 0xb2
    4  ret1                   s4, 0                        ; 0xb6
func cast: 1 parameter slot, header s1, frame of 6 slots
    0  ref.cast               s0, 0                        ; 0xbb
    1  struct.get32           s5, s0, 8                    ; 0xbe
    2  ret1                   s5, 1                        ; 0xc2
func branch: 1 parameter slot, header s1, frame of 7 slots
    0  ref.test               s6, s0, 0                    ; 0xca
    1  br_if.i32.eq.imm       s6, 0 -> 4                   ; 0xca
    2  copy                   s5, s0                       ; 0xca
    3  br                     -> 7                         ; 0xca
    4  ref.cast               s0, null i31                 ; 0xd0
    5  i31.get_s              s5, s0                       ; 0xd3
    6  ret1                   s5, 1                        ; 0xd5
    7  struct.get32           s5, s5, 8                    ; 0xd7
    8  ret1                   s5, 1                        ; 0xdb
func test: 1 parameter slot, header s1, frame of 6 slots
    0  ref.test               s5, s0, null eq              ; 0xe0
    1  i32.eq.imm             s5, s5, 0                    ; 0xe3
    2  ret1                   s5, 1                        ; 0xe4
func convert: 1 parameter slot, header s1, frame of 6 slots
    0  ref.test               s5, s0, i31                  ; 0xeb
    1  ret1                   s5, 1                        ; 0xee
;)
