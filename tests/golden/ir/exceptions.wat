;; The clauses of a try_table are pads in front of its body.
(module (tag $e (param i32)) (tag $f)
  (func $g)
  (func $catch (result i32)
    (block $one (result i32)
      (block $all
        (try_table (result i32) (catch $e $one) (catch_all $all) (call $g) (throw $e (i32.const 3)))
        (br $one))
      (i32.const -1)))
  (func $again (block $all (result exnref) (try_table (catch_all_ref $all) (call $g)) (return)) (throw_ref)))

(; register IR:
func g: 0 parameter slots, header s0, frame of 4 slots
    0  ret                    0                            ; 0x28
func catch: 0 parameter slots, header s0, frame of 5 slots
    0  br                     -> 3                         ; 0x2f
    1  ret1                   s4, 0                        ; 0x2f
    2  br                     -> 6                         ; 0x2f
    3  call                   0, s4                        ; 0x37
    4  const                  s4, 0x3                      ; 0x3b
    5  throw                  s4, 0                        ; 0x3b
    6  const                  s4, 0xffffffff               ; 0x43
    7  ret1                   s4, 0                        ; 0x44
func again: 0 parameter slots, header s0, frame of 5 slots
    0  br                     -> 2                         ; 0x49
    1  br                     -> 4                         ; 0x49
    2  call                   0, s4                        ; 0x4e
    3  ret                    0                            ; 0x51
    4  throw_ref              s4, 0                        ; 0x53
;)
