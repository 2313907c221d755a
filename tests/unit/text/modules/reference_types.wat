(type $t (func))
(func
  (param funcref externref anyref eqref i31ref structref arrayref nullref nullfuncref
    nullexternref exnref nullexnref
    (ref null func)
    (ref func)
    (ref null $t)
    (ref 0)
    (ref null none)
    (ref any)
    (ref exn)
    (ref null noextern)
    (ref noexn)))
