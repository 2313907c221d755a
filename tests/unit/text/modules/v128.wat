(func
  (drop (v128.const i8x16 0 1 2 3 4 5 6 7 8 9 10 11 12 13 -128 255))
  (drop (v128.const i16x8 0 1 2 3 4 5 -32768 65535))
  (drop (v128.const i32x4 0 1 -2 0xffffffff))
  (drop (v128.const i64x2 -1 0x1_0000_0000))
  (drop (v128.const f32x4 1 -0.5 nan:0x1 inf))
  (drop (v128.const f64x2 0x1.8p-3 -nan)))
