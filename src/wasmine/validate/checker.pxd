# The state of checking one sequence of instructions: where in the bytes it stands, the operand stack (types only),
# the control stack and the locals (core specification, appendix A.3, Validation Algorithm). One Checker serves all
# functions and constant expressions of a module, one after the other; its stacks only grow.
#
# Every function that checks returns False after it recorded what is wrong in `fault`; nobody looks at the rest of
# the state after that.

from libc.stdint cimport uint8_t, uint32_t, uint64_t

from wasmine.binary.module cimport ModuleDesc, Span
from wasmine.spec.types cimport TypeDef

cdef enum:
    # In Local.type, beside the value type: no value was assigned yet.
    UNSET = 0x08000000

    # More operands than the longest body could push one by one. Only calls of functions with very many results
    # get there, and it bounds what a small hostile module makes us allocate.
    MAX_OPERANDS = 10000000

    NO_FUNCTION = 0x7FFFFFFF    # in a constant expression

cdef struct TypeList:
    const uint32_t* types
    uint32_t count

cdef struct Frame:
    uint8_t op              # the instruction that opened it or its current arm: BLOCK, LOOP, IF_, ELSE_, CATCH ...
    uint8_t unreachable     # the rest of the block is: operands below `height` have any type
    uint32_t height         # operands below the block's own
    uint32_t n_assigned     # entries of the assignment log that belong to blocks outside
    uint32_t result         # block type, when `type` is NULL: one value type, or T_NONE
    uint32_t visited        # offset of the last br_table that names the block as a label
    const TypeDef* type

cdef struct Local:
    uint32_t serial         # valid if equal to Checker.serial: most locals of most functions are never looked at
    uint32_t type

cdef struct LocalRun:       # locals of one type that are declared together
    uint32_t end            # index after the last of them
    uint32_t type

cdef struct Fault:
    uint32_t code           # FAULT_*; 0: none
    uint32_t function       # function index, or NO_FUNCTION
    uint32_t offset         # in the module's bytes
    uint32_t op             # opcode id
    uint32_t want           # value types
    uint32_t have
    uint64_t index
    uint64_t bound

cdef struct Checker:
    const uint8_t* at       # next byte
    const uint8_t* end      # end of the sequence
    const uint8_t* start    # first byte of the current instruction
    uint32_t op             # id of the current instruction
    uint32_t floor          # == frames[n_frames - 1].height

    # Operand stack. There is always room for one push per byte that is left.
    uint32_t* values
    uint32_t n_values
    uint32_t values_size

    uint32_t n_frames       # 0 after the last `end`
    uint32_t frames_size
    Frame* frames

    uint32_t serial
    uint32_t n_locals
    uint32_t n_params
    const uint32_t* params
    Local* locals
    uint32_t locals_size
    uint32_t n_runs
    uint32_t runs_size
    LocalRun* runs
    uint32_t n_assigned     # log of the locals that lost UNSET, so that the end of a block restores it
    uint32_t assigned_size
    uint32_t* assigned

    uint8_t constant        # checks a constant expression
    uint32_t function       # index of the function, or NO_FUNCTION
    uint32_t n_globals      # globals that a constant expression may read
    ModuleDesc* module
    Fault fault

ctypedef Checker* CheckerRef

cdef void init_checker(CheckerRef c, ModuleDesc* module) noexcept nogil
cdef void free_checker(CheckerRef c) noexcept nogil
cdef bint begin(CheckerRef c, Span where, const TypeDef* type) noexcept nogil
# Record what is wrong; False, so that `return fail(...)` reads well.
cdef bint fail(CheckerRef c, uint32_t code) noexcept nogil
cdef bint fail_index(CheckerRef c, uint32_t code, uint64_t index, uint64_t bound) noexcept nogil
cdef bint fail_type(CheckerRef c, uint32_t code, uint32_t want, uint32_t have) noexcept nogil

# Immediates.
cdef bint read_u32_slow(CheckerRef c, uint32_t* value) noexcept nogil
cdef bint read_u64(CheckerRef c, uint64_t* value) noexcept nogil
cdef bint skip_signed(CheckerRef c, uint32_t bits) noexcept nogil
cdef bint skip_bytes(CheckerRef c, uint32_t count) noexcept nogil
cdef bint read_byte(CheckerRef c, uint32_t* value) noexcept nogil
cdef bint read_index(CheckerRef c, uint32_t* value, uint32_t count, uint32_t fault) noexcept nogil
cdef bint read_data_index(CheckerRef c, uint32_t* index) noexcept nogil
cdef bint check_index(CheckerRef c, uint32_t index, uint32_t count, uint32_t fault) noexcept nogil
cdef bint read_heap_type(CheckerRef c, uint32_t* heap) noexcept nogil
cdef bint read_value_type(CheckerRef c, uint32_t* type) noexcept nogil
cdef bint read_block_type(CheckerRef c, Frame* frame) noexcept nogil
cdef bint read_type_index(CheckerRef c, uint32_t* index, const TypeDef** type) noexcept nogil
cdef bint read_function_type(CheckerRef c, const TypeDef** type) noexcept nogil

# Operands.
cdef bint reserve_values(CheckerRef c, uint64_t count) noexcept nogil
cdef bint pop_slow(CheckerRef c, uint32_t want) noexcept nogil
cdef bint pop_any(CheckerRef c, uint32_t* found) noexcept nogil
cdef bint pop_ref(CheckerRef c, uint32_t* found) noexcept nogil
cdef bint pop_list(CheckerRef c, const uint32_t* types, uint32_t count) noexcept nogil
cdef bint push_list(CheckerRef c, const uint32_t* types, uint32_t count) noexcept nogil
cdef bint match_top(CheckerRef c, const uint32_t* types, uint32_t count) noexcept nogil
cdef bint matches(CheckerRef c, uint32_t have, uint32_t want) noexcept nogil
cdef bint match_lists(CheckerRef c, const uint32_t* have, const uint32_t* want, uint32_t count) noexcept nogil

# Control.
cdef TypeList frame_params(const Frame* frame) noexcept nogil
cdef TypeList frame_results(const Frame* frame) noexcept nogil
cdef bint push_frame(CheckerRef c, Frame* frame) noexcept nogil
cdef bint leave_frame(CheckerRef c) noexcept nogil
cdef void set_unreachable(CheckerRef c) noexcept nogil
cdef bint read_label(CheckerRef c, TypeList* types) noexcept nogil
cdef bint find_label(CheckerRef c, Frame** frame, TypeList* types) noexcept nogil


# A size of at least `needed`, and so much above `size` that growing stays linear in all.
cdef inline uint64_t grown(uint64_t needed, uint32_t size) noexcept nogil:
    cdef uint64_t doubled = 2 * <uint64_t> size + 64
    return needed if needed > doubled else doubled

cdef inline bint read_u32(CheckerRef c, uint32_t* value) noexcept nogil:
    if c.at < c.end and c.at[0] < 0x80:
        value[0] = c.at[0]
        c.at += 1
        return True
    return read_u32_slow(c, value)

# The stack is empty in unreachable code: whatever is popped from here on, the check succeeds.
cdef inline bint is_spent(CheckerRef c) noexcept nogil:
    return c.n_values == c.floor and c.frames[c.n_frames - 1].unreachable

cdef inline void push(CheckerRef c, uint32_t type) noexcept nogil:
    c.values[c.n_values] = type
    c.n_values += 1

cdef inline bint pop(CheckerRef c, uint32_t want) noexcept nogil:
    if c.n_values > c.floor and c.values[c.n_values - 1] == want:
        c.n_values -= 1
        return True
    return pop_slow(c, want)
