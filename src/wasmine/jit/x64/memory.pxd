# Instruction selection for memory, globals, and what else the instance holds.

from libc.stdint cimport int32_t, uint32_t

from wasmine.jit.backend.machine cimport MachInst
from wasmine.jit.backend.lower cimport Lower

# The virtual registers of an address; 0: none.
cdef struct Target:
    uint32_t base
    uint32_t index
    int32_t disp
    uint32_t faults         # an access there may fault

# Lowers one instruction; False when it is of another family.
cdef bint lower_memory(Lower* s, uint32_t id) noexcept nogil

# What the address of an access is made of; emits what must be computed for it.
cdef void find_target(Lower* s, uint32_t id, Target* target) noexcept nogil
# Makes it the memory operand of an instruction.
cdef void add_target(Lower* s, MachInst* made, Target* target) noexcept nogil
