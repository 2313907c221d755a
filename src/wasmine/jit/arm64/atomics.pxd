# Instruction selection for atomic accesses.

from libc.stdint cimport uint32_t

from wasmine.jit.backend.lower cimport Lower

# Lowers one instruction; False when it is of another family.
cdef bint lower_atomic(Lower* s, uint32_t id) noexcept nogil

# The op for 1 << size bytes, given that for 32 bits.
cdef inline uint32_t of_size(uint32_t op, uint32_t size) noexcept nogil:
    return op & 0x3FFFFFFF | size << 30
