# Parallel moves: many values change places at once; made into moves one after the other.

from libc.stdint cimport uint8_t, uint32_t

from wasmine.jit.backend.machine cimport MachFunc, Move, Registers
from wasmine.jit.workspace cimport Workspace

# A set of moves that happen at once. Each destination occurs once; the set is empty again after `settle`.
cdef struct MoveSet:
    Move* moves
    uint32_t n_moves
    uint32_t max_moves
    uint32_t* readers       # location -> moves that still read it
    uint32_t* writer        # location -> move that writes it + 1
    uint32_t n_places
    uint32_t failed
    Workspace* work

cdef void init_moves(MoveSet* set, uint32_t n_slots, Workspace* work) noexcept nogil
cdef void free_moves(MoveSet* set) noexcept nogil
cdef void put_move(MoveSet* set, uint32_t src, uint32_t dst, uint32_t type) noexcept nogil
# Appends the moves to those of the function, in an order in which none overwrites what another reads. Returns how many were appended.
cdef uint32_t settle(MoveSet* set, MachFunc* m, const Registers* registers) noexcept nogil
