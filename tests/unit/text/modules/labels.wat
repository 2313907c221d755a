(func (block $a (loop $b (br $a) (br $b) (br 2)) (block $a (br $a))) block $c br_if $c end $c)
