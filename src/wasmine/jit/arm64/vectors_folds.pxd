# Instruction selection for vectors: an instruction together with one whose value only it needs.

from libc.stdint cimport uint32_t

from wasmine.jit.backend.lower cimport Lower

# Lowers an instruction that so becomes cheaper; False when there is no such way.
cdef bint fold_vector(Lower* s, uint32_t id) noexcept nogil
