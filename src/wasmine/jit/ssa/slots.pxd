# Slots become values, while blocks are built in reverse postorder.

from libc.stdint cimport uint32_t

from wasmine.jit.ssa.build cimport Build

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

# Completes parameters, decides types, gives edges their arguments. False when memory is exhausted or a limit is passed.
cdef bint close_slots(Build* b) noexcept nogil
