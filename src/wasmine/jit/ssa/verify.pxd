# Checks that a function is well formed: what every pass may rely on, and must keep.

from libc.stdint cimport uint32_t

from wasmine.jit.ssa.function cimport SsaFunc

cdef enum:
    SOUND = 0
    BAD_ENTRY = 1           # the entry block has predecessors or parameters
    BAD_LINKS = 2           # neighbours of an instruction disagree, or it says it is elsewhere
    BAD_END = 3             # a block does not end where its last instruction is, or goes on behind it
    BAD_EDGE_COUNT = 4      # more or fewer edges than the last instruction has
    BAD_EDGE = 5            # an edge does not start here, or leads nowhere
    BAD_ARGUMENT_COUNT = 6  # arguments of an edge, parameters of its target
    BAD_ARGUMENT_TYPE = 7
    BAD_CATCH = 8           # edges to handlers and handlers do not meet, or a handler does not start with `caught`
    BAD_OPERAND_COUNT = 9
    BAD_OPERAND_TYPE = 10
    BAD_RESULT_TYPE = 11
    BAD_OPERAND = 12        # an operand stands nowhere and is no constant
    NOT_DOMINATED = 13      # a use that its definition does not dominate
    BAD_PROJECTION = 14     # `result` elsewhere than behind its call
    BAD_PARAMETERS = 15     # parameters of a block and their numbers
    BAD_USES = 16           # `uses` is not the number of uses
    IRREDUCIBLE = 17        # a loop with two entries
    BAD_TABLE = 18          # br_table names an edge that there is not
    OUT_OF_MEMORY = 19

# What is wrong, and where.
cdef struct Fault:
    uint32_t code
    uint32_t block
    uint32_t inst

# Finds order, predecessors and dominators anew, and the first fault; `code` is SOUND when there is none.
cdef Fault verify(SsaFunc* f) noexcept nogil
