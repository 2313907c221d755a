from libc.stdint cimport uint32_t

from wasmine.validate.checker cimport CheckerRef

# Blocks, branches, calls and exceptions, by instruction.
cdef bint check_block(CheckerRef c, uint32_t op) noexcept nogil
cdef bint check_if(CheckerRef c) noexcept nogil
cdef bint check_end(CheckerRef c) noexcept nogil
cdef bint check_br(CheckerRef c) noexcept nogil
cdef bint check_br_if(CheckerRef c) noexcept nogil
cdef bint check_call(CheckerRef c) noexcept nogil
# The other ones; False and a fault also where `op` is none of them.
cdef bint check_control(CheckerRef c, uint32_t op) noexcept nogil
