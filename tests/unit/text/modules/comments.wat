(; a (; b ;) (;;) ;) (module ;; c
(func (;d;) nop;;e
))
