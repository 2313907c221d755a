# How often loops turn.

from libc.stdint cimport uint32_t, uint64_t

from wasmine.jit.ssa.function cimport Edge, SsaFunc

# What every turn of a loop adds to a parameter of its header, 0 if that is not one constant.
cdef uint64_t steady_step(SsaFunc* f, uint32_t header, uint32_t param) noexcept nogil

# How many turns a loop takes at most each time that it is entered, 0 if that is not known. Needs dominators and loops.
cdef uint64_t turns_of(SsaFunc* f, uint32_t header) noexcept nogil

cdef inline bint is_back_edge(SsaFunc* f, Edge* edge, uint32_t header) noexcept nogil:
    return f.blocks[edge.source].order >= f.blocks[header].order
