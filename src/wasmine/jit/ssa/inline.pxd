# Calls replaced by what they call.

from libc.stdint cimport uint32_t

from wasmine.jit.ssa.build cimport BuildOptions
from wasmine.jit.ssa.function cimport SsaFunc
from wasmine.runtime.vm cimport ModuleCode

# Replaces calls of small functions of the same instance by their code, within a budget. Needs order, dominators and loops, and finds them
# anew. False when memory is exhausted.
cdef bint inline_calls(SsaFunc* f, ModuleCode* code, BuildOptions* options) noexcept nogil
