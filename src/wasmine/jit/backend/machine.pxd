# Code for a machine whose registers are not assigned yet: what instruction selection makes, register allocation completes and the
# emitter turns into bytes. The backend does not know what an `op` does; it knows operands.
#
# Positions. Instruction n takes the positions 4n .. 4n + 3 of the function:
#
#     4n      the gap before it, where moves stand
#     4n + 1  its operands are read; temporaries and early results are written
#     4n + 2  its results are written, what a call clobbers is lost
#
# Blocks are consecutive runs of instructions, in an order where definitions precede uses and the blocks of a loop are adjacent, its
# header first. A block starts with an instruction without operands. A virtual register has one definition, or one followed by
# OPERAND_MODs in the same block; parameters of a block are defined at its start. An edge with arguments leaves a block that has no
# other; a block with several successors leads to blocks without parameters and without other predecessors.

from libc.stdint cimport int32_t, int64_t, uint8_t, uint16_t, uint32_t, uint64_t

from wasmine.jit.workspace cimport Workspace

cdef enum:
    # Types of virtual registers: how many bytes count, and where they live
    VT_I32 = 1
    VT_I64 = 2
    VT_F32 = 3
    VT_F64 = 4
    VT_V128 = 5

    # Physical registers: 0 .. 31 integers, 32 .. 63 floats and vectors
    FLOAT_REGS = 32
    N_REGS = 64
    IN_SLOT = 0xFF          # Operand.preg: in the spill slot of the virtual register

    # Operand.kind
    OPERAND_USE = 0
    OPERAND_DEF = 1
    OPERAND_MOD = 2         # read and written
    OPERAND_TEMP = 3        # scratch while the instruction runs
    OPERAND_EARLY = 4       # a result that is written before the operands are read

    # Operand.where
    IN_REG = 0
    IN_ANY = 1              # a register or the spill slot; at most one of an instruction, but for fixed ones
    IN_FIXED = 2            # the register `preg`; allocation puts moves before and behind
    IN_PINNED = 3           # the register `preg`, which allocation does not deal with; vreg does not count

    # Operand.role: for the emitter
    ROLE_NONE = 0
    ROLE_REG = 1
    ROLE_RM = 2
    ROLE_BASE = 3
    ROLE_INDEX = 4
    ROLE_SECOND = 5         # a register beside these
    ROLE_MASK = 6           # one whose number is in the immediate

    # MachInst.flags
    INST_CALL = 1           # no register keeps its value; operands are fixed
    INST_MOVE = 2           # operand 0 = operand 1, of one type
    INST_FAULTS = 4         # accesses memory that may not be there

    # MachInst.area: what disp counts from, where there is no base
    AREA_NONE = 0
    AREA_INCOMING = 1       # arguments that the caller put on the stack
    AREA_OUTGOING = 2       # arguments and results of calls

    # Vreg.spilled: is it ever in its slot, and where is it stored there
    SPILL_NEVER = 0
    SPILL_AT_DEF = 1        # where it is defined, once
    SPILL_AT_SPLIT = 2      # wherever it leaves a register for the slot

    # Location: a register, or a slot
    SLOT = 0x40000000

cdef struct Operand:
    uint32_t vreg
    uint8_t kind            # OPERAND_*
    uint8_t where           # IN_*
    uint8_t preg            # after allocation, where it is: a register, or IN_SLOT
    uint8_t role            # ROLE_*

cdef struct MachInst:
    uint32_t op
    uint32_t operands       # MachFunc.operands: the first
    uint16_t n_operands
    uint8_t flags           # INST_*
    uint8_t cond
    uint8_t scale
    uint8_t area            # AREA_*
    uint16_t unused
    int32_t disp
    uint32_t label          # a block; of a call: its handlers, MachFunc.pool, or 0
    int64_t imm
    uint32_t aux
    uint32_t pos            # position of the register IR
    uint32_t site           # ... and whose, as in SsaFunc.sites
    uint32_t moves          # MachFunc.moves: those before it, in order; 0: none
    uint32_t n_moves

