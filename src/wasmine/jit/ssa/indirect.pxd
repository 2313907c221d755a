# Indirect calls whose callees are known.

from libc.stdint cimport uint32_t

from wasmine.jit.ssa.function cimport SsaFunc
from wasmine.runtime.vm cimport ModuleCode

# Puts direct calls in the place of a call through a table whose contents are known (ModuleCode.fixed), one for each element of the
# wanted type, if there are few. As `splice` (splice.pxd). The direct calls are the newest instructions of `f`. Whether it did.
cdef bint spread(SsaFunc* f, ModuleCode* code, uint32_t call, uint32_t* alias) noexcept nogil
