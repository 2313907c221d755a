# The code of a callee put in the place of a call.

from libc.stdint cimport uint32_t

from wasmine.jit.ssa.function cimport SsaFunc
from wasmine.spec.types cimport TypeDef

# Copies `g`, a function of the given type that catches no exceptions, into `f` in the place of a call that stands in no try. The call's
# results are replaced in `alias` (function.pxd, resolve), which has room for all values of `f`; analyses are stale afterwards.
cdef void splice(SsaFunc* f, SsaFunc* g, TypeDef* type, uint32_t call, uint32_t* alias) noexcept nogil
