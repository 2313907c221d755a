# Slots become values, while blocks are built in reverse postorder.

from libc.stdint cimport uint32_t, uint64_t

from wasmine.jit.ssa.build cimport Build
from wasmine.jit.ssa.simplify cimport Cursor

# Arrays of `b` over slots. False when memory is exhausted.
cdef bint init_slots(Build* b) noexcept nogil

# Before and after the instructions of a block.
cdef void begin_block(Build* b, uint32_t block, bint follows) noexcept nogil
cdef void end_block(Build* b) noexcept nogil

# What a slot, or the two slots of a v128, holds where the builder is; its type may be open.
cdef uint32_t read_slot(Build* b, uint32_t slot) noexcept nogil
cdef void write_slot(Build* b, uint32_t slot, uint32_t value) noexcept nogil

# A value as one of another type with the same bits; i64 stands for ref, too.
cdef uint32_t as_type(Build* b, uint32_t value, uint32_t type) noexcept nogil
cdef uint32_t read_as(Build* b, uint32_t slot, uint32_t type) noexcept nogil

# Keeps a value whose type is decided at the end.
cdef void keep_open(Build* b, uint32_t value) noexcept nogil

# For the end (settle.py): gives every parameter its operands, one for each predecessor, in the pool from args[0] on, args[1] of them.
cdef void complete_params(Build* b) noexcept nogil
# The bits of a value as another type, made at the cursor; 0 when there is no such thing. A constant without type as one of a type.
cdef uint32_t convert(Cursor* at, uint32_t value, uint32_t type) noexcept nogil
cdef uint32_t typed_const(Build* b, uint32_t value, uint32_t type) noexcept nogil
cdef bint same_type(uint32_t a, uint32_t b) noexcept nogil
# Takes steps from the budget; False, with `status` set, when too few are left.
cdef bint pay(Build* b, uint64_t steps) noexcept nogil
