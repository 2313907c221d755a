# What an instruction of the machine takes over from the instructions that compute its operands: shifts, extensions, immediates.

from libc.stdint cimport int64_t, uint32_t, uint64_t

from wasmine.jit.backend.lower cimport Lower
from wasmine.jit.backend.machine cimport MachInst

cdef enum:
    # Second.kind
    SECOND_REG = 0          # a register
    SECOND_IMM = 1          # an immediate that an addition takes
    SECOND_MINUS = 2        # one whose opposite is such an immediate
    SECOND_LOGICAL = 3      # an immediate of the logical instructions
    SECOND_SHIFTED = 4      # a register, shifted: imm is `shift` (encode.pxd)
    SECOND_EXTENDED = 5     # a register, extended: imm is `extend`

# The second operand of an instruction.
cdef struct Second:
    uint32_t kind
    uint32_t vreg           # 0: zero, or an immediate
    int64_t imm

# Whether a value may be computed as part of the instruction being lowered: nobody else wants it, and it stands in the same block.
cdef bint folds(Lower* s, uint32_t id) noexcept nogil
# The value whose lower half an i32 is: what is wrapped, and the i32 itself if it is no wrapped value.
cdef uint32_t unwrapped(Lower* s, uint32_t id) noexcept nogil
# The virtual register of an operand, for an instruction on as many bits as it has; 0 for the constant 0, which stands for the zero register.
cdef uint32_t source(Lower* s, uint32_t id) noexcept nogil
# The same for operands where 31 is the stack pointer.
cdef uint32_t register_of(Lower* s, uint32_t id) noexcept nogil
# The second operand of a sum or comparison, and that of a logical instruction. Emits what must be computed for it.
cdef void find_second(Lower* s, uint32_t id, Second* second) noexcept nogil
cdef void find_logical(Lower* s, uint32_t id, Second* second) noexcept nogil
# Whether the operand would be more than a register there.
cdef bint is_special(Lower* s, uint32_t id) noexcept nogil

# An operand of an instruction; 0 stands for the zero register.
cdef void use_or_zero(Lower* s, MachInst* made, uint32_t vreg, uint32_t role) noexcept nogil
# dst = op(n, m); dst = op(n) with an immediate; dst = op(n, m, a). dst 0: no result.
cdef MachInst* put_dnm(Lower* s, uint32_t op, uint32_t dst, uint32_t n, uint32_t m, int64_t imm) noexcept nogil
cdef MachInst* put_dn(Lower* s, uint32_t op, uint32_t dst, uint32_t n, int64_t imm) noexcept nogil
cdef MachInst* put_dnma(Lower* s, uint32_t op, uint32_t dst, uint32_t n, uint32_t m, uint32_t a) noexcept nogil
cdef bint is_64(Lower* s, uint32_t id) noexcept nogil
# The bits of a constant, zeros above those of an i32.
cdef uint64_t bits_of(Lower* s, uint32_t id) noexcept nogil
