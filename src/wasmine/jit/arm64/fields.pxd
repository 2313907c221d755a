# Bit fields: what shifts and masks take out of a value, or put somewhere.

from libc.stdint cimport uint32_t

from wasmine.jit.backend.lower cimport Lower

# Each lowers an instruction (a shift by a constant; and; or) to one on a bit field; False if it is none.
cdef bint field_of_shift(Lower* s, uint32_t id) noexcept nogil
cdef bint field_of_and(Lower* s, uint32_t id) noexcept nogil
cdef bint field_of_or(Lower* s, uint32_t id) noexcept nogil
