# Loads that are done where their value is used, as operands in memory.

from libc.stdint cimport uint32_t

from wasmine.jit.backend.machine cimport MachInst
from wasmine.jit.backend.lower cimport Lower

# Counts, for each instruction, the effects before it in its block. False when memory is exhausted.
cdef bint find_epochs(Lower* s) noexcept nogil
# Whether a value is that of a load `op` which only the instruction being lowered uses, and which may be done there: nothing with an
# effect stands between. Then it is not emitted by itself any more.
cdef bint sinks(Lower* s, uint32_t id, uint32_t op) noexcept nogil
cdef bint is_sunk(Lower* s, uint32_t id) noexcept nogil
# The load of a value of that type (TYPE_*), as wide as the type.
cdef uint32_t plain_load(uint32_t type) noexcept nogil
# Gives an instruction the place in the program of a load that it does.
cdef void stand_for(Lower* s, MachInst* made, uint32_t load) noexcept nogil
