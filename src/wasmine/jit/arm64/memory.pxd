# Instruction selection for memory, globals, and what else the instance holds.

from libc.stdint cimport int32_t, uint32_t

from wasmine.jit.backend.lower cimport Lower
from wasmine.jit.backend.machine cimport MachInst

# The virtual registers of an address; 0: none. There is an index, or a distance that the instruction reaches.
cdef struct Target:
    uint32_t base           # 0: memory 0
    uint32_t index
    int32_t disp
    uint32_t faults         # an access there may fault

# Lowers one instruction; False when it is of another family.
cdef bint lower_memory(Lower* s, uint32_t id) noexcept nogil

cdef enum:
    MEMORY_OF = 0xFFFFFF    # Instruction.aux: the memory, below the lane of a vector

# The instruction that does what an SSA load or store does; 0: it is none.
cdef uint32_t load_op(uint32_t op) noexcept nogil
cdef uint32_t store_op(uint32_t op) noexcept nogil
# What the address of an access by a machine op is made of; emits what must be computed for it.
cdef void find_target(Lower* s, uint32_t id, uint32_t op, Target* target) noexcept nogil
# Makes it the memory operand of an instruction.
cdef void add_target(Lower* s, MachInst* made, Target* target) noexcept nogil
# Before a store by a machine op to a target: the load that traps in its place, if the store may tear.
cdef void guard_store(Lower* s, uint32_t id, uint32_t op, Target* target) noexcept nogil
# A virtual register with the whole address; of the target, only `faults` counts then.
cdef uint32_t find_place(Lower* s, uint32_t id, Target* target) noexcept nogil
