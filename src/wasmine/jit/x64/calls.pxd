# Instruction selection for calls, arguments and results.

from libc.stdint cimport uint32_t

from wasmine.jit.x64.lower cimport Lower

# Lowers one instruction; False when it is of another family, or not supported.
cdef bint lower_call(Lower* s, uint32_t id) noexcept nogil
# The arguments of the function, in its entry block.
cdef void lower_arguments(Lower* s, uint32_t block) noexcept nogil
cdef void lower_return(Lower* s, uint32_t id) noexcept nogil
# Traps on a condition; detail: a virtual register, or 0.
cdef void trap_if(Lower* s, uint32_t cc, uint32_t trap, uint32_t detail) noexcept nogil
# The virtual register of result n of an instruction with several; 0 if nobody needs it.
cdef uint32_t nth_result(Lower* s, uint32_t id, uint32_t n) noexcept nogil
# A virtual register with the address of the slots above all frames.
cdef uint32_t find_slots(Lower* s) noexcept nogil
