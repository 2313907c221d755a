# Encoders of x86-64 instructions (Intel SDM, volume 2). `emit_x` appends to a buffer; operands as in Intel syntax.

from libc.stdint cimport int32_t, uint32_t

from wasmine.jit.backend.codebuffer cimport CodeBuffer

cdef enum:
    # general registers, by their number in an instruction
    RAX = 0
    RCX = 1
    RDX = 2
    RBX = 3
    RSP = 4
    RBP = 5
    RSI = 6
    RDI = 7
    R8 = 8
    R9 = 9
    R10 = 10
    R11 = 11
    R12 = 12
    R13 = 13
    R14 = 14
    R15 = 15

    INT3 = 0xCC             # fills gaps: a jump into one stops

cdef void emit_push(CodeBuffer* code, uint32_t reg) noexcept nogil
cdef void emit_pop(CodeBuffer* code, uint32_t reg) noexcept nogil
cdef void emit_mov64(CodeBuffer* code, uint32_t dst, uint32_t src) noexcept nogil
cdef void emit_load64(CodeBuffer* code, uint32_t dst, uint32_t base, int32_t disp) noexcept nogil
cdef void emit_store64(CodeBuffer* code, uint32_t base, int32_t disp, uint32_t src) noexcept nogil
cdef void emit_add64_imm(CodeBuffer* code, uint32_t reg, int32_t value) noexcept nogil
cdef void emit_ldmxcsr(CodeBuffer* code, uint32_t base, int32_t disp) noexcept nogil
cdef void emit_stmxcsr(CodeBuffer* code, uint32_t base, int32_t disp) noexcept nogil
cdef void emit_call(CodeBuffer* code, uint32_t reg) noexcept nogil
cdef void emit_ret(CodeBuffer* code) noexcept nogil
