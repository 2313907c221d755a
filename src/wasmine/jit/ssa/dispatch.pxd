# Jumps through a dispatcher that know where they go.

from libc.stdint cimport uint32_t

from wasmine.jit.ssa.build cimport Build

# Whether the function begins with a dispatcher on an argument; `dispatch` and `dispatch_end` of `b` if so.
cdef bint find_dispatcher(Build* b) noexcept nogil

# How many blocks `copy_code` makes at most, when there are n.
cdef uint32_t blocks_with_copy(Build* b, uint32_t n) noexcept nogil

# The copy in which jumps go straight: blocks and edges, and the choice between it and the code that dispatches. When all other blocks
# and edges have been made. False when memory is exhausted.
cdef bint copy_code(Build* b) noexcept nogil

# Whether a block of the copy stands for the dispatcher, with a known label.
cdef bint is_passage(Build* b, uint32_t block) noexcept nogil
