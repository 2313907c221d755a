# Instructions on vectors, for the sequences of instruction selection: in the three-operand forms of AVX where the processor has it,
# else with a move before. Ops are those of the legacy encoding.

from libc.stdint cimport int64_t, uint32_t, uint64_t

from wasmine.jit.x64.lower cimport CPU_AVX
from wasmine.jit.backend.lower cimport Lower
from wasmine.jit.x64.ops cimport VEX

# dst = op(a, b), op(a), with an immediate or 0. Operands that are no vectors are found in registers.
cdef void pack_to(Lower* s, uint32_t dst, uint32_t op, uint32_t a, uint32_t b, int64_t imm) noexcept nogil
cdef void unary_to(Lower* s, uint32_t dst, uint32_t op, uint32_t a, int64_t imm) noexcept nogil
# dst = op(a, constant)
cdef void constant_to(Lower* s, uint32_t dst, uint32_t op, uint32_t a, uint64_t low, uint64_t high, int64_t imm) noexcept nogil
# dst = a shifted by an immediate: op is a row of the form mi8
cdef void shift_to(Lower* s, uint32_t dst, uint32_t op, uint32_t a, uint32_t count) noexcept nogil
# The same into a new virtual register, which they return.
cdef uint32_t pack(Lower* s, uint32_t op, uint32_t a, uint32_t b) noexcept nogil
cdef uint32_t unary(Lower* s, uint32_t op, uint32_t a, int64_t imm) noexcept nogil
cdef uint32_t with_constant(Lower* s, uint32_t op, uint32_t a, uint64_t low, uint64_t high) noexcept nogil
cdef uint32_t shifted(Lower* s, uint32_t op, uint32_t a, uint32_t count) noexcept nogil
cdef uint32_t constant(Lower* s, uint64_t low, uint64_t high) noexcept nogil
# An integer in lane 0, zeros above; op: movd or movq.
cdef uint32_t from_integer(Lower* s, uint32_t op, uint32_t a) noexcept nogil
# The value of an i32 instruction & mask, as the count of a shift.
cdef uint32_t count_in_vector(Lower* s, uint32_t count, uint32_t mask) noexcept nogil
# dst = op(a, b, c), in the EVEX encoding
cdef void ternary_to(Lower* s, uint32_t dst, uint32_t op, uint32_t a, uint32_t b, uint32_t c, uint32_t imm) noexcept nogil
# dst = lanes of a where those of the mask are all zeros, of b where they are all ones. AVX only.
cdef void blend_to(Lower* s, uint32_t dst, uint32_t op, uint32_t a, uint32_t b, uint32_t mask) noexcept nogil

# The same bits in all lanes of 8, 16, 32 bits.
cdef inline uint64_t each8(uint32_t bits) noexcept nogil:
    return bits * <uint64_t>0x0101010101010101

cdef inline uint64_t each16(uint32_t bits) noexcept nogil:
    return bits * <uint64_t>0x0001000100010001

cdef inline uint64_t each32(uint32_t bits) noexcept nogil:
    return bits * <uint64_t>0x0000000100000001

cdef inline uint32_t arg(Lower* s, uint32_t id, uint32_t k) noexcept nogil:
    return s.f.insts[id].args[k]

# The bit that makes an op its VEX form, where the processor has AVX.
cdef inline uint32_t vex(Lower* s) noexcept nogil:
    return <uint32_t>VEX if s.features & CPU_AVX else 0
