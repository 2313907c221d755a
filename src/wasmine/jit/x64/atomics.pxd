# Instruction selection for atomic accesses.

from libc.stdint cimport uint32_t

from wasmine.jit.backend.lower cimport Lower

cdef enum:
    # Added to the op of a store of 32 bits, those of other sizes
    TO_BYTE = (1 << 20 | 1 << 21) - 1
    TO_16 = 1 << 10
    TO_64 = 1 << 12

# Lowers one instruction; False when it is of another family.
cdef bint lower_atomic(Lower* s, uint32_t id) noexcept nogil
# That op for 1 << size bytes.
cdef uint32_t op_of_size(uint32_t op, uint32_t size) noexcept nogil
