# Instruction selection for vectors: lanes moved.

from libc.stdint cimport uint8_t, uint32_t

from wasmine.jit.backend.lower cimport Lower

# Lowers one instruction; False when it is of another family.
cdef bint lower_lanes(Lower* s, uint32_t id) noexcept nogil

# Whether sixteen bytes, by their numbers, are one lane of 1 << size bytes of a vector, everywhere; and which.
cdef bint splat(uint8_t* lanes, uint32_t size, uint32_t* lane) noexcept nogil