cdef struct MachBlock:
    uint32_t first          # instructions first .. end - 1
    uint32_t end
    uint32_t succs          # MachFunc.pool
    uint32_t n_succs
    uint32_t n_preds
    uint32_t params         # MachFunc.pool: virtual registers
    uint32_t n_params
    uint32_t args           # MachFunc.pool: for the parameters of the only successor
    uint32_t n_args
    uint32_t loop           # header of the innermost loop it is in + 1, 0 outside
    uint32_t outer          # of a header: header of the loop around + 1, or 0
    uint32_t depth
    uint32_t loop_end       # of a header: the block behind the loop's last; set by find_extents
    uint32_t cold           # seldom reached
    uint32_t landing        # entered from the call at the end of its only predecessor: all values are in their slots
    uint32_t moves_in       # MachFunc.moves: at its start, when it has one predecessor
    uint32_t n_moves_in
    uint32_t moves_out      # before its last instruction, when it has one successor
    uint32_t n_moves_out
    uint32_t source         # block of the SSA function, for dumps; 0: it splits an edge

cdef struct Vreg:
    uint8_t type            # VT_*
    uint8_t spilled         # SPILL_*
    uint8_t fixed_hint      # register that a fixed operand wants it in, or IN_SLOT
    uint8_t last_reg        # register it was in last, or IN_SLOT
    uint32_t hint           # virtual register that it is copied from, or 0
    uint32_t goal           # parameter that it becomes at the end of its block, or 0
    uint32_t slot           # in units of 8 bytes
    uint32_t start          # positions
    uint32_t end
    uint32_t block          # where it is defined
    uint32_t uses           # Alloc.uses: the first
    uint32_t pieces         # Alloc.pieces: the first
    uint32_t piece          # ... and the one that the walk is at

# Moves of values: locations are registers, or SLOT + slot.
cdef struct Move:
    uint32_t src
    uint32_t dst
    uint8_t type            # VT_*
    uint8_t no_scratch      # the scratch register of the integers holds a value meanwhile
    uint16_t unused

cdef struct MachFunc:
    MachInst* insts
    uint32_t n_insts
    uint32_t max_insts
    Operand* operands
    uint32_t n_operands
    uint32_t max_operands
    MachBlock* blocks
    uint32_t n_blocks
    uint32_t max_blocks
    Vreg* vregs             # from 1
    uint32_t n_vregs
    uint32_t max_vregs
    Move* moves             # from 1
    uint32_t n_moves
    uint32_t max_moves
    uint32_t* pool          # from 1
    uint32_t n_pool
    uint32_t max_pool
    uint32_t n_slots        # spill slots, 8 bytes each
    uint32_t outgoing       # bytes of the outgoing area
    uint32_t has_calls
    uint32_t failed         # memory is exhausted
    Workspace* work         # where all of this is taken from

# What allocation must know about the machine.
cdef struct Registers:
    uint32_t ints           # bit masks: those to allocate
    uint32_t floats         # the lowest bit is FLOAT_REGS
    uint32_t int_scratch    # not among them: breaks cycles of moves
    uint32_t float_scratch

cdef void init_machine(MachFunc* m, Workspace* work) noexcept nogil
# Room for the code of so many SSA instructions and blocks; see `reserve` in ssa/function.pxd.
cdef void reserve_machine(MachFunc* m, uint32_t n, uint32_t blocks) noexcept nogil
# New records; 0 when memory is exhausted (record 0 of each kind takes writes). Blocks count from 0.
cdef uint32_t new_vreg(MachFunc* m, uint32_t type) noexcept nogil
cdef MachInst* new_machine_inst(MachFunc* m, uint32_t op) noexcept nogil
# Appends an operand to the newest instruction.
cdef void add_operand(MachFunc* m, MachInst* inst, uint32_t vreg, uint32_t kind, uint32_t where, uint32_t preg,
                      uint32_t role) noexcept nogil
cdef uint32_t new_machine_block(MachFunc* m) noexcept nogil
cdef uint32_t take_words(MachFunc* m, uint32_t n) noexcept nogil
# Four with the 16 bytes of a vector.
cdef uint32_t take_vector(MachFunc* m, uint64_t low, uint64_t high) noexcept nogil
# Appends a move; returns its number.
cdef uint32_t add_move(MachFunc* m, uint32_t src, uint32_t dst, uint32_t type) noexcept nogil

cdef inline bint is_float_type(uint32_t type) noexcept nogil:
    return type >= VT_F32

# How often a block is executed, as a guess.
cdef inline int64_t weight(MachBlock* block) noexcept nogil:
    if block.cold:
        return 1
    return (<int64_t>8) << (3 * block.depth if block.depth < 8 else 24)
