# What stands out of line, behind the blocks: stubs, and what they come back to.

from libc.stdint cimport uint32_t

from wasmine.jit.backend.emit cimport Emit, Stub

# Makes a new STUB_SLOW ask for something (SLOW_*), with the result in a register; returns its number. The stub is NULL without memory.
cdef uint32_t ask_slowly(Emit* e, Stub* stub, uint32_t reg, uint32_t what, uint32_t id, uint32_t length, uint32_t value) noexcept nogil
# A stub comes back to here.
cdef void come_back(Emit* e, uint32_t stub) noexcept nogil
# All stubs of the function.
cdef void emit_stubs(Emit* e) noexcept nogil
