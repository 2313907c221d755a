# From machine instructions with registers to bytes.

from libc.stdint cimport int32_t, int64_t, uint8_t, uint32_t, uint64_t

from wasmine.jit.backend.codebuffer cimport CodeBuffer
from wasmine.jit.backend.machine cimport MachFunc, MachInst
from wasmine.jit.backend.target cimport Links
from wasmine.jit.codemap cimport Notes
from wasmine.jit.x64.encode cimport Address

cdef enum:
    UNPLACED = 0xFFFFFFFF

    # Stub.kind
    STUB_TRAP = 0           # ends in a trap
    STUB_POLL = 1           # polls and comes back
    STUB_LIMIT = 2          # the stack limit is passed, or a poll is due: asks and comes back
    STUB_FUNCREF = 3        # a call that is not of native code of the same instance; comes back
    STUB_STATUS = 4         # ends in the trap whose code is in eax
    STUB_SLOW = 5           # has slow.py do something, keeping the registers; comes back
    STUB_TAIL = 6           # a tail call that is not of native code of the same instance
    STUB_ASK = 7            # polls if the context says so, and comes back

cdef struct Stub:           # out of line
    uint32_t kind           # STUB_*
    uint32_t from_          # where the jump's distance stands
    uint32_t back           # where to come back to
    uint32_t trap
    uint32_t detail         # register of the trap's detail, or NO_REG
    uint32_t type_id
    uint32_t pos            # of the instruction that jumps there
    uint32_t site
    uint32_t reg            # STUB_SLOW: where its result goes
    uint32_t words[4]       # STUB_SLOW: what it asks for (slow.pxd); STUB_TAIL: flags, bytes of results
    uint32_t handlers       # of exceptions that leave it: MachFunc.pool, or 0

cdef struct Fixup:          # a 32-bit distance that is still open
    uint32_t at
    uint32_t target         # block, or pool entry
    uint32_t tail           # bytes of the instruction behind the distance

cdef struct Constant:       # 16 bytes in the pool behind the code
    uint64_t low
    uint64_t high

cdef struct Emit:
    CodeBuffer* code
    MachFunc* m
    const Links* links
    Notes* notes
    const MachInst* at      # the instruction that is being emitted
    uint32_t frame          # bytes that the prologue takes
    uint32_t* offsets       # block -> where it starts, or UNPLACED
    uint32_t* ends          # block -> where control ends up that goes to it
    uint32_t next           # the block that follows the current one in memory, or UNPLACED
    Stub* stubs
    uint32_t n_stubs
    uint32_t max_stubs
    Fixup* jumps
    uint32_t n_jumps
    uint32_t max_jumps
    Fixup* loads            # of constants
    uint32_t n_loads
    uint32_t max_loads
    Constant* constants
    uint32_t n_constants
    uint32_t max_constants
    Fixup* tables           # jump tables: where the distance to them stands, and their instruction
    uint32_t n_tables
    uint32_t max_tables
    uint32_t failed

# Appends the function's code to an empty buffer: entry first. False when memory is exhausted.
cdef bint emit_function(CodeBuffer* code, MachFunc* m, const Links* links, Notes* notes) noexcept nogil
