# Instruction selection for vectors of integers: what is more than one instruction.

from libc.stdint cimport uint32_t

from wasmine.jit.backend.lower cimport Lower

# Lowers one instruction; False when it is of another family.
cdef bint lower_vector_integer(Lower* s, uint32_t id) noexcept nogil
