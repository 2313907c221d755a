# Loops that end with their test.

from libc.stdint cimport uint32_t

from wasmine.jit.backend.emit cimport Emit
from wasmine.jit.backend.machine cimport MachFunc

# Whether a block is in the loop whose header is block h, or in one inside.
cdef inline bint is_inside(MachFunc* m, uint32_t h, uint32_t b) noexcept nogil:
    return h <= b < m.blocks[h].loop_end

# Moves headers of loops, in an order of n blocks for emission, behind the blocks that jump back to them.
cdef void rotate_loops(Emit* e, uint32_t* order, uint32_t n) noexcept nogil
