# The instructions on vectors that are one instruction of ARM64, or two in a row (vector_ops.py).

from libc.stdint cimport uint8_t, uint32_t

from wasmine.jit.ssa.ops cimport N_OPS

# A row of vector_ops.py.
cdef struct Row:
    uint8_t form            # V_*
    uint8_t mask            # V_LEFT, V_RIGHT: bits of a lane, less 1
    uint32_t op
    uint32_t other          # or 0

cdef Row ROWS[N_OPS]        # SSA op -> its row
