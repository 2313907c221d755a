from libc.stdint cimport uint32_t

from wasmine.validate.checker cimport CheckerRef

# References, structures, arrays, casts and i31.
cdef bint check_gc(CheckerRef c, uint32_t op) noexcept nogil
