# Instruction selection: what its parts share.
#
# Blocks, and the instructions in a block, are visited from the last to the first. So it is known of each instruction who needs its value:
# nobody, when it was folded into those that use it, and then nothing is emitted for it. Machine instructions are appended in the order
# in which they run for one SSA instruction, then turned around; in the end the whole array is turned around again.

from libc.stdint cimport int32_t, int64_t, uint32_t, uint64_t

from wasmine.jit.backend.accesses cimport Accesses
from wasmine.jit.backend.machine cimport MachFunc, MachInst
from wasmine.jit.backend.places cimport Places
from wasmine.jit.ssa.function cimport Inst, SsaFunc
from wasmine.runtime.vm cimport ModuleCode

cdef enum:
    # SelectionOf.compare_ref: which references are meant
    REF_NULL = 0
    REF_NOT_NULL = 1
    REF_ANY = 2
    REF_NONE = 3

# In an object or a table: base + index * 2^width + disp.
cdef struct Place:
    uint32_t base           # virtual registers
    uint32_t index          # 0: none
    uint32_t width          # log2 of the bytes there
    int32_t disp

# What an access is made of, in a memory or an object: base + index + disp.
cdef struct Target:
    uint32_t base           # virtual registers; 0: that of memory 0
    uint32_t index          # 0: none
    uint32_t scale          # MachInst.scale of an instruction that has the index
    int32_t disp
    uint32_t faults         # an access there may fault

cdef struct Lower
cdef struct SelectionOf:        # a machine: what the parts of selection that all share need of it
    # Lowers an instruction that is neither control nor a call of a function; False when there is no translation.
    bint (*lower)(Lower* s, uint32_t id) noexcept nogil
    # Ends a block: to machine block `yes` if an i32 value is not zero, else to `no`.
    void (*branch)(Lower* s, uint32_t condition, uint32_t yes, uint32_t no) noexcept nogil
    # Traps if an i32 value is not zero.
    void (*trap_if)(Lower* s, uint32_t condition, uint32_t trap) noexcept nogil
    # Polls if no bit of `mask` is set in a virtual register.
    void (*poll_counted)(Lower* s, uint32_t counter, uint64_t mask) noexcept nogil
    # Traps if a virtual register holds null; detail: another one with the trap's, or 0.
    void (*trap_on_null)(Lower* s, uint32_t ref, uint32_t trap, uint32_t detail) noexcept nogil
    # Before any block is lowered; False when memory is exhausted. NULL: there is nothing to do.
    bint (*start)(Lower* s) noexcept nogil
    # When the last instruction of a block has been lowered: what is emitted here stands before it. NULL: nothing does.
    void (*before_end)(Lower* s) noexcept nogil
    # The virtual register of a constant that has been made elsewhere, or will be; 0: there is none. NULL: there are none.
    uint32_t (*constant)(Lower* s, uint32_t id) noexcept nogil
    # What the address of an access by a machine op is made of; emits what must be computed for it.
    void (*find_target)(Lower* s, uint32_t id, uint32_t op, Target* target) noexcept nogil
    # Stores by a machine op what an SSA instruction stores in memory.
    void (*store)(Lower* s, uint32_t id, uint32_t op) noexcept nogil
    # A CHECK_BOUNDS: traps unless address + imm <= bytes.
    void (*check_bounds)(Lower* s, uint32_t id) noexcept nogil
    # A virtual register with the address of a global; 0 for one that the machine op reaches in the instance.
    uint32_t (*find_global)(Lower* s, uint32_t index, uint32_t op) noexcept nogil
    # The same for a place in an object or a table.
    void (*find_in_object)(Lower* s, uint32_t op, const Place* place, Target* target) noexcept nogil
    # Stores the value of an SSA instruction, as many of its bytes as the place has.
    void (*store_place)(Lower* s, uint32_t value, const Place* place) noexcept nogil
    # Compares a reference; the condition under which it is one of those meant (REF_*).
    uint32_t (*compare_ref)(Lower* s, uint32_t ref, uint32_t meant) noexcept nogil
    # 1 or 0 into a virtual register, as a condition holds.
    void (*set_condition)(Lower* s, uint32_t dst, uint32_t condition) noexcept nogil
    # Traps unless an index is less than the 64 bits at base + disp.
    void (*check_index)(Lower* s, uint32_t index, uint32_t base, int32_t disp, uint32_t trap) noexcept nogil
    uint32_t equal          # the condition that holds when a comparison found both equal
    const Accesses* accesses
    # Of the convention: where values are passed.
    void (*start_places)(Places* places) noexcept nogil
    uint32_t instance       # register of the Instance*
    uint32_t memory         # ... of the base of its memory 0
    uint32_t callee         # ... of the FuncInst* in a call through a reference
    uint32_t frame          # ... of the interpreter's frame, where code is entered in a loop
    uint32_t slots          # ... of the slots in a call of a helper

cdef struct Lower:
    const SelectionOf* machine
    SsaFunc* f
    MachFunc* m
    ModuleCode* code
    uint32_t features       # of the processor, in the machine's own bits
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
    void* own               # the machine's; freed in the end

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
# dst = the constant that an SSA instruction is
cdef void load_constant(Lower* s, uint32_t dst, uint32_t id) noexcept nogil
cdef void emit_load_const(Lower* s, uint32_t dst, uint32_t type, uint64_t bits) noexcept nogil
# dst = op(src), src in a register or slot
cdef void emit_unary(Lower* s, uint32_t op, uint32_t dst, uint32_t src) noexcept nogil
# dst = [base + disp]; ACCESS_*, base a virtual register
cdef void emit_load(Lower* s, uint32_t access, uint32_t dst, uint32_t base, int32_t disp) noexcept nogil
# Traps on a condition of the machine. What is returned may get a register with the trap's detail.
cdef MachInst* emit_trap_if(Lower* s, uint32_t condition, uint32_t trap) noexcept nogil
# dst = [register + disp]
cdef void emit_load_pinned(Lower* s, uint32_t access, uint32_t dst, uint32_t preg, int32_t disp) noexcept nogil

cdef bint is_const(Lower* s, uint32_t id) noexcept nogil
# Whether a constant fits an immediate that is extended from 32 bits.
cdef bint is_imm32(Lower* s, uint32_t id) noexcept nogil
cdef int64_t imm_of(Lower* s, uint32_t id) noexcept nogil
# Whether it is an i64 that was shifted right until only an i32 is left.
cdef bint is_upper_half(Lower* s, uint32_t id) noexcept nogil
# A value may be computed again where it is used: nobody else wants it.
cdef bint is_foldable(Lower* s, uint32_t id) noexcept nogil
# Type of a virtual register for a value of type TYPE_*.
cdef uint32_t vreg_type(uint32_t type) noexcept nogil

# Operand k of an instruction.
cdef inline uint32_t arg(Lower* s, uint32_t id, uint32_t k) noexcept nogil:
    return s.f.insts[id].args[k]
