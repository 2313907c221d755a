# Instruction selection for conditions, and selects on them.

from libc.stdint cimport uint32_t

from wasmine.jit.backend.lower cimport Lower

# Sets the flags by an i32 value; returns the condition (CC_*) that holds when it is not zero.
cdef uint32_t emit_condition(Lower* s, uint32_t id) noexcept nogil
# A relation whose value, 0 or 1, is wanted.
cdef void emit_bool(Lower* s, uint32_t id) noexcept nogil
cdef void select(Lower* s, uint32_t id) noexcept nogil
