# Encoders of ARM64 instructions for code that is not of a function: what stubs and adapters do. `emit_x` appends to a buffer.

from libc.stdint cimport int32_t, uint32_t

from wasmine.jit.backend.codebuffer cimport CodeBuffer

cdef enum:
    X0 = 0
    X1 = 1
    X2 = 2
    X3 = 3
    X4 = 4
    X5 = 5
    X6 = 6
    X7 = 7
    X8 = 8
    X9 = 9
    X10 = 10
    X11 = 11
    X12 = 12
    X13 = 13
    X14 = 14
    X15 = 15
    X16 = 16
    X17 = 17
    X18 = 18                # belongs to the platform
    X19 = 19
    X20 = 20
    X21 = 21
    X22 = 22
    X23 = 23
    X24 = 24
    X25 = 25
    X26 = 26
    X27 = 27
    X28 = 28
    FP = 29
    LR = 30
    ZERO = 31               # which of the two, the instruction says
    SP = 31
    V0 = 32                 # V0 + n: a vector

    # Conditions, by their number in an instruction; ^ 1 negates. Floats: after fcmp
    COND_EQ = 0
    COND_NE = 1
    COND_HS = 2             # unsigned; of an addition: carry
    COND_LO = 3
    COND_MI = 4             # negative; floats: less
    COND_PL = 5
    COND_VS = 6             # overflow; floats: unordered
    COND_VC = 7
    COND_HI = 8
    COND_LS = 9             # floats: less or equal
    COND_GE = 10            # signed; floats: not unordered
    COND_LT = 11
    COND_GT = 12
    COND_LE = 13
    COND_AL = 14

    BRK = 0xD4200000        # fills gaps: a jump into one stops

# The distance may be any; x16 helps with one that no instruction has.
cdef void emit_load64(CodeBuffer* code, uint32_t dst, uint32_t base, int32_t disp) noexcept nogil
cdef void emit_store64(CodeBuffer* code, uint32_t base, int32_t disp, uint32_t src) noexcept nogil
# A load or store by any op of the form mem.
cdef void emit_access(CodeBuffer* code, uint32_t op, uint32_t reg, uint32_t base, int32_t disp) noexcept nogil
# Between general registers; neither is sp.
cdef void emit_mov64(CodeBuffer* code, uint32_t dst, uint32_t src) noexcept nogil
# dst = src + value, sp being 31; x16 helps with values that need more than two instructions. The flags keep their values.
cdef void emit_add64_imm(CodeBuffer* code, uint32_t dst, uint32_t src, int32_t value) noexcept nogil
# A register on the stack, 16 bytes below: sp stays aligned.
cdef void emit_push(CodeBuffer* code, uint32_t reg) noexcept nogil
cdef void emit_pop(CodeBuffer* code, uint32_t reg) noexcept nogil
cdef void emit_call(CodeBuffer* code, uint32_t reg) noexcept nogil
cdef void emit_jump(CodeBuffer* code, uint32_t reg) noexcept nogil
cdef void emit_ret(CodeBuffer* code) noexcept nogil
# A branch by any op with a distance, to be filled in: returns where it stands. `land` sets its target to here.
cdef uint32_t emit_branch(CodeBuffer* code, uint32_t op, uint32_t reg) noexcept nogil
cdef void land(CodeBuffer* code, uint32_t branch) noexcept nogil
