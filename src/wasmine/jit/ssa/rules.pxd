# What an instruction is equal to: the rules of algebra. Each answers with a value, existing or made at the cursor, or 0 when it knows nothing better.

from libc.stdint cimport uint32_t, uint64_t

from wasmine.jit.ssa cimport ops as o
from wasmine.jit.ssa.function cimport SsaFunc
from wasmine.jit.ssa.simplify cimport Cursor

cdef uint32_t reduce_unary(Cursor* c, uint32_t op, uint32_t type, uint32_t x) noexcept nogil
# A constant operand that could be on either side is on the right.
cdef uint32_t reduce_binary(Cursor* c, uint32_t op, uint32_t type, uint32_t x, uint32_t y) noexcept nogil
cdef uint32_t reduce_select(Cursor* c, uint32_t type, uint32_t condition, uint32_t x, uint32_t y) noexcept nogil

# A mask that holds all bits which may be set in an integer.
cdef uint64_t known_bits(SsaFunc* f, uint32_t value) noexcept nogil

# A condition that is zero when this one is, shorter if there is one; `negated` is flipped when it is the opposite.
cdef uint32_t condition_of(SsaFunc* f, uint32_t condition, bint* negated) noexcept nogil

cdef inline bint is_const(SsaFunc* f, uint32_t value) noexcept nogil:
    return f.insts[value].op == o.CONST

cdef inline bint is_const_of(SsaFunc* f, uint32_t value, uint64_t bits) noexcept nogil:
    return f.insts[value].op == o.CONST and f.insts[value].imm == bits
