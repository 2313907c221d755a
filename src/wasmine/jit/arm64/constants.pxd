# Constants: made in a register, or kept behind the code.

from libc.stdint cimport uint32_t, uint64_t

from wasmine.jit.backend.emit cimport Emit
from wasmine.jit.backend.machine cimport MachInst

cdef void emit_constant(Emit* e, const MachInst* inst) noexcept nogil
cdef void emit_const_float(Emit* e, const MachInst* inst) noexcept nogil
# 64 bits by one instruction, which loads them from behind the code; for addresses, which would take several.
cdef void emit_literal(Emit* e, uint32_t reg, uint64_t bits) noexcept nogil
# The address of 16 bytes behind the code.
cdef void emit_literal_address(Emit* e, uint32_t reg, uint64_t low, uint64_t high) noexcept nogil
# The constants, behind the code, and what jump tables hold.
cdef void emit_data(Emit* e) noexcept nogil
