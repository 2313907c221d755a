# A function in SSA form: blocks of instructions, where an instruction is also the value that it computes.
#
# Everything is named by a 32-bit number into one of four arrays, which grow and may move: insts, blocks, edges, pool. Number 0 of
# each means none. When memory is exhausted `failed` is set and allocation returns 0; whoever goes on writes into record 0, harmlessly.
#
#   block: parameters (instructions `param`, linked from first_param), then instructions from first to last; the last one ends the
#          block. Its edges are n_succs consecutive records from first_edge; each has one argument for each parameter of its target.
#
#            v1 = arg 0                   b1:
#            br b2(v1)                      v1 = i32 arg 0
#                                           br b2(v1)
#          b2(v2 = param 0): ...          b2(v2 i32): ...
#
#   Constants (effect `floats`) are equal when their bits are, and stand in no block: what uses one has it at hand.
#
#   A call has its first result as its own value; further ones are instructions `result`, which follow it directly.
#
#   In a try, a call ends its block but for its projections and the `br_try`, whose first edge is the way on. The other edges, and all
#   edges of a throw, go to handler blocks in the order in which they are asked; CATCH_TAG asks for a tag. An argument on such an edge
#   is a value from before the call. A handler block starts with `caught`, and is reached by no other edges.

from libc.stdint cimport int32_t, uint8_t, uint16_t, uint32_t, uint64_t

from wasmine.ir.func cimport IrFunc
from wasmine.jit.workspace cimport Workspace

cdef enum:
    # Types of values
    TYPE_VOID = 0
    TYPE_I32 = 1
    TYPE_I64 = 2
    TYPE_F32 = 3
    TYPE_F64 = 4
    TYPE_V128 = 5
    TYPE_REF = 6            # 64 bits; may stand wherever i64 may

    # Inst.flags
    F_CHECKED = 1           # access of memory: proved to be in bounds, cannot trap
    F_IMMUTABLE = 2         # global.get of a global that never changes: pure
    F_LIKELY = 4            # br_if: edge 0 is the usual way
    F_UNLIKELY = 8
    F_FITS = 16             # check_bounds: the memory never has less than imm bytes

    # Block.flags
    B_LOOP = 1              # loop header
    B_HANDLER = 2           # starts with `caught`
    B_COLD = 4              # ends in a trap or throw, or only leads there
    B_REACHED = 8           # set by `order_blocks`

    # Edge.catches
    CATCH_NOTHING = 0       # an ordinary edge
    CATCH_TAG = 1
    CATCH_ALL = 2

cdef struct Inst:           # 56 bytes
    uint16_t op             # ops.pxd
    uint8_t type            # TYPE_*
    uint8_t flags           # F_*
    uint32_t block          # where it stands; 0: nowhere (removed, or a constant)
    uint32_t prev           # neighbours in the block, or in its list of parameters
    uint32_t next
    uint32_t n_args
    uint32_t args[3]        # operands; of more than three, args[0] is their place in the pool
    uint32_t pos            # position of the register IR (of the function of `site`) that it came from
    uint32_t site           # SsaFunc.sites: whose code it came from, 0: the function itself
    uint64_t imm            # immediate, see the op
    uint32_t aux            # second immediate
    uint32_t uses           # operands and edge arguments that name it; kept by what edits the function

cdef struct Block:
    uint32_t first          # instructions
    uint32_t last
    uint32_t first_param
    uint32_t last_param
    uint32_t n_params
    uint32_t first_edge     # successors
    uint32_t n_succs
    uint32_t preds          # SsaFunc.preds: from there, the edges that come in, in no order; after `link_preds`
    uint32_t n_preds
    uint32_t order          # position in SsaFunc.order, after `order_blocks`; blocks that are not reached have none
    uint32_t idom           # immediate dominator, after `find_dominators`
    uint32_t dom_in         # interval in the dominator tree: a dominates b when a.dom_in <= b.dom_in and b.dom_out <= a.dom_out
    uint32_t dom_out
    uint32_t loop           # header of the innermost loop that it is in, itself for a header, 0 outside; after `find_loops`
    uint32_t outer          # B_LOOP: header of the loop around, or 0
    uint16_t depth          # how many loops it is in
    uint8_t flags           # B_*
    uint8_t unused
    uint32_t pos            # where it starts in the register IR

