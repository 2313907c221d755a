# Dead code and dead parameters.

from libc.stdint cimport uint32_t

from wasmine.jit.ssa.function cimport Inst, SsaFunc

# Removes instructions without effect whose value nobody uses, and parameters of blocks that nobody uses or into which one value
# flows; counts uses. Needs order and predecessors. False when memory is exhausted.
cdef bint remove_dead(SsaFunc* f) noexcept nogil

# Whether an instruction goes when its value is not used.
cdef bint is_removable(const Inst* inst) noexcept nogil

# Puts what replaces it (function.pxd, resolve) for every use.
cdef void rewrite(SsaFunc* f, uint32_t* alias) noexcept nogil
# The same, and counts the uses of all values, which then need not be known before.
cdef void rewrite_and_count(SsaFunc* f, uint32_t* alias) noexcept nogil
