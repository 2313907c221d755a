# Loops and the lines of the instruction cache.

from libc.stdint cimport uint32_t

from wasmine.jit.backend.emit cimport Emit

# Emits the block at `i` in an order of `n`, or the loop that begins there, where its code touches few lines. The place in the order
# behind what has been emitted.
cdef uint32_t emit_in_lines(Emit* e, const uint32_t* order, uint32_t i, uint32_t n) noexcept nogil
