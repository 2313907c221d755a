# Stores that might write a part of their bytes before they trap.
#
# A store that goes beyond the end of a memory must write nothing. Where a guard finds that out, the architecture leaves open what
# a store has written when it crosses from a page that is there to one that is not. A load of the same bytes before it traps in its
# place. It is left out where the store is aligned, so that it crosses nothing, or an access before it has gone as far from the same
# address: memories do not shrink.

from libc.stdint cimport uint8_t, uint32_t, uint64_t

from wasmine.jit.backend.lower cimport Lower
from wasmine.jit.ssa.function cimport SsaFunc

# Of an address: an access that has been made from it, and how far it went.
cdef struct Reached:
    uint64_t end            # offset of the first byte behind it
    uint32_t memory
    uint32_t block          # 0: there is none

# Finds the stores that may tear: sets `torn` by SSA instruction. `reached` has zeros, for each SSA instruction. False when memory is
# exhausted.
cdef bint find_torn(SsaFunc* f, uint8_t* torn, Reached* reached) noexcept nogil
