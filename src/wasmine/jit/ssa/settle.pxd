# The end of SSA construction.

from wasmine.jit.ssa.build cimport Build

# When all blocks are built: completes parameters, decides types, gives edges their arguments. False when memory is exhausted or a limit
# is passed.
cdef bint close_slots(Build* b) noexcept nogil
