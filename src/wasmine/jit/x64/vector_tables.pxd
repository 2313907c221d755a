# The instructions on vectors that are one instruction of x86-64 (vector_ops.py).

from libc.stdint cimport uint8_t, uint32_t

from wasmine.jit.ssa.ops cimport N_OPS

# A row of vector_ops.py.
cdef struct Row:
    uint8_t form            # V_*
    uint8_t imm
    uint32_t op
    uint32_t counted        # V_BY: with an immediate count

cdef Row ROWS[N_OPS]        # SSA op -> its row
