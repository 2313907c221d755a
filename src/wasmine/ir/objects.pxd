# Lowering of the instructions on structures, arrays and i31, and of casts.

from libc.stdint cimport uint32_t

from wasmine.ir.builder cimport Builder

# Lowers instruction `id`, whose immediates have not been read. False when it is not one of these.
cdef bint lower_object(Builder* b, uint32_t id) noexcept nogil
