# Registers on the stack: those that a C function must not change, and all of them.

from libc.stdint cimport int32_t, uint32_t

from wasmine.jit.backend.codebuffer cimport CodeBuffer

cdef enum:
    SAVED_INTS = 256        # bytes; the places of x30 and sp are not used
    SAVED_ALL = 768         # with the floats and vectors behind them

# x19 to x30 and d8 to d15 (AAPCS64). And back.
cdef void push_saved(CodeBuffer* code) noexcept nogil
cdef void pop_saved(CodeBuffer* code) noexcept nogil
# Keeps all registers at sp, by number, and lowers it by SAVED_ALL. And back; x18 and x30 are left as they are.
cdef void save_registers(CodeBuffer* code) noexcept nogil
cdef void restore_registers(CodeBuffer* code) noexcept nogil
# Where an integer register is kept.
cdef inline int32_t saved_at(uint32_t reg) noexcept nogil:
    return 8 * reg
