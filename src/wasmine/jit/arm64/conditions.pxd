# Instruction selection for conditions: branches, traps and selects on them.

from libc.stdint cimport uint32_t, uint64_t

from wasmine.jit.backend.lower cimport Lower

# Lowers relations whose value is wanted, and `select`; False when it is of another family.
cdef bint lower_condition(Lower* s, uint32_t id) noexcept nogil
# Sets the flags by an i32 value; returns the condition (COND_*) that holds when it is not zero.
cdef uint32_t emit_condition(Lower* s, uint32_t id) noexcept nogil
# See backend/lower.pxd: SelectionOf.
cdef void branch(Lower* s, uint32_t condition, uint32_t yes, uint32_t no) noexcept nogil
cdef void trap_on_value(Lower* s, uint32_t condition, uint32_t trap) noexcept nogil
cdef void trap_on_null(Lower* s, uint32_t ref, uint32_t trap, uint32_t detail) noexcept nogil
cdef void poll_counted(Lower* s, uint32_t counter, uint64_t mask) noexcept nogil
