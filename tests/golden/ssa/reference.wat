;; A call through a reference to a function that is known, here an imported one, is a call of that function; nobody uses the reference then.
;; run: 1 inline dce
(module
  (type $t (func (param i32) (result i32)))
  (import "m" "f" (func $f (type $t)))
  (elem declare func $f)
  (func (export "run") (param i32) (result i32)
    (call_ref $t (local.get 0) (ref.func $f))))
;; ----
b1:
    v1:i32 = arg 0
    br b2
b2:
    v2:i32 = call_import v1
    return v2
