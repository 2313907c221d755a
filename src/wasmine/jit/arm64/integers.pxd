# Instruction selection for integers.

from libc.stdint cimport uint32_t

from wasmine.jit.backend.lower cimport Lower

# Lowers one instruction; False when it is of another family.
cdef bint lower_integer(Lower* s, uint32_t id) noexcept nogil
