from libc.stdint cimport int64_t, uint32_t, uint64_t

from wasmine.ir.func cimport Instr
from wasmine.runtime.vm cimport Instance, VMContext

# Executes one instruction of the group: memory and table management, segments, wide arithmetic. Returns TRAP_*.
cdef uint32_t bulk(VMContext* ctx, Instance* inst, const Instr* pc, uint64_t* fp) noexcept nogil
# The same, for native code that knows which one it is.
cdef uint32_t bulk_fill(VMContext* ctx, Instance* inst, const Instr* pc, uint64_t* fp) noexcept nogil
cdef uint32_t bulk_copy(VMContext* ctx, Instance* inst, const Instr* pc, uint64_t* fp) noexcept nogil

# Wide arithmetic on pairs of slots, low half first: s[0:2] op s[2:4], or s[0] * s[1], to s[0:2].
cdef extern from *:
    ctypedef unsigned long long uint128 "unsigned __int128"

cdef inline void add128(uint64_t* s) noexcept nogil:
    cdef uint64_t low = s[0] + s[2]
    s[1] = s[1] + s[3] + (low < s[0])
    s[0] = low

cdef inline void sub128(uint64_t* s) noexcept nogil:
    cdef uint64_t low = s[0] - s[2]
    s[1] = s[1] - s[3] - (s[0] < s[2])
    s[0] = low

cdef inline void mul_wide_u(uint64_t* s) noexcept nogil:
    cdef uint128 product = <uint128>s[0] * s[1]
    s[0] = <uint64_t>product
    s[1] = <uint64_t>(product >> 64)

cdef inline void mul_wide_s(uint64_t* s) noexcept nogil:
    cdef uint64_t x = s[0]
    cdef uint64_t y = s[1]
    mul_wide_u(s)
    if <int64_t>x < 0:
        s[1] -= y
    if <int64_t>y < 0:
        s[1] -= x
