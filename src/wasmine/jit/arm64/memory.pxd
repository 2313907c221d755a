# Instruction selection for memory and globals: the machine's part of backend/memory.py (SelectionOf).

from libc.stdint cimport uint32_t

from wasmine.jit.backend.lower cimport Lower, Target

# There is an index, or a distance that the instruction reaches.
cdef void find_target(Lower* s, uint32_t id, uint32_t op, Target* target) noexcept nogil
cdef void store(Lower* s, uint32_t id, uint32_t op) noexcept nogil
cdef void check_bounds(Lower* s, uint32_t id) noexcept nogil
cdef uint32_t find_global(Lower* s, uint32_t index, uint32_t op) noexcept nogil
# Before a store by a machine op to a target: the load that traps in its place, if the store may tear.
cdef void guard_store(Lower* s, uint32_t id, uint32_t op, Target* target) noexcept nogil

# A virtual register with the whole address; of the target, only `faults` counts then.
cdef uint32_t find_place(Lower* s, uint32_t id, Target* target) noexcept nogil
