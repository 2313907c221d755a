(func (block $a (block $b (br_table $a $b 0 1 2 $a (i32.const 1)))))
