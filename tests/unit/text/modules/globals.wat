(global $a (mut i64) (i64.const -1))
(global f32 (f32.const 0.1))
(global (ref null i31) ref.null i31)
(global i32 (i32.add (i32.const 1) (i32.mul (i32.const 2) (i32.const 3))))
