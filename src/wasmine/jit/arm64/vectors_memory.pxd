# Instruction selection for loads and stores of vectors, but for whole ones, which are in memory.py.

from libc.stdint cimport uint32_t

from wasmine.jit.backend.lower cimport Lower

# Lowers one instruction; False when it is of another family.
cdef bint lower_vector_memory(Lower* s, uint32_t id) noexcept nogil
