# Jumps: between blocks, inside the sequence of one instruction, and by tables.
#
# A branch is named by its op, a register or condition, and the number of a bit, as far as its form has them: A_B; A_B_IF with a COND_* as
# `reg`; A_CBZ32 and so on; A_TBZ, A_TBNZ.

from libc.stdint cimport uint32_t

from wasmine.jit.backend.emit cimport Emit
from wasmine.jit.backend.machine cimport MachInst

# A branch without a distance; returns where that is to be filled in (`patch`). In code that is too large for its reach, one around a jump.
cdef uint32_t start_branch(Emit* e, uint32_t op, uint32_t reg, uint32_t bit) noexcept nogil
# Fills in a distance.
cdef void patch(Emit* e, uint32_t at, uint32_t target) noexcept nogil
# To a block; nothing where control falls into it anyway.
cdef void emit_jump(Emit* e, uint32_t target) noexcept nogil
# To a block if the branch is taken, else to another.
cdef void emit_branch(Emit* e, uint32_t op, uint32_t reg, uint32_t bit, uint32_t yes, uint32_t no) noexcept nogil
cdef void emit_jump_table(Emit* e, const MachInst* inst) noexcept nogil
# To a place in the buffer.
cdef void jump_back(Emit* e, uint32_t target) noexcept nogil
