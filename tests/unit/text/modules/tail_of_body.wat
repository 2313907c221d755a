(func (result i32) i32.const 1 return)
(func unreachable (i32.const 1) i32.const 2 drop drop)
