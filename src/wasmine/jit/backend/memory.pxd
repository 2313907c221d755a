# Instruction selection for memory, globals, and what else the instance holds.

from libc.stdint cimport uint32_t

from wasmine.jit.backend.lower cimport Lower, Target
from wasmine.jit.backend.machine cimport MachInst

cdef enum:
    # Instruction.aux of an access: the memory, below the lane of a vector
    MEMORY_OF = 0xFFFFFF
    LANE_AT = 24

# Lowers one instruction; False when it is of another family.
cdef bint lower_memory(Lower* s, uint32_t id) noexcept nogil

# ACCESS_* of an SSA load or store; NO_ACCESS: it is none.
cdef uint32_t loaded(uint32_t op) noexcept nogil
cdef uint32_t stored(uint32_t op) noexcept nogil
# Loads from memory into a virtual register by a machine op.
cdef void load_to(Lower* s, uint32_t id, uint32_t dst, uint32_t op) noexcept nogil
# Makes what SelectionOf.find_target has found the memory operand of an instruction.
cdef void add_target(Lower* s, MachInst* made, const Target* target) noexcept nogil
