# Jumps: between blocks, inside the sequence of one instruction, and by tables.

from libc.stdint cimport uint32_t

from wasmine.jit.backend.machine cimport MachInst
from wasmine.jit.x64.emit cimport Emit

cdef enum:
    ALWAYS = 0xFF           # instead of a condition

# Where control ends up that goes to block b, past those that only jump on.
cdef uint32_t goes_to(Emit* e, uint32_t b) noexcept nogil
# To a block; nothing where control falls into it anyway.
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
# An array of `used` records of `size` bytes with room for one more: that given, or moved. Sets Emit.failed without memory.
cdef void* room(Emit* e, void* array, uint32_t used, uint32_t* capacity, size_t size) noexcept nogil
