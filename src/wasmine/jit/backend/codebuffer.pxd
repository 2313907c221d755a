# Machine code under construction.

from libc.stdint cimport uint8_t, uint32_t, uint64_t

cdef struct CodeBuffer:
    uint8_t* bytes
    uint32_t size
    uint32_t capacity
    uint32_t failed         # memory ran out: the bytes are not complete

# Appends; little-endian.
cdef void emit_u8(CodeBuffer* code, uint32_t value) noexcept nogil
cdef void emit_u32(CodeBuffer* code, uint32_t value) noexcept nogil
# Fills up to a multiple of `align` with `filler`.
cdef void emit_align(CodeBuffer* code, uint32_t align, uint32_t filler) noexcept nogil
cdef void free_code(CodeBuffer* code) noexcept nogil
