# The encoder of ARM64 instructions: one function for all ops of the table (ops.py). Registers are numbers whose low five bits count, so
# that 32 to 63 are the vectors 0 to 31.

from libc.stdint cimport int32_t, int64_t, uint8_t, uint32_t, uint64_t

from wasmine.jit.backend.codebuffer cimport CodeBuffer

cdef enum:
    # Kinds of shifts
    SHIFT_LSL = 0
    SHIFT_LSR = 1
    SHIFT_ASR = 2
    SHIFT_ROR = 3           # logical instructions only

    # Extensions of a register to 64 bits, or as an index
    EXTEND_UXTB = 0
    EXTEND_UXTH = 1
    EXTEND_UXTW = 2
    EXTEND_LSL = 3          # 64 bits as they are
    EXTEND_SXTB = 4
    EXTEND_SXTH = 5
    EXTEND_SXTW = 6

    NO_LOGICAL = 0xFFFFFFFF
    NO_FLOAT8 = 0xFFFFFFFF
    NO_VECTOR_IMM = 0xFFFFFFFF

# For imm of the forms dnm_shift and dnm_extend (amount: 0 to 4), and d_wide (half: which 16 bits).
cdef inline int64_t shift(uint32_t kind, uint32_t amount) noexcept nogil:
    return kind << 6 | amount

cdef inline int64_t extend(uint32_t kind, uint32_t amount) noexcept nogil:
    return kind << 3 | amount

cdef inline int64_t wide(uint32_t bits, uint32_t half) noexcept nogil:
    return half << 16 | bits

# For imm of the form dn_field: bits lsb .. lsb + width - 1 of a register of 32 or 64 bits, taken out (ubfm, sbfm), or from the bottom of
# one put there (bfm, or ubfm and sbfm, which make the rest 0 or the sign).
cdef inline int64_t taken(uint32_t lsb, uint32_t width) noexcept nogil:
    return lsb << 6 | (lsb + width - 1)

cdef inline int64_t put_at(uint32_t lsb, uint32_t width, uint32_t bits) noexcept nogil:
    return (bits - lsb & bits - 1) << 6 | (width - 1)

# The instruction. Operands that its form does not have do not count.
cdef uint32_t encode(uint32_t op, uint32_t d, uint32_t n, uint32_t m, uint32_t a, int64_t imm) noexcept nogil
cdef uint32_t encode_indexed(uint32_t op, uint32_t d, uint32_t base, uint32_t index, uint32_t extend, bint scaled) noexcept nogil

# They append it.
cdef void emit_op(CodeBuffer* code, uint32_t op, uint32_t d, uint32_t n, uint32_t m, uint32_t a, int64_t imm) noexcept nogil
cdef void emit_dnm(CodeBuffer* code, uint32_t op, uint32_t d, uint32_t n, uint32_t m) noexcept nogil
cdef void emit_dn(CodeBuffer* code, uint32_t op, uint32_t d, uint32_t n) noexcept nogil
cdef void emit_dni(CodeBuffer* code, uint32_t op, uint32_t d, uint32_t n, int64_t imm) noexcept nogil
# [base + disp]; fits_offset must hold.
cdef void emit_mem(CodeBuffer* code, uint32_t op, uint32_t d, uint32_t base, int32_t disp) noexcept nogil
# [base + index], the index extended by EXTEND_UXTW, _SXTW, _LSL, and times the bytes of the access if `scaled`.
cdef void emit_indexed(CodeBuffer* code, uint32_t op, uint32_t d, uint32_t base, uint32_t index, uint32_t extend, bint scaled) noexcept nogil
# [base, disp]!, which adds disp to the base before the access, and [base], disp, which does so behind it; -256 to 255.
cdef void emit_before(CodeBuffer* code, uint32_t op, uint32_t d, uint32_t base, int32_t disp) noexcept nogil
cdef void emit_behind(CodeBuffer* code, uint32_t op, uint32_t d, uint32_t base, int32_t disp) noexcept nogil
# Two registers at [base + disp]; disp counts in bytes: a multiple of one register's, -64 to 63 of them.
cdef void emit_pair(CodeBuffer* code, uint32_t op, uint32_t d, uint32_t second, uint32_t base, int32_t disp) noexcept nogil
cdef void emit_pair_before(CodeBuffer* code, uint32_t op, uint32_t d, uint32_t second, uint32_t base, int32_t disp) noexcept nogil
cdef void emit_pair_behind(CodeBuffer* code, uint32_t op, uint32_t d, uint32_t second, uint32_t base, int32_t disp) noexcept nogil

# Whether an op of the forms mem and pair reaches [base + disp]; log2 of the bytes of a register that it accesses.
cdef bint fits_offset(uint32_t op, int64_t disp) noexcept nogil
cdef uint32_t log2_bytes(uint32_t op) noexcept nogil
# Whether a value is an immediate of the form dn_imm.
cdef bint fits_imm(uint64_t value) noexcept nogil
# Whether a distance is one of the forms branch, d_branch, dm_branch.
cdef bint fits_branch(uint32_t op, int64_t distance) noexcept nogil
# The encoding of an immediate of the form dn_logical, from bit 10 on; NO_LOGICAL if it is none. Of 32 bits, the upper half does not count.
cdef uint32_t logical(uint64_t value, bint is_64) noexcept nogil
# The encoding of an immediate of the form d_float, given the bits of an f32 or f64; NO_FLOAT8 if it is none.
cdef uint32_t float8(uint64_t bits, bint is_64) noexcept nogil
# The immediate of the form v_imm for a vector; NO_VECTOR_IMM if there is none.
cdef uint32_t vector_imm(uint64_t low, uint64_t high) noexcept nogil
# Changes the distance of the branch, adr or load that stands at `at`, in bytes.
cdef void set_distance(uint8_t* at, int64_t distance) noexcept nogil

# The shortest instructions that make the register hold these 64 bits; how many there are. The flags keep their values.
cdef void emit_const(CodeBuffer* code, uint32_t reg, uint64_t value) noexcept nogil
cdef uint32_t const_length(uint64_t value) noexcept nogil
