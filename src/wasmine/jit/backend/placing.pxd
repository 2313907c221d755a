# Pieces of lives, and what decides on their places.

from libc.stdint cimport uint32_t, uint64_t

from wasmine.jit.backend.regalloc cimport Alloc, Piece

# A new piece, in its slot; 0 and `failed` when memory is exhausted.
cdef uint32_t new_piece(Alloc* a, uint32_t vreg, uint32_t start, uint32_t end, uint32_t use) noexcept nogil
# Pieces that wait for their places, by start.
cdef void push(Alloc* a, uint32_t piece) noexcept nogil
cdef uint32_t pop(Alloc* a) noexcept nogil
# The registers of pieces that end at `start` or before are free again. Positions only grow.
cdef void pass_ended(Alloc* a, uint32_t start) noexcept nogil
# Gives a piece a register, or its slot, or cuts it and gives the first part one.
cdef void place(Alloc* a, uint32_t p) noexcept nogil
# Position of the first use that is of `kind` or stronger and not passed, 0xFFFFFFFF if there is none.
cdef uint32_t next_use(Alloc* a, Piece* piece, uint32_t kind) noexcept nogil
# Whether one of the next few uses is before `limit` and would like a register.
cdef bint is_wanted_before(Alloc* a, Piece* piece, uint32_t limit) noexcept nogil
# Where fixed operands or a call next take the register; `pos` or less when it is taken now.
cdef uint32_t free_until(Alloc* a, uint32_t reg, uint32_t pos) noexcept nogil
# The start of the outermost loop around `pos` that starts behind `low`; else `pos`.
cdef uint32_t before_loops(Alloc* a, uint32_t low, uint32_t pos) noexcept nogil
# Cuts a piece in two; returns the second one, which starts at `pos`.
cdef uint32_t split(Alloc* a, uint32_t p, uint32_t pos) noexcept nogil
# Gives a piece a register that is free until `limit`; from there it waits for another place.
cdef void take_until(Alloc* a, uint32_t p, uint32_t reg, uint32_t limit) noexcept nogil
# The piece is in its slot until `pos`; from there on it is looked at again.
cdef void put_off(Alloc* a, uint32_t p, uint32_t pos) noexcept nogil

cdef inline uint64_t bit(uint32_t reg) noexcept nogil:
    return <uint64_t>1 << reg
