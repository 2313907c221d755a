# What plain loads and stores access: by that, each machine has a table of its instructions for them.

from libc.stdint cimport uint32_t

from wasmine.jit.backend.machine cimport VT_F32, VT_I32

cdef enum:
    # An integer of 8 to 64 bits, by the logarithm of its bytes; a load has zeros above.
    ACCESS_8 = 0
    ACCESS_16 = 1
    ACCESS_32 = 2
    ACCESS_64 = 3
    ACCESS_F32 = 4
    ACCESS_F64 = 5
    ACCESS_V128 = 6
    # Loads that extend the sign, to 32 or 64 bits.
    ACCESS_S8_32 = 7
    ACCESS_S8_64 = 8
    ACCESS_S16_32 = 9
    ACCESS_S16_64 = 10
    ACCESS_S32_64 = 11
    NO_ACCESS = 12

# The ops of a machine.
cdef struct Accesses:
    uint32_t load[12]
    uint32_t store[7]

# Of a value of type VT_* where the convention, a spill slot or a call of a helper has it: an integer of 32 bits with zeros above.
cdef inline uint32_t access_of_value(uint32_t type) noexcept nogil:
    return ACCESS_64 if type < VT_F32 else ACCESS_F32 + type - VT_F32

# Of a value in a slot or global of the interpreter's: what is above an integer of 32 bits is not looked at.
cdef inline uint32_t access_of_slot(uint32_t type) noexcept nogil:
    return ACCESS_32 if type == VT_I32 else access_of_value(type)

# Of 2^width bytes; those of 4 and 8 may be a float.
cdef inline uint32_t access_of_width(uint32_t width, bint is_float) noexcept nogil:
    return ACCESS_F32 + width - 2 if is_float or width == 4 else ACCESS_8 + width
