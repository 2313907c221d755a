# What the lowering of one function keeps: the code so far, the abstract operand stack, and the open labels.

from libc.stdint cimport int32_t, int64_t, uint8_t, uint16_t, uint32_t, uint64_t

from wasmine.binary.module cimport ModuleDesc
from wasmine.ir.func cimport Handler, Instr
from wasmine.runtime.vm cimport ModuleCode

cdef enum:
    # Where the value of an operand-stack entry is
    IN_HOME = 0         # in its own slot
    IN_LOCAL = 1        # still in the local that was read
    IN_CODE = 2         # a constant that no instruction has produced yet

    # Kinds of labels
    L_BLOCK = 0
    L_LOOP = 1
    L_IF = 2
    L_ELSE = 3
    L_FUNC = 4
    L_TRY_TABLE = 5
    L_TRY = 6           # legacy: the body of a try
    L_CATCH = 7         # legacy: a catch or catch_all of a try

    NO_INSTR = -1

cdef struct Value:
    uint8_t where       # IN_*
    uint8_t wide        # a v128: two slots
    uint8_t is64        # IN_CODE: all of `bits` counts
    uint32_t home       # its slot in the operand stack
    uint32_t local      # IN_LOCAL: slot of the local
    int32_t next        # IN_LOCAL: the next lower entry that reads the same local, or NO_INSTR
    uint64_t bits       # IN_CODE

cdef struct Label:
    uint8_t kind        # L_*
    uint32_t height     # entries below the parameters
    uint32_t home       # slot of the first parameter and of the first result
    int32_t target      # L_LOOP: its position
    int32_t fixups      # forward branches to it, chained through their field c
    int32_t else_fixup  # L_IF: the branch around the first arm
    int32_t pad_table   # the br_table that `pad` belongs to
    uint32_t pad        # where that table's branches to this label copy their values
    uint32_t serial     # L_TRY_TABLE, L_TRY: order of opening, from 1
    uint32_t within     # serial of the innermost try whose body holds what is inside this label, 0 when there is none
    uint32_t first_handler      # L_TRY_TABLE, L_TRY: its handlers start here, and still have no end
    uint32_t body_end   # L_CATCH: the position behind the body of its try
    uint32_t exn_slot   # L_CATCH: holds the exception, for rethrow
    uint32_t n_params
    uint32_t n_results
    const uint32_t* params      # value types
    const uint32_t* results

# A relation that a branch can take in.
cdef struct Condition:
    uint32_t op         # the relation, on slots or with an immediate
    uint32_t a
    uint32_t b

cdef struct Builder:
    const ModuleDesc* desc
    const uint8_t* base         # the module's bytes
    const uint8_t* at           # the next byte to read
    const uint8_t* start        # the instruction that is being lowered

    Instr* code
    uint32_t* offsets
    uint32_t n
    uint32_t capacity
    int32_t last                # the newest instruction, when nothing can branch to behind it
    uint32_t barrier            # position of the newest label: what stands before it stays as it is

    Value* values
    uint32_t height
    uint32_t value_capacity
    uint32_t flushed            # entries below it read no local
    uint32_t next_home
    uint32_t frame_slots        # highest slot used so far, plus one

    Label* labels
    uint32_t n_labels
    uint32_t label_capacity

    Handler* handlers
    uint32_t n_handlers
    uint32_t handler_capacity
    uint32_t tries              # opened so far

    uint32_t* local_slots       # local index -> slot
    uint8_t* local_wide
    int32_t* readers            # slot of a local -> newest entry that reads it
    uint32_t n_locals
    uint32_t local_slot_count
    uint32_t param_slots
    uint32_t header
    uint32_t n_results
    const uint32_t* results

    int32_t jumps               # newest unconditional branch, NO_INSTR when there is none
    uint32_t reachable
    uint32_t skipped            # blocks opened in unreachable code
    uint32_t metered
    uint32_t counted            # ModuleCode.counted
    int32_t fuel_at             # the fuel instruction of the current block
    uint32_t bounded
    uint32_t leaf
    uint32_t failed             # TRAP_*: out of memory, or an instruction that is not executed yet

cdef uint32_t emit(Builder* b, uint32_t op, uint32_t x, uint32_t a, uint32_t bb, uint32_t c) noexcept nogil
cdef uint32_t emit_words(Builder* b, uint32_t w0, uint32_t w1, uint32_t w2, uint32_t w3) noexcept nogil

cdef uint32_t push(Builder* b, uint32_t wide) noexcept nogil
cdef void push_local(Builder* b, uint32_t index) noexcept nogil
cdef void push_const(Builder* b, uint64_t bits, uint32_t is64) noexcept nogil
cdef Value pop(Builder* b) noexcept nogil
cdef uint32_t slot_of(Builder* b, Value* value) noexcept nogil
cdef uint32_t pop_slot(Builder* b) noexcept nogil
cdef void settle(Builder* b, uint32_t count) noexcept nogil
cdef void flush(Builder* b) noexcept nogil
cdef void set_local(Builder* b, uint32_t index, bint tee) noexcept nogil

cdef void open_label(Builder* b, uint32_t kind, uint32_t n_params, const uint32_t* params,
                     uint32_t n_results, const uint32_t* results) noexcept nogil
cdef void bind(Builder* b) noexcept nogil
cdef void bind_fixups(Builder* b, int32_t first) noexcept nogil
cdef Condition take_condition(Builder* b) noexcept nogil
cdef uint32_t emit_branch_on(Builder* b, Condition* condition, bint sense) noexcept nogil
cdef void branch(Builder* b, uint32_t depth) noexcept nogil
cdef void branch_if(Builder* b, Condition* condition, uint32_t depth) noexcept nogil
cdef void branch_table(Builder* b, uint32_t index_slot, uint32_t count) noexcept nogil
cdef void shorten_jumps(Builder* b) noexcept nogil
cdef void emit_return(Builder* b) noexcept nogil
cdef void end_else(Builder* b) noexcept nogil
cdef bint end_label(Builder* b) noexcept nogil
cdef void push_results(Builder* b, Label* label, uint32_t count, const uint32_t* types) noexcept nogil
cdef void jump_to(Builder* b, Label* label) noexcept nogil
cdef void emit_jump(Builder* b, Label* label) noexcept nogil
cdef uint32_t larger(uint32_t capacity) noexcept nogil
cdef void start_block(Builder* b) noexcept nogil
cdef void release(Builder* b) noexcept nogil

cdef uint32_t read_u32(Builder* b) noexcept nogil
cdef uint64_t read_u64(Builder* b) noexcept nogil
cdef int64_t read_s64(Builder* b) noexcept nogil

# The generated tables (ir/tables.py), where nogil code reads them.
cdef uint8_t SHAPE[0x400]       # WebAssembly opcode id -> LOWER_*
cdef uint16_t OP[0x400]         # WebAssembly opcode id -> IR op
cdef uint16_t SIGNATURE[0x400]  # WebAssembly opcode id -> SIG_*
cdef uint16_t IMM[0x200]        # IR op -> the op with its last operand immediate, or 0
cdef uint16_t SWAPPED[0x200]    # IR op -> the op with its operands exchanged, or 0
cdef uint16_t INVERSE[0x200]    # IR op -> the negated relation, or 0
cdef uint16_t BR_IF[0x200]      # IR op -> the branch on this relation, or 0
cdef uint16_t BR_UNLESS[0x200]  # IR op -> the branch on its negation, or 0
cdef uint8_t WRITES_A[0x200]    # IR op -> 1 if its result is the slot in field a
