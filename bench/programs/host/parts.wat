;; What most modules have: a memory, a table, a global and a function.
(module
  (memory (export "memory") 32 64)
  (table (export "table") 8 funcref)
  (global (export "global") (mut i32) (i32.const 0))
  (func (export "get") (result i32) (i32.load (i32.const 0))))
