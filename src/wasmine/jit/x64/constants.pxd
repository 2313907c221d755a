# Constants: made in a register, or kept behind the code.

from libc.stdint cimport int64_t, uint32_t, uint64_t

from wasmine.jit.backend.machine cimport MachInst
from wasmine.jit.backend.emit cimport Emit

cdef void emit_constant(Emit* e, const MachInst* inst) noexcept nogil
cdef void emit_const_float(Emit* e, const MachInst* inst) noexcept nogil
# An instruction whose r/m is a constant of 16 bytes; the same with a second source, in the VEX encoding, and an immediate.
cdef void emit_with_pool(Emit* e, uint32_t op, uint32_t reg, uint64_t low, uint64_t high) noexcept nogil
cdef void emit_with_vector(Emit* e, uint32_t op, uint32_t reg, uint32_t second, uint64_t low, uint64_t high, int64_t imm) noexcept nogil
# The constants and jump tables, behind the code.
cdef void emit_data(Emit* e) noexcept nogil
