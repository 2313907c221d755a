# From machine instructions with registers to bytes: what is the same on all machines. Blocks and their order, what is noted of places in
# the code, what stands out of line or behind it.
#
#     entry:  stack check, frame
#             blocks; those that are seldom reached last
#             stubs: traps, polls, calls through references that leave the instance
#             constants, jump tables

from libc.stdint cimport int32_t, uint32_t, uint64_t

from wasmine.jit.backend.codebuffer cimport CodeBuffer
from wasmine.jit.backend.machine cimport MachFunc, MachInst, Move
from wasmine.jit.backend.target cimport Links
from wasmine.jit.codemap cimport Notes

cdef enum:
    UNPLACED = 0xFFFFFFFF
    ALWAYS = 0xFF           # instead of a condition
    NO_DETAIL = 0xFF        # Stub.detail

    # Stub.kind
    STUB_TRAP = 0           # ends in a trap
    STUB_POLL = 1           # polls and comes back
    STUB_LIMIT = 2          # the stack limit is passed, or a poll is due: asks and comes back
    STUB_FUNCREF = 3        # a call that is not of native code of the same instance; comes back
    STUB_STATUS = 4         # ends in the trap whose code is where C functions return one
    STUB_SLOW = 5           # has slow.py do something, keeping the registers; comes back
    STUB_TAIL = 6           # a tail call that is not of native code of the same instance
    STUB_ASK = 7            # polls if the context says so, and comes back

cdef struct Stub:           # out of line
    uint32_t kind           # STUB_*
    uint32_t from_          # where the jump's distance stands
    uint32_t back           # where to come back to
    uint32_t trap
    uint32_t detail         # register of the trap's detail, or NO_DETAIL
    uint32_t type_id
    uint32_t pos            # of the instruction that jumps there
    uint32_t site
    uint32_t reg            # STUB_SLOW: where its result goes
    uint32_t words[4]       # STUB_SLOW: what it asks for (slow.pxd); STUB_TAIL: flags, bytes of results
    uint32_t handlers       # of exceptions that leave it: MachFunc.pool, or 0

cdef struct Fixup:          # a distance that is still open
    uint32_t at
    uint32_t target         # block, or pool entry
    uint32_t tail           # bytes of the instruction behind the distance

cdef struct Constant:       # 16 bytes in the pool behind the code
    uint64_t low
    uint64_t high

cdef struct Emit
cdef struct EmitterOf:      # a machine
    # Bytes between the return address and the stack pointer; 0: none, and no call is made.
    uint32_t (*frame_size)(const MachFunc* m) noexcept nogil
    void (*prologue)(Emit* e) noexcept nogil
    void (*inst)(Emit* e, const MachInst* inst) noexcept nogil
    # A value of type VT_* from one location to another.
    void (*move)(Emit* e, uint32_t src, uint32_t dst, uint32_t type, uint32_t no_scratch) noexcept nogil
    # Two moves by one instruction; False if there is none. NULL: there never is.
    bint (*pair)(Emit* e, const Move* one, const Move* other) noexcept nogil
    # Fills in the distance of the jump at `at`.
    void (*patch)(Emit* e, uint32_t at, uint32_t target) noexcept nogil
    # So many bytes that do nothing. NULL: loops begin anywhere.
    void (*fill)(Emit* e, uint32_t n) noexcept nogil
    # A stub that ends in a trap: ends with a call whose distance is open.
    void (*trap_stub)(Emit* e, const Stub* stub) noexcept nogil
    # What such stubs call: leaves with a trap; TRAP_NONE stands for the code that is in the register of results.
    void (*way_out)(Emit* e, uint32_t trap) noexcept nogil
    # STUB_SLOW, STUB_TAIL, and those that call something and come back.
    void (*slow_stub)(Emit* e, const Stub* stub) noexcept nogil
    void (*tail_stub)(Emit* e, const Stub* stub) noexcept nogil
    void (*call_stub)(Emit* e, const Stub* stub) noexcept nogil
    # Behind the stubs.
    void (*data)(Emit* e) noexcept nogil

cdef struct Emit:
    const EmitterOf* machine
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
    uint32_t far            # how long distances are taken to be: 0 to 2
    uint32_t out_of_reach   # one was longer than was thought: all is emitted again, for longer ones
    uint32_t failed

# Target.emit for a machine.
cdef bint emit_function(const EmitterOf* machine, CodeBuffer* code, MachFunc* m, const Links* links, Notes* notes) noexcept nogil

# The code of block b.
cdef void emit_block(Emit* e, uint32_t b) noexcept nogil
# Where control ends up that goes to block b, past those that only jump on.
cdef uint32_t goes_to(Emit* e, uint32_t b) noexcept nogil
# Where operand k is: a location (machine.pxd); a location that is a slot, from the stack pointer.
cdef uint32_t location_of(Emit* e, const MachInst* inst, uint32_t k) noexcept nogil
cdef int32_t slot_disp(Emit* e, uint32_t location) noexcept nogil
# An array of `used` records of `size` bytes with room for one more: that given, or moved. Sets Emit.failed without memory.
cdef void* room(Emit* e, void* array, uint32_t used, uint32_t* capacity, size_t size) noexcept nogil
# The jump whose distance stands at `at` leads to a block.
cdef void add_jump(Emit* e, uint32_t at, uint32_t target) noexcept nogil
# A new stub for the instruction that is being emitted; the jump to it has been emitted, its distance stands at `at`. NULL: no memory.
cdef Stub* add_stub(Emit* e, uint32_t kind, uint32_t at) noexcept nogil
# What the pseudo instruction const loads; halves of the 16 bytes in MachFunc.pool that an instruction names by its aux.
cdef uint64_t constant_bits(const MachInst* inst) noexcept nogil
cdef uint64_t low_half(Emit* e, const MachInst* inst) noexcept nogil
cdef uint64_t high_half(Emit* e, const MachInst* inst) noexcept nogil
# Number of a constant of 16 bytes: of an equal one among the last few, or a new one.
cdef uint32_t constant_of(Emit* e, uint64_t low, uint64_t high) noexcept nogil
# The distance at `at` leads to a constant.
cdef void add_load(Emit* e, uint32_t at, uint32_t constant, uint32_t tail) noexcept nogil
# The constants; returns where they start.
cdef uint32_t emit_constants(Emit* e) noexcept nogil
# The address of the adapter that calls a FuncInst of a type.
cdef uint64_t adapter(Emit* e, uint32_t type_id) noexcept nogil
# Behind a call: its return address gets a note, and the handlers of the exceptions that leave the callee.
cdef void note_call(Emit* e) noexcept nogil
# The handlers alone, of a list in MachFunc.pool, or 0.
cdef void add_landings(Emit* e, uint32_t handlers) noexcept nogil
