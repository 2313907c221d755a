(func (param $p i32) (param i64) (local $l i32) (local i32 i32 f32) (local $k f32) local.get $k
  drop)
