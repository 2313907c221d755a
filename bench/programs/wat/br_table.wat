;; An interpreter's loop: a little stack machine of eight instructions, dispatched by br_table.
;;
;; One byte each: 0 push the next byte, 1 add, 2 multiply, 3 load register, 4 store register, 5 exclusive or,
;; 6 decrement register 0 and jump to the next byte's address unless it is zero, 7 end. Registers of four bytes
;; lie at 256, the stack grows up from 512.
(module
  (memory 1)
  (data (i32.const 0)
    "\03\01"      ;; 0: load r1
    "\00\1f\02"   ;; 2: push 31, multiply
    "\03\00\01"   ;; 5: load r0, add
    "\04\01"      ;; 8: store r1
    "\03\02"      ;; 10: load r2
    "\03\01\05"   ;; 12: load r1, exclusive or
    "\04\02"      ;; 15: store r2
    "\06\00"      ;; 17: decrement and jump to 0
    "\07")
  (func (export "run") (param $rounds i32) (result i32)
    (local $pc i32) (local $sp i32) (local $op i32)
    (i32.store (i32.const 256) (local.get $rounds))
    (i64.store (i32.const 260) (i64.const 1))
    (local.set $sp (i32.const 512))
    (loop $fetch
      (local.set $op (i32.load8_u (local.get $pc)))
      (local.set $pc (i32.add (local.get $pc) (i32.const 1)))
      (block $end
        (block $jump
          (block $xor
            (block $store
              (block $load
                (block $multiply
                  (block $add
                    (block $push
                      (br_table $push $add $multiply $load $store $xor $jump $end (local.get $op)))
                    (i32.store (local.get $sp) (i32.load8_u (local.get $pc)))
                    (local.set $sp (i32.add (local.get $sp) (i32.const 4)))
                    (local.set $pc (i32.add (local.get $pc) (i32.const 1)))
                    (br $fetch))
                  (local.set $sp (i32.sub (local.get $sp) (i32.const 4)))
                  (i32.store
                    (i32.sub (local.get $sp) (i32.const 4))
                    (i32.add
                      (i32.load (i32.sub (local.get $sp) (i32.const 4)))
                      (i32.load (local.get $sp))))
                  (br $fetch))
                (local.set $sp (i32.sub (local.get $sp) (i32.const 4)))
                (i32.store
                  (i32.sub (local.get $sp) (i32.const 4))
                  (i32.mul
                    (i32.load (i32.sub (local.get $sp) (i32.const 4)))
                    (i32.load (local.get $sp))))
                (br $fetch))
              (i32.store
                (local.get $sp)
                (i32.load offset=256 (i32.shl (i32.load8_u (local.get $pc)) (i32.const 2))))
              (local.set $sp (i32.add (local.get $sp) (i32.const 4)))
              (local.set $pc (i32.add (local.get $pc) (i32.const 1)))
              (br $fetch))
            (local.set $sp (i32.sub (local.get $sp) (i32.const 4)))
            (i32.store offset=256
              (i32.shl (i32.load8_u (local.get $pc)) (i32.const 2))
              (i32.load (local.get $sp)))
            (local.set $pc (i32.add (local.get $pc) (i32.const 1)))
            (br $fetch))
          (local.set $sp (i32.sub (local.get $sp) (i32.const 4)))
          (i32.store
            (i32.sub (local.get $sp) (i32.const 4))
            (i32.xor
              (i32.load (i32.sub (local.get $sp) (i32.const 4)))
              (i32.load (local.get $sp))))
          (br $fetch))
        (i32.store (i32.const 256) (i32.sub (i32.load (i32.const 256)) (i32.const 1)))
        (local.set $pc
          (select
            (i32.load8_u (local.get $pc))
            (i32.add (local.get $pc) (i32.const 1))
            (i32.load (i32.const 256))))
        (br $fetch)))
    (i32.load (i32.const 264))))
