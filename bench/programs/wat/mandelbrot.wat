;; Floating point in registers: iterations over a size x size picture of the Mandelbrot set, at most 100 a point.
(module
  (func $escape (param $cr f64) (param $ci f64) (result i32)
    (local $r f64) (local $i f64) (local $rr f64) (local $ii f64) (local $count i32)
    (block $out
      (loop $step
        (local.set $rr (f64.mul (local.get $r) (local.get $r)))
        (local.set $ii (f64.mul (local.get $i) (local.get $i)))
        (br_if $out (f64.gt (f64.add (local.get $rr) (local.get $ii)) (f64.const 4)))
        (local.set $i
          (f64.add
            (f64.mul (f64.const 2) (f64.mul (local.get $r) (local.get $i)))
            (local.get $ci)))
        (local.set $r (f64.add (f64.sub (local.get $rr) (local.get $ii)) (local.get $cr)))
        (br_if $step
          (i32.lt_u (local.tee $count (i32.add (local.get $count) (i32.const 1))) (i32.const 100)))))
    (local.get $count))
  (func (export "run") (param $size i32) (result i32)
    (local $x i32) (local $y i32) (local $total i32) (local $scale f64)
    (local.set $scale (f64.div (f64.const 3) (f64.convert_i32_s (local.get $size))))
    (loop $rows
      (local.set $x (i32.const 0))
      (loop $points
        (local.set $total
          (i32.add
            (local.get $total)
            (call $escape
              (f64.sub (f64.mul (f64.convert_i32_s (local.get $x)) (local.get $scale)) (f64.const 2))
              (f64.sub (f64.mul (f64.convert_i32_s (local.get $y)) (local.get $scale)) (f64.const 1.5)))))
        (br_if $points
          (i32.lt_s (local.tee $x (i32.add (local.get $x) (i32.const 1))) (local.get $size))))
      (br_if $rows
        (i32.lt_s (local.tee $y (i32.add (local.get $y) (i32.const 1))) (local.get $size))))
    (local.get $total)))
