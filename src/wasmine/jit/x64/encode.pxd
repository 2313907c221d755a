# The encoder of x86-64 instructions: one function for all ops of the table (ops.py).

from libc.stdint cimport int32_t, int64_t, uint32_t, uint64_t

from wasmine.jit.backend.codebuffer cimport CodeBuffer

cdef enum:
    WIDE = 0x1000           # op64 = op32 + this: REX.W in a packed op (ops.py)
    NO_REG = 0xFF           # Address.base, Address.index: none
    RIP = 0xFE              # Address.base: disp counts from the end of the instruction

# [base + (index << scale) + disp]
cdef struct Address:
    uint32_t base
    uint32_t index
    uint32_t scale          # 0 to 3
    int32_t disp

# An instruction whose r/m operand is a register, or memory. `digit`s replace `reg` where the op has one.
cdef void emit_rr(CodeBuffer* code, uint32_t op, uint32_t reg, uint32_t rm, int64_t imm) noexcept nogil
cdef void emit_rmem(CodeBuffer* code, uint32_t op, uint32_t reg, const Address* address, int64_t imm) noexcept nogil
# The same in the VEX encoding, or in EVEX, which addresses memory by rip only (its short displacements have units). They name one more
# register: the first source, or of a shift by an immediate the result.
cdef void emit_vex_rr(CodeBuffer* code, uint32_t op, uint32_t reg, uint32_t second, uint32_t rm, int64_t imm) noexcept nogil
cdef void emit_vex_rmem(CodeBuffer* code, uint32_t op, uint32_t reg, uint32_t second, const Address* address,
                        int64_t imm) noexcept nogil
# The shortest instruction that makes the register hold these 64 bits; the flags keep their values.
cdef void emit_const(CodeBuffer* code, uint32_t reg, uint64_t value) noexcept nogil
