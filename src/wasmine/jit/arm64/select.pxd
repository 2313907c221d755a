# Instruction selection for ARM64: its part of backend/select.pxd.

from libc.stdint cimport uint32_t

from wasmine.jit.backend.machine cimport MachFunc
from wasmine.jit.ssa.function cimport SsaFunc
from wasmine.runtime.vm cimport ModuleCode

# Target.select.
cdef uint32_t select_arm64(MachFunc* m, SsaFunc* f, ModuleCode* code, uint32_t features, uint32_t* refused) noexcept nogil
