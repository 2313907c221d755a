# Making instructions, simplified as they are made, and simplifying those that are there.

from libc.stdint cimport uint32_t, uint64_t

from wasmine.jit.ssa.function cimport SsaFunc

# Where new instructions go, and what they come from.
cdef struct Cursor:
    SsaFunc* f
    uint32_t block
    uint32_t before         # the instruction that they stand before; 0: they end the block
    uint32_t pos            # of the register IR
    uint32_t site

# A new instruction, or the value that it would have: a constant, one of its operands, another new instruction. Counts the uses that it makes.
cdef uint32_t emit1(Cursor* c, uint32_t op, uint32_t type, uint32_t a) noexcept nogil
cdef uint32_t emit2(Cursor* c, uint32_t op, uint32_t type, uint32_t a, uint32_t b) noexcept nogil
# emit3: select only.
cdef uint32_t emit3(Cursor* c, uint32_t op, uint32_t type, uint32_t x, uint32_t y, uint32_t z) noexcept nogil

# Traps when the condition, an i32, is not zero.
cdef void emit_trap_if(Cursor* c, uint32_t condition, uint32_t trap) noexcept nogil

# Simplifies the whole function. Values that nobody uses any more stay; edges may have been exchanged, so that order and predecessors are
# to be found anew (SsaFunc.moved). False when memory is exhausted.
cdef bint simplify(SsaFunc* f) noexcept nogil
