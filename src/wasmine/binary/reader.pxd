# The bytes of a module and a position in them: integers, names, and expressions to step over.

cimport cython
from libc.stdint cimport int64_t, uint8_t, uint32_t, uint64_t

from wasmine.binary.module cimport Span

@cython.final
cdef class Reader:
    cdef const uint8_t* base
    cdef uint32_t pos
    cdef uint32_t end
    cdef bytes data             # owns `base`
    # What `ref.func` names in an expression is declared (section 3.5.14, the set C.refs): one byte per function.
    cdef uint8_t* declared
    cdef uint32_t n_declared

    cdef int byte(self) except -1
    cdef int type_byte(self) except -1
    cdef int peek(self) noexcept        # next byte, -1 at the end
    cdef int skip(self, uint64_t n, str what) except -1
    cdef uint64_t unsigned(self, int bits) except? 0xFFFFFFFFFFFFFFFF
    cdef int64_t signed(self, int bits) except? -0x7FFFFFFFFFFFFFFF
    cdef int64_t u32(self) except -1
    # Length of a vector, checked against the bytes that are left; more than `limit` of `subject` are invalid.
    cdef int64_t count(self, uint32_t limit, str subject) except -1
    cdef int mutability(self) except -1
    cdef int zero_byte(self) except -1
    cdef int name(self, Span* name) except -1
    # Steps over an instruction sequence and its `end`; checks that it is well-formed, not that it is valid.
    cdef int expression(self, Span* expression) except -1
    cdef int body(self, uint32_t end) except -1
    cdef int instruction(self) except -1
    cdef int immediate(self, uint32_t encoding) except -1

    cdef object malformed(self, str text, uint32_t at, str expected, str found)
    cdef object unexpected_end(self, str expected)
    cdef object over_limit(self, uint32_t at, uint64_t n, uint64_t limit, str subject)
