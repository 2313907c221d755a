# Jumps: between blocks, inside the sequence of one instruction, and by tables.

from libc.stdint cimport uint32_t

from wasmine.jit.backend.machine cimport MachInst
from wasmine.jit.backend.emit cimport Emit

# To a block, on a condition (CC_*) or ALWAYS; nothing where control falls into it anyway.
cdef void emit_jump(Emit* e, uint32_t cc, uint32_t target) noexcept nogil
cdef void emit_branch(Emit* e, const MachInst* inst) noexcept nogil
cdef void emit_jump_table(Emit* e, const MachInst* inst) noexcept nogil
# A jump but for its distance of 32 bits.
cdef void start_jump(Emit* e, uint32_t cc) noexcept nogil
# Fills in the distance that stands at `at`.
cdef void patch(Emit* e, uint32_t at, uint32_t target) noexcept nogil
# To a place in the buffer.
cdef void jump_back(Emit* e, uint32_t target) noexcept nogil
# Inside a sequence, on a condition (CC_*) or ALWAYS; `land` sets its target to here.
cdef uint32_t jump_short(Emit* e, uint32_t cc) noexcept nogil
cdef void land(Emit* e, uint32_t jump) noexcept nogil
