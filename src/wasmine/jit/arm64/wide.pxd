# Instruction selection for wide arithmetic.

from libc.stdint cimport uint32_t

from wasmine.jit.backend.lower cimport Lower

# Lowers one instruction; False when it is of another family.
cdef bint lower_wide(Lower* s, uint32_t id) noexcept nogil
