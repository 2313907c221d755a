# Instruction selection for x86-64: what its parts share besides backend/lower.pxd.

from libc.stdint cimport uint32_t, uint64_t

from wasmine.jit.backend.lower cimport Lower

cdef enum:
    # Conditions, by their number in an instruction; ^ 1 negates
    CC_O = 0
    CC_B = 2
    CC_AE = 3
    CC_E = 4
    CC_NE = 5
    CC_BE = 6
    CC_A = 7
    CC_S = 8
    CC_NS = 9
    CC_P = 10
    CC_L = 12
    CC_GE = 13
    CC_LE = 14
    CC_G = 15
    CC_EQ_F = 16            # after ucomis: equal and ordered
    CC_NE_F = 17

    # Features of the processor
    CPU_SSE41 = 1
    CPU_POPCNT = 2
    CPU_LZCNT = 4
    CPU_BMI1 = 8
    CPU_SSE42 = 16
    CPU_AVX = 32            # and the system keeps its registers
    CPU_AVX2 = 64
    CPU_BMI2 = 128
    CPU_AVX512 = 256        # F, VL, DQ, BW, and the system keeps their registers
    CPU_VBMI = 512
    CPU_BITALG = 1024

# dst = op dst, [pool: bits]
cdef void emit_with_constant(Lower* s, uint32_t op, uint32_t dst, uint64_t bits) noexcept nogil
