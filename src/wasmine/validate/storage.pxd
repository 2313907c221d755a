from libc.stdint cimport uint32_t

from wasmine.validate.checker cimport CheckerRef

# Whole memories, tables and segments: size, growth and bulk instructions, table access.
cdef bint check_storage(CheckerRef c, uint32_t op) noexcept nogil
