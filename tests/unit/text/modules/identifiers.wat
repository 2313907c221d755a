(func $"a b" (call $"a b"))
(func $x (call $"x") (call $"\78"))
(func $"\u{e9}" (local $"ö" i32) (local.set $"\c3\b6" (i32.const 1)))
(func $!#$%&'*+-./:<=>?@\^_`|~ (call $!#$%&'*+-./:<=>?@\^_`|~))
