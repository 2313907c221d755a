# Register allocation: linear scan over live intervals with splitting. See regalloc.py.

from libc.stdint cimport uint8_t, uint32_t, uint64_t

from wasmine.jit.backend.machine cimport N_REGS, MachFunc, Registers

cdef enum:
    # Use.kind
    USE_LAZY = 0            # reads it wherever it is: moves, arguments
    USE_LOOP = 1            # the end of a loop in which it is used: the next turn needs it again
    USE_WANT = 2            # can do with the spill slot
    USE_MUST = 3            # must be in a register

cdef struct Use:
    uint32_t pos
    uint32_t kind           # USE_*
    uint32_t next

# A physical register is taken from start to end by fixed operands.
cdef struct Busy:
    uint32_t start
    uint32_t end
    uint32_t next

# Part of the life of a virtual register, at one place.
cdef struct Piece:
    uint32_t vreg
    uint32_t start          # positions
    uint32_t end
    uint32_t use            # first use that the scan has not passed
    uint32_t passed         # position of the last one that it has passed
    uint32_t next           # of the same virtual register
    uint32_t reg            # or IN_SLOT
    uint32_t before         # in a list of changes: the piece that it goes on from
    uint32_t also           # ... and the next one in the list

cdef struct Alloc:
    MachFunc* m
    const Registers* registers
    uint32_t failed
    Use* uses               # from 1
    uint32_t n_uses
    uint32_t max_uses
    Busy* busy              # from 1
    uint32_t n_busy
    uint32_t max_busy
    Piece* pieces           # from 1
    uint32_t n_pieces
    uint32_t max_pieces
    uint64_t* heap          # pieces, by start: start << 32 | piece
    uint32_t n_heap
    uint32_t max_heap
    uint32_t* assigned      # pieces that got a register, in order
    uint32_t n_assigned
    uint32_t max_assigned
    uint32_t* block_of      # instruction -> block
    uint32_t busy_of[N_REGS]    # first range not passed
    uint32_t calls          # ... of instructions that keep no register
    uint32_t active[N_REGS] # pieces that are in registers now
    uint64_t taken          # ... and which registers these are
    uint32_t* changes       # instruction -> list of the pieces that change places before it
    uint32_t block          # the next one that the scan enters
    uint32_t* homes         # block -> the predecessor in whose registers it finds its values + 1, or 0
    uint32_t* ends          # block -> held: the number of pieces in registers at its end, and they; 0: not noted
    uint32_t* held          # from 1
    uint32_t n_held
    uint32_t max_held
    uint8_t* where          # virtual register -> its register at the end of a home, or IN_SLOT; while a block is entered

# Assigns registers and slots to all operands, and puts moves where values change places. False when memory is exhausted or an
# instruction wants more registers than there are.
cdef bint allocate_registers(MachFunc* m, const Registers* registers) noexcept nogil
