# Instruction selection for ARM64: what its parts share besides backend/lower.pxd.

from libc.stdint cimport uint8_t, uint32_t

from wasmine.jit.backend.lower cimport Lower

cdef enum:
    MOST_HOISTED = 64

# Of an SSA instruction (sharing.py). An access: the first one with which it shares the sum of base and address, or 0. That first one:
# the virtual register of the sum. An address: the first access so far in the run of instructions of that number.
cdef struct Sharing:
    uint32_t first
    uint32_t place
    uint32_t start
    uint32_t run

# A constant that is made before a loop (hoisting.pxd).
cdef struct Hoisted:
    uint32_t id
    uint32_t vreg
    uint32_t block          # at whose end

# Lower.own
cdef struct Own:
    Sharing* sharing        # by SSA instruction
    uint8_t* torn           # by SSA instruction: whether it is a store that may tear (tearing.pxd)
    uint8_t* calls          # by block that is a loop's header: whether there are calls in it
    Hoisted hoisted[MOST_HOISTED]
    uint32_t n_hoisted

cdef inline Own* own(Lower* s) noexcept nogil:
    return <Own*>s.own

# Makes it. False when memory is exhausted.
cdef bint start_own(Lower* s) noexcept nogil
