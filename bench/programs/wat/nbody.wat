;; Floating point over memory: the energy of five bodies after n steps of a hundredth of a year.
;;
;; A body is seven f64: position, velocity, mass. Distances are in astronomical units, velocities in those a
;; year, masses in solar masses times 4 pi^2. The numbers are rounded.
(module
  (memory 1)
  (global $end i32 (i32.const 280))
  (func $body (param $at i32) (param $x f64) (param $y f64) (param $z f64)
    (param $vx f64) (param $vy f64) (param $vz f64) (param $mass f64)
    (f64.store offset=0 (local.get $at) (local.get $x))
    (f64.store offset=8 (local.get $at) (local.get $y))
    (f64.store offset=16 (local.get $at) (local.get $z))
    (f64.store offset=24 (local.get $at) (local.get $vx))
    (f64.store offset=32 (local.get $at) (local.get $vy))
    (f64.store offset=40 (local.get $at) (local.get $vz))
    (f64.store offset=48 (local.get $at) (local.get $mass)))
  (func $begin
    (call $body (i32.const 0)
      (f64.const 0) (f64.const 0) (f64.const 0)
      (f64.const -0.000387) (f64.const -0.003263) (f64.const 0.000024) (f64.const 39.4784176))
    (call $body (i32.const 56)
      (f64.const 4.8414) (f64.const -1.1603) (f64.const -0.1036)
      (f64.const 0.60633) (f64.const 2.81199) (f64.const -0.02522) (f64.const 0.03769))
    (call $body (i32.const 112)
      (f64.const 8.3434) (f64.const 4.1248) (f64.const -0.4035)
      (f64.const -1.01077) (f64.const 1.82566) (f64.const 0.00842) (f64.const 0.01128))
    (call $body (i32.const 168)
      (f64.const 12.8944) (f64.const -15.1112) (f64.const -0.2233)
      (f64.const 1.08279) (f64.const 0.86871) (f64.const -0.01083) (f64.const 0.00172))
    (call $body (i32.const 224)
      (f64.const 15.3797) (f64.const -25.9193) (f64.const 0.1793)
      (f64.const 0.97909) (f64.const 0.59470) (f64.const -0.03474) (f64.const 0.00203)))
  (func $step
    (local $a i32) (local $b i32) (local $dx f64) (local $dy f64) (local $dz f64)
    (local $square f64) (local $pull f64) (local $mass f64)
    (loop $pairs
      (local.set $b (i32.add (local.get $a) (i32.const 56)))
      (block $paired
        (loop $others
          (br_if $paired (i32.ge_u (local.get $b) (global.get $end)))
          (local.set $dx (f64.sub (f64.load (local.get $a)) (f64.load (local.get $b))))
          (local.set $dy (f64.sub (f64.load offset=8 (local.get $a)) (f64.load offset=8 (local.get $b))))
          (local.set $dz (f64.sub (f64.load offset=16 (local.get $a)) (f64.load offset=16 (local.get $b))))
          (local.set $square
            (f64.add
              (f64.add
                (f64.mul (local.get $dx) (local.get $dx))
                (f64.mul (local.get $dy) (local.get $dy)))
              (f64.mul (local.get $dz) (local.get $dz))))
          (local.set $pull
            (f64.div (f64.const 0.01) (f64.mul (local.get $square) (f64.sqrt (local.get $square)))))
          (local.set $mass (f64.mul (f64.load offset=48 (local.get $b)) (local.get $pull)))
          (f64.store offset=24 (local.get $a)
            (f64.sub (f64.load offset=24 (local.get $a)) (f64.mul (local.get $dx) (local.get $mass))))
          (f64.store offset=32 (local.get $a)
            (f64.sub (f64.load offset=32 (local.get $a)) (f64.mul (local.get $dy) (local.get $mass))))
          (f64.store offset=40 (local.get $a)
            (f64.sub (f64.load offset=40 (local.get $a)) (f64.mul (local.get $dz) (local.get $mass))))
          (local.set $mass (f64.mul (f64.load offset=48 (local.get $a)) (local.get $pull)))
          (f64.store offset=24 (local.get $b)
            (f64.add (f64.load offset=24 (local.get $b)) (f64.mul (local.get $dx) (local.get $mass))))
          (f64.store offset=32 (local.get $b)
            (f64.add (f64.load offset=32 (local.get $b)) (f64.mul (local.get $dy) (local.get $mass))))
          (f64.store offset=40 (local.get $b)
            (f64.add (f64.load offset=40 (local.get $b)) (f64.mul (local.get $dz) (local.get $mass))))
          (local.set $b (i32.add (local.get $b) (i32.const 56)))
          (br $others)))
      (br_if $pairs
        (i32.lt_u (local.tee $a (i32.add (local.get $a) (i32.const 56))) (global.get $end))))
    (local.set $a (i32.const 0))
    (loop $move
      (f64.store (local.get $a)
        (f64.add (f64.load (local.get $a))
          (f64.mul (f64.const 0.01) (f64.load offset=24 (local.get $a)))))
      (f64.store offset=8 (local.get $a)
        (f64.add (f64.load offset=8 (local.get $a))
          (f64.mul (f64.const 0.01) (f64.load offset=32 (local.get $a)))))
      (f64.store offset=16 (local.get $a)
        (f64.add (f64.load offset=16 (local.get $a))
          (f64.mul (f64.const 0.01) (f64.load offset=40 (local.get $a)))))
      (br_if $move
        (i32.lt_u (local.tee $a (i32.add (local.get $a) (i32.const 56))) (global.get $end)))))
  (func $energy (result f64)
    (local $a i32) (local $b i32) (local $sum f64) (local $dx f64) (local $dy f64) (local $dz f64)
    (loop $bodies
      (local.set $dx (f64.load offset=24 (local.get $a)))
      (local.set $dy (f64.load offset=32 (local.get $a)))
      (local.set $dz (f64.load offset=40 (local.get $a)))
      (local.set $sum
        (f64.add
          (local.get $sum)
          (f64.mul
            (f64.mul (f64.const 0.5) (f64.load offset=48 (local.get $a)))
            (f64.add
              (f64.add
                (f64.mul (local.get $dx) (local.get $dx))
                (f64.mul (local.get $dy) (local.get $dy)))
              (f64.mul (local.get $dz) (local.get $dz))))))
      (local.set $b (i32.add (local.get $a) (i32.const 56)))
      (block $paired
        (loop $others
          (br_if $paired (i32.ge_u (local.get $b) (global.get $end)))
          (local.set $dx (f64.sub (f64.load (local.get $a)) (f64.load (local.get $b))))
          (local.set $dy (f64.sub (f64.load offset=8 (local.get $a)) (f64.load offset=8 (local.get $b))))
          (local.set $dz (f64.sub (f64.load offset=16 (local.get $a)) (f64.load offset=16 (local.get $b))))
          (local.set $sum
            (f64.sub
              (local.get $sum)
              (f64.div
                (f64.mul (f64.load offset=48 (local.get $a)) (f64.load offset=48 (local.get $b)))
                (f64.sqrt
                  (f64.add
                    (f64.add
                      (f64.mul (local.get $dx) (local.get $dx))
                      (f64.mul (local.get $dy) (local.get $dy)))
                    (f64.mul (local.get $dz) (local.get $dz)))))))
          (local.set $b (i32.add (local.get $b) (i32.const 56)))
          (br $others)))
      (br_if $bodies
        (i32.lt_u (local.tee $a (i32.add (local.get $a) (i32.const 56))) (global.get $end))))
    (local.get $sum))
  (func (export "run") (param $steps i32) (result f64)
    (call $begin)
    (loop $again
      (call $step)
      (br_if $again (local.tee $steps (i32.sub (local.get $steps) (i32.const 1)))))
    (call $energy)))
