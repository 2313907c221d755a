(memory i32 1)
(memory i64 0x1_0000)
(table i32 1 funcref)
(table i64 0xffff_ffff_ffff externref)
