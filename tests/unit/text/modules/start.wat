(start $s)
(func $s)
