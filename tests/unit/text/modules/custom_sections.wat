(@custom "a") (func) (@custom "b" (before first) "x" "\00") (@custom "c" (after func) "y")
(@custom "d" (before code) "z") (@custom "e" (after last) "") (memory 1)
