# Instruction selection for exceptions.
#
# What is thrown is in VMContext.exception, from `throw` until it is caught. The handler starts with `caught`, which reads it there.

from libc.stdint cimport uint32_t

from wasmine.jit.backend.lower cimport Lower

# Lowers one instruction; False when it is of another family.
cdef bint lower_exception(Lower* s, uint32_t id) noexcept nogil
