# Instruction selection: a function in SSA form becomes machine instructions with virtual registers.

from libc.stdint cimport uint32_t

from wasmine.jit.backend.machine cimport MachFunc
from wasmine.jit.ssa.function cimport SsaFunc
from wasmine.runtime.vm cimport ModuleCode

cdef enum:
    # What becomes of a function
    SELECT_DONE = 0
    SELECT_NO_MEMORY = 1
    SELECT_REFUSED = 2      # an op without translation, in *refused

# Needs the analyses of f up to find_loops, and its uses counted. Returns SELECT_*.
cdef uint32_t select_instructions(MachFunc* m, SsaFunc* f, ModuleCode* code, uint32_t features, uint32_t* refused) noexcept nogil
