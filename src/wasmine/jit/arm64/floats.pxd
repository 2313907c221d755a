# Instruction selection for f32 and f64.

from libc.stdint cimport uint32_t

from wasmine.jit.backend.lower cimport Lower

# Lowers one instruction; False when it is of another family.
cdef bint lower_float(Lower* s, uint32_t id) noexcept nogil
