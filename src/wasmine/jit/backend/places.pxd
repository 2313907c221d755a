# Where a calling convention puts arguments and results: registers first, eight of each class, then the stack.

from libc.stdint cimport uint32_t

cdef enum:
    ON_STACK = 0x100        # places: + offset in bytes

# Where the next argument or result goes. Started by the machine's convention.
cdef struct Places:
    const uint32_t* registers   # of the integers, in their order; floats and vectors are in the first eight of theirs
    uint32_t ints
    uint32_t floats
    uint32_t bytes          # on the stack

cdef void start_places_in(Places* places, const uint32_t* registers) noexcept nogil
# A register, or ON_STACK + offset, for a value of type VT_*. On the stack 8 bytes each, vectors 16 and aligned, the first one lowest.
cdef uint32_t next_place(Places* places, uint32_t type) noexcept nogil
# VT_* of a value type (spec/types.pxd).
cdef uint32_t value_type(uint32_t type) noexcept nogil
# What values of these types (spec/types.pxd) take on the stack when they are passed, a multiple of 16.
cdef uint32_t stack_bytes(const uint32_t* types, uint32_t n) noexcept nogil
