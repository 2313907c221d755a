# Instruction selection for conditions: branches, traps and selects on them.

from libc.stdint cimport uint32_t, uint64_t

from wasmine.jit.backend.lower cimport Lower
from wasmine.jit.backend.machine cimport MachInst

# Lowers relations whose value is wanted, and `select`; False when it is of another family.
cdef bint lower_condition(Lower* s, uint32_t id) noexcept nogil
# Sets the flags by an i32 value; returns the condition (COND_*) that holds when it is not zero.
cdef uint32_t emit_condition(Lower* s, uint32_t id) noexcept nogil
# See backend/lower.pxd: SelectionOf.
cdef void branch(Lower* s, uint32_t condition, uint32_t yes, uint32_t no) noexcept nogil
cdef void trap_on_value(Lower* s, uint32_t condition, uint32_t trap) noexcept nogil
cdef void trap_on_null(Lower* s, uint32_t ref, uint32_t trap) noexcept nogil
cdef void poll_counted(Lower* s, uint32_t counter, uint64_t mask) noexcept nogil
# Traps if a branch on a register is taken (jumps.pxd); a second operand is the trap's detail.
cdef MachInst* trap_on(Lower* s, uint32_t op, uint32_t vreg, uint32_t bit, uint32_t trap) noexcept nogil
# Traps on a condition; detail: a virtual register, or 0.
cdef void trap_if(Lower* s, uint32_t cond, uint32_t trap, uint32_t detail) noexcept nogil
