# What native code leaves to C without giving up its registers: allocation beyond the window, references not taken yet.

from libc.stdint cimport uint32_t

from wasmine.jit.backend.codebuffer cimport CodeBuffer

cdef enum:
    # word 0 of what is asked for; word 1: type id, or function index
    SLOW_STRUCT = 0
    SLOW_FIXED_ARRAY = 1    # word 2: length
    SLOW_ARRAY = 2          # word 2: register of the length; word 3: register of the elements' value
    SLOW_REF_FUNC = 3

    # word 3
    NO_VALUE = 0xFF         # zero
    FLOAT_VALUE = 0x10      # + number of the register

    LARGEST_TRAP = 0xFFF    # results up to it are traps, not references

# Emits the routine: r11 points to the four words; the result is in r11, all other registers are kept. Returns its start.
cdef uint32_t emit_slow(CodeBuffer* code) noexcept nogil
