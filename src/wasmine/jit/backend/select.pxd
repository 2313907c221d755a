# Instruction selection: a function in SSA form becomes machine instructions with virtual registers.

from libc.stdint cimport uint32_t

from wasmine.jit.backend.lower cimport SelectionOf
from wasmine.jit.backend.machine cimport MachFunc
from wasmine.jit.ssa.function cimport SsaFunc
from wasmine.runtime.vm cimport ModuleCode

# Target.select for a machine.
cdef uint32_t select_instructions(const SelectionOf* machine, MachFunc* m, SsaFunc* f, ModuleCode* code, uint32_t features,
                                  uint32_t* refused) noexcept nogil
