# Stacks that Wasm runs on.
#
#     low                                                                   high
#     | guard page | native stack, grows down | value stack, grows up | guard page |
#                                   ^native_top  ^base                ^end
#
# The native part is for the C frames of the interpreter and, later, of native code's helpers; the value part holds the
# frames of Wasm functions. One mapping; stacks are pooled by size.

from libc.stdint cimport uint8_t, uint64_t

cdef struct Stack:
    Stack* next             # in the pool
    uint8_t* map
    size_t map_size
    uint8_t* native_top     # 16-aligned
    uint64_t* base
    uint64_t* end

# With the GIL held. NULL when the address space is exhausted.
cdef Stack* take_stack(size_t value_bytes) noexcept
cdef void give_stack(Stack* stack) noexcept
