# Instructions on vectors, for the sequences of instruction selection. Operands have the roles of the encoder's names: ROLE_REG is d,
# ROLE_SECOND n, ROLE_RM m.

from libc.stdint cimport int64_t, uint32_t, uint64_t

from wasmine.jit.backend.lower cimport Lower

# dst = op(a, b), op(a), with an immediate or 0.
cdef void pack_to(Lower* s, uint32_t dst, uint32_t op, uint32_t a, uint32_t b, int64_t imm) noexcept nogil
cdef void unary_to(Lower* s, uint32_t dst, uint32_t op, uint32_t a, int64_t imm) noexcept nogil
# dst = op(start, a, b), op(start, a): instructions that change their result.
cdef void onto_to(Lower* s, uint32_t dst, uint32_t op, uint32_t start, uint32_t a, uint32_t b) noexcept nogil
cdef void into_to(Lower* s, uint32_t dst, uint32_t op, uint32_t start, uint32_t a, int64_t imm) noexcept nogil
cdef void constant_to(Lower* s, uint32_t dst, uint64_t low, uint64_t high) noexcept nogil
# The same into a new virtual register, which they return.
cdef uint32_t pack(Lower* s, uint32_t op, uint32_t a, uint32_t b) noexcept nogil
cdef uint32_t unary(Lower* s, uint32_t op, uint32_t a, int64_t imm) noexcept nogil
cdef uint32_t constant(Lower* s, uint64_t low, uint64_t high) noexcept nogil
# An integer from a vector: type VT_*.
cdef uint32_t integer(Lower* s, uint32_t type, uint32_t op, uint32_t a, int64_t imm) noexcept nogil

cdef inline uint32_t arg(Lower* s, uint32_t id, uint32_t k) noexcept nogil:
    return s.f.insts[id].args[k]
