# Constants that are wanted in a loop are made before it, as long as it calls nothing: calls keep no register.

from libc.stdint cimport uint32_t

from wasmine.jit.backend.lower cimport Lower

# The virtual register of a constant for a use in the block being lowered; 0: it is made where it is used.
cdef uint32_t hoist_constant(Lower* s, uint32_t id) noexcept nogil
# Makes those that are wanted at the end of the block.
cdef void make_hoisted(Lower* s) noexcept nogil
# Notes the loops that call something.
cdef void find_calls(Lower* s) noexcept nogil
