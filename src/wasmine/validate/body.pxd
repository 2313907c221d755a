from libc.stdint cimport uint32_t

from wasmine.binary.module cimport Span
from wasmine.validate.checker cimport CheckerRef

# The body of function `index`: local declarations and instructions.
cdef bint check_body(CheckerRef c, uint32_t index) noexcept nogil
# A constant expression of type `type` at the start of the bytes `where`; it may read the first `n_globals` globals.
cdef bint check_constant(CheckerRef c, Span where, uint32_t type, uint32_t n_globals) noexcept nogil
