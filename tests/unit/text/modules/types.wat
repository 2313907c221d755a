(type $f (func (param i32) (param i64 f32) (result (ref null $s) (ref extern))))
(rec (type $s (struct (field $x i8) (field (mut i16)) (field i32 (mut (ref $a)))))
  (type $a (array (mut (ref null $s)))))
