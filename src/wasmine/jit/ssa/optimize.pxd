# The whole way from register IR to optimised SSA.

from wasmine.ir.func cimport IrFunc
from wasmine.jit.ssa.build cimport BuildOptions
from wasmine.jit.ssa.function cimport SsaFunc
from wasmine.runtime.vm cimport ModuleCode
from libc.stdint cimport uint32_t

# Builds a function into `f`, which the caller has initialised and will free, and optimises it. Returns BUILD_*. Order, predecessors,
# dominators, loops, uses and B_COLD are up to date.
cdef uint32_t compile_ssa(SsaFunc* f, ModuleCode* code, IrFunc* ir, BuildOptions* options) noexcept nogil

# The passes alone.
cdef bint optimize(SsaFunc* f, ModuleCode* code, BuildOptions* options) noexcept nogil
