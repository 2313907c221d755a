(module (@a) (@b.c "d" (e (@f) ;; )
) 1x ,;[]{}) (func (@g) (nop (@h)) (@" i" ) ))
