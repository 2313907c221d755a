(func
  (drop (select (result) (result i32) (i32.const 1) (i32.const 2) (i32.const 3)))
  (drop (select (i32.const 1) (i32.const 2) (i32.const 3))))
