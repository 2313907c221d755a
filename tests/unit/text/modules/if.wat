(func (param i32) (result i32)
  (if $l (result i32) (local.get 0) (then (br $l (i32.const 1))) (else (i32.const 2)))
  (if (i32.eqz) (then nop) (else))
  (if (i32.const 1) (then))
  local.get 0
  if $m (result i32)
    i32.const 1
  else $m
    i32.const 2
  end $m)
