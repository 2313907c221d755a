(memory 1 2 shared)
(func
  (atomic.fence)
  (drop (i32.atomic.load (i32.const 0)))
  (drop (i64.atomic.rmw8.cmpxchg_u offset=1 (i32.const 0) (i64.const 0) (i64.const 0)))
  (drop (memory.atomic.wait32 (i32.const 0) (i32.const 0) (i64.const 0))))
