# Instruction selection: a function in SSA form becomes machine instructions with virtual registers.

from libc.stdint cimport uint32_t

from wasmine.jit.backend.machine cimport MachFunc
from wasmine.jit.ssa.function cimport SsaFunc
from wasmine.runtime.vm cimport ModuleCode

# See backend/target.pxd.
cdef uint32_t select_instructions(MachFunc* m, SsaFunc* f, ModuleCode* code, uint32_t features, uint32_t* refused) noexcept nogil
