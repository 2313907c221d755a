# What follows from the decisions of register allocation: slots, places of operands, moves.

from wasmine.jit.backend.regalloc cimport Alloc

# Sets `failed` when memory is exhausted.
cdef void resolve(Alloc* a) noexcept nogil
