;; Threads of scripts, and waiting for one another.

(module $m
  (memory (export "memory") 1 1 shared))

(thread $waiter (shared (module $m))
  (register "m" $m)
  (module
    (memory (import "m" "memory") 1 1 shared)
    (func (export "wait until woken") (result i32)
      ;; Tell the other thread, then wait for its word.
      (i32.atomic.store (i32.const 0) (i32.const 1))
      (memory.atomic.wait32 (i32.const 8) (i32.const 0) (i64.const 20000000000)))
    (func (export "read") (result i32) (i32.atomic.load (i32.const 16))))
  (assert_return (invoke "wait until woken") (i32.const 0))
  (assert_return (invoke "read") (i32.const 1234)))

(thread $waker (shared (module $m))
  (register "m" $m)
  (module
    (memory (import "m" "memory") 1 1 shared)
    (func (export "wake") (result i32)
      (i32.atomic.store (i32.const 16) (i32.const 1234))
      ;; Until somebody waits, nobody is woken.
      (loop $again (result i32)
        (br_if $again (i32.eqz (memory.atomic.notify (i32.const 8) (i32.const 1))))
        (i32.const 1))))
  (assert_return (invoke "wake") (i32.const 1)))

(wait $waiter)
(wait $waker)

;; Additions by two threads are all counted

(module $counter
  (memory (export "memory") 1 1 shared)
  (func (export "count") (result i64) (i64.atomic.load (i32.const 0))))
(thread $a (shared (module $counter))
  (register "counter" $counter)
  (module
    (memory (import "counter" "memory") 1 1 shared)
    (func (export "add") (param i32)
      (loop $next
        (drop (i64.atomic.rmw.add (i32.const 0) (i64.const 1)))
        (br_if $next (local.tee 0 (i32.sub (local.get 0) (i32.const 1)))))))
  (invoke "add" (i32.const 10000)))
(thread $b (shared (module $counter))
  (register "counter" $counter)
  (module
    (memory (import "counter" "memory") 1 1 shared)
    (func (export "add") (param i32)
      (loop $next
        (drop (i64.atomic.rmw.add (i32.const 0) (i64.const 1)))
        (br_if $next (local.tee 0 (i32.sub (local.get 0) (i32.const 1)))))))
  (invoke "add" (i32.const 10000)))
(wait $a)
(wait $b)
(assert_return (invoke $counter "count") (i64.const 20000))
