# Register IR becomes SSA.

from libc.stdint cimport uint8_t, uint32_t, uint64_t

from wasmine.ir.func cimport Instr, IrFunc
from wasmine.jit.ssa.function cimport SsaFunc
from wasmine.jit.ssa.simplify cimport Cursor
from wasmine.runtime.vm cimport ModuleCode

cdef enum:
    NO_ENTRY = 0xFFFFFFFF
    GROUP = 4

    # What becomes of a function
    BUILD_DONE = 0
    BUILD_NO_MEMORY = 1
    BUILD_TOO_LARGE = 2     # its control flow and its slots multiply: see slots.py
    BUILD_UNSUPPORTED = 3   # an instruction without a translation
    BUILD_NO_WAY_IN = 4     # entered there, a loop around would have two entries

cdef struct BuildOptions:
    uint64_t guarded        # bit i: memory i is guarded, if its addresses are 32-bit: accesses need no check
    uint32_t enter_at       # position of the `loop` where running code enters (on-stack replacement), or NO_ENTRY

# What a slot holds at the ends of adjacent blocks, which are asked for together.
cdef struct Exits:
    uint32_t group          # block // GROUP + 1; 0: the record is free
    uint32_t slot
    uint32_t values[GROUP]  # 0: not known

# What the building of one function keeps. Arrays over blocks are indexed by block, over slots by slot.
cdef struct Build:
    SsaFunc* f
    ModuleCode* code
    IrFunc* ir
    BuildOptions* options
    Cursor at               # where instructions are added

    # control flow (scan.py)
    uint32_t* block_at      # position -> the block that starts there, or 0
    uint32_t* ends          # block -> position of its last instruction
    uint32_t* caught_by     # block -> 1 + the handler that it is the target of, or 0
    uint32_t* extent        # loop header -> last position of its loop; other blocks: 0
    uint32_t* mark          # blocks: for passing use
    uint32_t* write_first   # slot -> its first entry in `writes`
    uint32_t* writes        # positions that write the slot, ascending

    # a dispatcher and the copy without it (dispatch.py)
    uint32_t dispatch       # position of its loop
    uint32_t dispatch_end   # position of its table
    uint32_t first_copy     # blocks from here on are the copy; 0: there is none
    uint32_t* copy_at       # as block_at, for the copy

    # slots (slots.py)
    uint32_t* value         # slot -> value, where `seen` says so
    uint32_t* seen          # slot -> `era` in which `value` was set
    uint32_t era
    uint32_t* touched       # slots whose value the current block has set or looked up
    uint32_t n_touched
    uint8_t* slot_types     # slot -> type where known: of locals, when code is entered in the middle
    Exits* exits            # hash table: slot, block -> value of the slot at the end of the block
    uint32_t n_exits
    uint32_t max_exits
    uint32_t* walk          # stack of blocks whose exit value is looked for, each with the next predecessor to ask
    uint32_t max_walk
    uint32_t* open          # values whose type or operands are open: parameters, selects, frame loads
    uint32_t n_open
    uint32_t max_open
    uint32_t completed      # those before have their operands
    uint64_t budget         # steps left
    uint32_t status         # BUILD_*

# Builds a function that has been lowered into `f`, which the caller has initialised and will free. Returns BUILD_*.
cdef uint32_t build(SsaFunc* f, ModuleCode* code, IrFunc* ir, BuildOptions* options) noexcept nogil

# TYPE_* of a value type.
cdef uint32_t type_of(uint32_t type) noexcept nogil

# Making instructions that are not simplified. `made` has room for n operands; when they are set, `placed` puts it at the end of the block.
# `plain` has none, `of_one` has one.
cdef uint32_t made(Build* b, uint32_t op, uint32_t type, uint32_t n, uint64_t imm, uint32_t aux) noexcept nogil
cdef void set_arg(Build* b, uint32_t id, uint32_t k, uint32_t value) noexcept nogil
cdef uint32_t placed(Build* b, uint32_t id) noexcept nogil
cdef uint32_t plain(Build* b, uint32_t op, uint32_t type, uint64_t imm, uint32_t aux) noexcept nogil
cdef uint32_t of_one(Build* b, uint32_t op, uint32_t type, uint32_t value, uint64_t imm, uint32_t aux) noexcept nogil