cdef struct Edge:
    uint32_t source
    uint32_t target
    uint32_t args           # pool: one value for each parameter of the target
    uint32_t n_args
    uint32_t catches        # CATCH_*
    uint32_t tag            # CATCH_TAG: tag index

cdef struct Site:           # an inlined call
    IrFunc* func            # whose code stands there
    uint32_t site           # where the call itself stands
    uint32_t pos

cdef struct SsaFunc:
    Inst* insts
    uint32_t n_insts
    uint32_t max_insts
    Block* blocks
    uint32_t n_blocks
    uint32_t max_blocks
    Edge* edges
    uint32_t n_edges
    uint32_t max_edges
    uint32_t* pool
    uint32_t n_pool
    uint32_t max_pool
    Site* sites
    uint32_t n_sites
    uint32_t max_sites
    uint32_t entry          # block without predecessors
    uint32_t* order         # reverse postorder of the blocks that are reached, entry first
    uint32_t n_order
    uint32_t moved          # edges have been made or changed since `analyse`
    uint32_t* preds         # see Block.preds
    uint32_t* consts        # hash table of constants: instruction numbers
    uint32_t n_consts
    uint32_t max_consts     # a power of two
    uint32_t failed         # memory is exhausted, or a limit is passed
    uint32_t type_id        # its type
    IrFunc* ir
    Workspace* work         # where all of this, and what passes need, is taken from

# An empty function; free_func gives back what it holds.
cdef void init_func(SsaFunc* f, Workspace* work) noexcept nogil
cdef void free_func(SsaFunc* f) noexcept nogil

# Room for so many records, so that arrays need not be copied while they grow. What is not used in the end costs nothing: the
# system gives memory when it is touched.
cdef void reserve(SsaFunc* f, uint32_t insts, uint32_t blocks) noexcept nogil

# New records. An instruction starts in no block, an edge with no arguments. `take_pool` returns the place of n words.
cdef uint32_t new_inst(SsaFunc* f, uint32_t op, uint32_t type) noexcept nogil
cdef uint32_t new_block(SsaFunc* f) noexcept nogil
cdef uint32_t new_edges(SsaFunc* f, uint32_t source, uint32_t n) noexcept nogil
cdef uint32_t take_pool(SsaFunc* f, uint32_t n) noexcept nogil

# The constant with these bits; those above the width of the type are cut.
cdef uint32_t const_of(SsaFunc* f, uint32_t type, uint64_t bits) noexcept nogil
cdef uint32_t const128_of(SsaFunc* f, uint64_t low, uint64_t high) noexcept nogil

# Operands: room for n, of which all are 0.
cdef void set_arg_count(SsaFunc* f, uint32_t inst, uint32_t n) noexcept nogil

# Places in a block.
cdef void append_inst(SsaFunc* f, uint32_t block, uint32_t inst) noexcept nogil
cdef void insert_before(SsaFunc* f, uint32_t inst, uint32_t where) noexcept nogil
cdef void insert_after(SsaFunc* f, uint32_t inst, uint32_t where) noexcept nogil
cdef void unlink_inst(SsaFunc* f, uint32_t inst) noexcept nogil
cdef uint32_t append_param(SsaFunc* f, uint32_t block, uint32_t type) noexcept nogil

cdef inline uint32_t* args_of(SsaFunc* f, Inst* inst) noexcept nogil:
    return &inst.args[0] if inst.n_args <= 3 else f.pool + inst.args[0]

cdef inline bint dominates(SsaFunc* f, uint32_t above, uint32_t below) noexcept nogil:
    return (f.blocks[above].dom_in <= f.blocks[below].dom_in and f.blocks[below].dom_out <= f.blocks[above].dom_out)

# What a value has been replaced by. alias[0] is the number of values that there were when the table was made, for each of which
# it holds what replaced it, or the value itself; later ones are not replaced. Paths are halved on the way.
cdef inline uint32_t resolve(uint32_t* alias, uint32_t value) noexcept nogil:
    while value < alias[0] and alias[value] != value:
        if alias[value] < alias[0]:
            alias[value] = alias[alias[value]]
        value = alias[value]
    return value

# Such a table in which nothing is replaced; NULL when memory is exhausted.
cdef uint32_t* new_alias(SsaFunc* f) noexcept nogil
