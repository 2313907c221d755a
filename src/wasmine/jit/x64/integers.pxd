# Instruction selection for integers.

from libc.stdint cimport uint32_t

from wasmine.jit.backend.lower cimport Lower

# dst = left op what a load reads that sinks to the instruction being lowered.
cdef void with_memory(Lower* s, uint32_t op, uint32_t dst, uint32_t left, uint32_t load) noexcept nogil
# Lowers one instruction; False when it is of another family.
cdef bint lower_integer(Lower* s, uint32_t id) noexcept nogil
