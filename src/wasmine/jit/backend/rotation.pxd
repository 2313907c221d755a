# Loops that end with their test.

from libc.stdint cimport uint32_t

from wasmine.jit.backend.emit cimport Emit

# Moves headers of loops, in an order of n blocks for emission, behind the blocks that jump back to them.
cdef void rotate_loops(Emit* e, uint32_t* order, uint32_t n) noexcept nogil
