;; A v128 takes two slots, as operand, local, argument and result.
(module (memory 1)
  (func $add (param v128 v128) (result v128) (i32x4.add (local.get 0) (local.get 1)))
  (func $lane (param v128 i32) (result i32) (i8x16.extract_lane_s 3 (i8x16.replace_lane 2 (local.get 0) (local.get 1))))
  (func $select (param v128 v128 i32) (result v128) (select (local.get 0) (local.get 1) (local.get 2)))
  (func $load (param i32) (result v128) (v128.load offset=16 (local.get 0)))
  (func $load_lane (param i32 v128) (result v128) (v128.load16_lane 5 (local.get 0) (local.get 1)))
  (func $store (param i32 v128) (v128.store (local.get 0) (local.get 1)))
  (func $call (param v128 i32) (result v128) (call $mixed (i32.const 1) (local.get 0) (i64.const 2)))
  (func $mixed (param i32 v128 i64) (result v128) (local.get 1)))

(; register IR:
func add: 4 parameter slots, header s4, frame of 12 slots
    0  i32x4.add              s8, s0, s2                   ; 0x54
    1  ret_n                  s8, 2, 4                     ; 0x57
func lane: 3 parameter slots, header s3, frame of 10 slots
    0  i8x16.replace_lane     s7, s0, s2, [0 0 0 2]        ; 0x5e
    2  i8x16.extract_lane_s   s7, s7, s0, [0 0 0 3]        ; 0x61
    4  ret1                   s7, 3                        ; 0x64
func select: 5 parameter slots, header s5, frame of 14 slots
    0  select128              s9:10, s0:1, s2:3, if s4     ; 0x6d
    2  ret_n                  s9, 2, 5                     ; 0x6e
func load: 1 parameter slot, header s1, frame of 7 slots
    0  v128.load              s5, s0, 0, [0 16 0 0]        ; 0x73
    2  ret_n                  s5, 2, 1                     ; 0x77
func load_lane: 3 parameter slots, header s3, frame of 10 slots
    0  v128.load16_lane       s7, s0, 0, [1 0 0 5]         ; 0x7e
    2  ret_n                  s7, 2, 3                     ; 0x83
func store: 3 parameter slots, header s3, frame of 10 slots
    0  v128.store             s1, s0, 0, [0 0 0 0]         ; 0x8a
    2  ret                    3                            ; 0x8e
func call: 3 parameter slots, header s3, frame of 11 slots
    0  const                  s10, 0x2                     ; 0x97
    1  copy128                s8:9, s0:1                   ; 0x97
    2  const                  s7, 0x1                      ; 0x97
    3  call                   7, s7                        ; 0x97
    4  ret_n                  s7, 2, 3                     ; 0x99
func mixed: 4 parameter slots, header s4, frame of 12 slots
    0  copy128                s10:11, s1:2                 ; 0x9e
    1  ret_n                  s10, 2, 4                    ; 0x9e
;)
