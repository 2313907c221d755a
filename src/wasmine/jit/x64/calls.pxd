# Instruction selection for calls, arguments and results.

from libc.stdint cimport uint32_t

from wasmine.jit.x64.lower cimport Lower

# Lowers one instruction; False when it is of another family, or not supported.
cdef bint lower_call(Lower* s, uint32_t id) noexcept nogil
# The arguments of the function, in its entry block.
cdef void lower_arguments(Lower* s, uint32_t block) noexcept nogil
cdef void lower_return(Lower* s, uint32_t id) noexcept nogil
