# Sums of memory 0's base and an address, for accesses at several offsets from that address.

from libc.stdint cimport uint32_t

from wasmine.jit.arm64.lower cimport Sharing
from wasmine.jit.backend.lower cimport Lower
from wasmine.jit.ssa.function cimport SsaFunc

# The virtual register that holds the sum for an access, or 0: it is the only one. Accesses are those that `loaded` and `stored` of
# backend/memory.pxd know.
cdef uint32_t shared_place(Lower* s, uint32_t id) noexcept nogil
# Finds what shares a sum.
cdef void find_sharing(SsaFunc* f, Sharing* table) noexcept nogil
