# Instruction selection: what its parts share.
#
# Blocks, and the instructions in a block, are visited from the last to the first. So it is known of each instruction who needs its value:
# nobody, when it was folded into those that use it, and then nothing is emitted for it. Machine instructions are appended in the order
# in which they run for one SSA instruction, then turned around; in the end the whole array is turned around again.

from libc.stdint cimport int32_t, int64_t, uint32_t, uint64_t

from wasmine.jit.backend.machine cimport MachFunc, MachInst
from wasmine.jit.ssa.function cimport Inst, SsaFunc
from wasmine.runtime.vm cimport ModuleCode

cdef enum:
    # Conditions, by their number in an instruction; ^ 1 negates
    CC_O = 0
    CC_B = 2
    CC_AE = 3
    CC_E = 4
    CC_NE = 5
    CC_BE = 6
    CC_A = 7
    CC_S = 8
    CC_NS = 9
    CC_P = 10
    CC_L = 12
    CC_GE = 13
    CC_LE = 14
    CC_G = 15
    CC_EQ_F = 16            # after ucomis: equal and ordered
    CC_NE_F = 17

    # Features of the processor
    CPU_SSE41 = 1
    CPU_POPCNT = 2
    CPU_LZCNT = 4
    CPU_BMI1 = 8
    CPU_SSE42 = 16
    CPU_AVX = 32            # and the system keeps its registers
    CPU_AVX2 = 64
    CPU_BMI2 = 128
    CPU_AVX512 = 256        # F, VL, DQ, BW, and the system keeps their registers
    CPU_VBMI = 512
    CPU_BITALG = 1024

cdef struct Lower:
    SsaFunc* f
    MachFunc* m
    ModuleCode* code
    uint32_t features       # CPU_*
    uint32_t* vregs         # SSA instruction -> virtual register; 0: nobody needs it so far
    uint32_t* goals         # SSA instruction -> parameter of a block that an edge passes it to, or 0
    uint32_t* blocks        # SSA block -> machine block
    uint32_t refused        # an op that has no translation, + 1
    uint32_t pos            # position of the register IR
    uint32_t site           # ... and whose, as in SsaFunc.sites
    uint32_t block          # the SSA block
    uint32_t inst           # the SSA instruction that is lowered
    uint32_t* epochs        # SSA instruction -> effects before it in its block (sinking.py)
    uint32_t frame          # virtual register of the interpreter's frame, where code is entered in a loop; 0: no need of it
    uint32_t handlers       # of the call at the end of the block: MachInst.label
    uint32_t outgoing       # bytes of arguments and results on the stack

# The virtual register that holds the value of an SSA instruction; constants are made here and now.
cdef uint32_t value_of(Lower* s, uint32_t id) noexcept nogil
# The virtual register that is wanted of the instruction being lowered: its result.
cdef uint32_t result_of(Lower* s, uint32_t id) noexcept nogil
cdef uint32_t fresh(Lower* s, uint32_t type) noexcept nogil

# For MachInst.label of the call that is being lowered: its handlers; it is the last one of its block that has some.
cdef uint32_t take_handlers(Lower* s) noexcept nogil

# A machine instruction, and its operands; before the next one is made.
cdef MachInst* emit(Lower* s, uint32_t op) noexcept nogil
cdef void def_reg(Lower* s, MachInst* inst, uint32_t vreg, uint32_t role) noexcept nogil
cdef void mod_reg(Lower* s, MachInst* inst, uint32_t vreg, uint32_t role) noexcept nogil
cdef void use_reg(Lower* s, MachInst* inst, uint32_t vreg, uint32_t role) noexcept nogil
cdef void use_any(Lower* s, MachInst* inst, uint32_t vreg) noexcept nogil
cdef void use_pinned(Lower* s, MachInst* inst, uint32_t preg, uint32_t role) noexcept nogil
cdef void use_fixed(Lower* s, MachInst* inst, uint32_t vreg, uint32_t preg) noexcept nogil
cdef void def_fixed(Lower* s, MachInst* inst, uint32_t vreg, uint32_t preg) noexcept nogil
cdef void temp_fixed(Lower* s, MachInst* inst, uint32_t preg) noexcept nogil
# A result that is written before the operands are read.
cdef void early_reg(Lower* s, MachInst* inst, uint32_t vreg, uint32_t role) noexcept nogil
cdef void temp_reg(Lower* s, MachInst* inst, uint32_t vreg) noexcept nogil

# Usual instructions.
cdef void emit_move(Lower* s, uint32_t dst, uint32_t src) noexcept nogil
cdef void emit_load_const(Lower* s, uint32_t dst, uint32_t type, uint64_t bits) noexcept nogil
# dst = op(src), src in a register or slot
cdef void emit_unary(Lower* s, uint32_t op, uint32_t dst, uint32_t src) noexcept nogil
# dst = [base + disp]; base a virtual register
cdef void emit_load(Lower* s, uint32_t op, uint32_t dst, uint32_t base, int32_t disp) noexcept nogil
# dst = [register + disp]
cdef void emit_load_pinned(Lower* s, uint32_t op, uint32_t dst, uint32_t preg, int32_t disp) noexcept nogil
# dst = op dst, [pool: bits]
cdef void emit_with_constant(Lower* s, uint32_t op, uint32_t dst, uint64_t bits) noexcept nogil

cdef bint is_const(Lower* s, uint32_t id) noexcept nogil
# Whether a constant fits an immediate that is extended from 32 bits.
cdef bint is_imm32(Lower* s, uint32_t id) noexcept nogil
cdef int64_t imm_of(Lower* s, uint32_t id) noexcept nogil
# A value may be computed again where it is used: nobody else wants it.
cdef bint is_foldable(Lower* s, uint32_t id) noexcept nogil
# Type of a virtual register for a value of type TYPE_*.
cdef uint32_t vreg_type(uint32_t type) noexcept nogil
