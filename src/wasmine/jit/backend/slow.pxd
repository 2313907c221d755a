# What native code leaves to C without giving up its registers: allocation beyond the window, references not taken yet.
#
# The shared routine Links.slow is called with four words that say what is wanted. It keeps the registers on the stack, where the
# collector finds the references among them, does the work, and puts the result into the scratch register. Which register it finds the
# words in, each machine says.

from libc.stdint cimport uint32_t, uint64_t

from wasmine.runtime.vm cimport Instance, VMContext

cdef enum:
    # word 0 of what is asked for; word 1: type id, or function index
    SLOW_STRUCT = 0
    SLOW_FIXED_ARRAY = 1    # word 2: length
    SLOW_ARRAY = 2          # word 2: register of the length; word 3: register of the elements' value
    SLOW_REF_FUNC = 3

    # word 3
    NO_VALUE = 0xFF         # zero

    LARGEST_TRAP = 0xFFF    # results up to it are traps, not references

# Given the registers as they were kept, by number: integers of 8 bytes, floats and vectors (from FLOAT_REGS on) of 16. Returns a
# reference, or TRAP_*.
cdef uint64_t do_slowly(VMContext* ctx, Instance* inst, const uint32_t* words, uint64_t* ints, uint64_t* floats) noexcept nogil
