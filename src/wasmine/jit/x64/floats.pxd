# Instruction selection for f32 and f64.

from libc.stdint cimport uint32_t

from wasmine.jit.backend.lower cimport Lower

cdef enum:
    # MachInst.imm of P_TRUNCATE
    TRUNC_F64 = 1           # from f64, else f32
    TRUNC_64 = 2            # to i64, else i32
    TRUNC_SIGNED = 4
    TRUNC_SAT = 8           # saturates instead of trapping

# Lowers one instruction; False when it is of another family.
cdef bint lower_float(Lower* s, uint32_t id) noexcept nogil
