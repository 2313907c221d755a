# Instruction selection for vectors.

from libc.stdint cimport uint8_t, uint32_t

from wasmine.jit.ssa.ops cimport N_OPS
from wasmine.jit.x64.lower cimport Lower

# A row of vector_ops.py.
cdef struct Row:
    uint8_t form            # V_*
    uint8_t imm
    uint32_t op
    uint32_t counted        # V_BY: with an immediate count

cdef Row ROWS[N_OPS]        # SSA op -> its row

# Lowers one instruction; False when it is of another family, or the processor lacks SSE4.1.
cdef bint lower_vector(Lower* s, uint32_t id) noexcept nogil
