# Instruction selection for calls, arguments and results.

from libc.stdint cimport uint32_t

from wasmine.jit.backend.lower cimport Lower

cdef enum:
    # MachInst.scale of a tail call
    TAIL_FITS = 1           # the arguments on the stack have room where the function's own were
    TAIL_REFERENCE = 2      # the callee is the FuncInst in the register for that; else it is of the same instance

# Lowers one instruction; False when it is of another family, or not supported.
cdef bint lower_call(Lower* s, uint32_t id) noexcept nogil
# The arguments of the function, in its entry block.
cdef void lower_arguments(Lower* s, uint32_t block) noexcept nogil
cdef void lower_return(Lower* s, uint32_t id) noexcept nogil
# The virtual register of result n of an instruction with several; 0 if nobody needs it.
cdef uint32_t nth_result(Lower* s, uint32_t id, uint32_t n) noexcept nogil
# A virtual register with the address of the slots above all frames.
cdef uint32_t find_slots(Lower* s) noexcept nogil
