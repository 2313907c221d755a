# Opcodes and immediates in the bytes of a body.

from libc.stdint cimport uint32_t, uint64_t

from wasmine.ir.builder cimport Builder

# The id of the next instruction (spec/opcodes.py).
cdef uint32_t read_opcode(Builder* b) noexcept nogil
# `size` bytes, the least significant first.
cdef uint64_t read_le(Builder* b, size_t size) noexcept nogil
# Passes over a value type; 1 when it is v128.
cdef uint32_t skip_value_type(Builder* b) noexcept nogil
# Passes over all immediates of an instruction.
cdef void skip_immediates(Builder* b, uint32_t id) noexcept nogil
