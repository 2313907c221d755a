# Instruction selection for vectors: bits, selections, and what is asked of all lanes.

from libc.stdint cimport uint32_t

from wasmine.jit.backend.lower cimport Lower

# Lowers one instruction; False when it is of another family.
cdef bint lower_bits(Lower* s, uint32_t id) noexcept nogil

# Whether it asks something of all lanes: `any_true`, `all_true`.
cdef bint is_lane_test(uint32_t op) noexcept nogil
# Emits the test of such an instruction; returns a virtual register of 64 bits, which is not zero, or if *zero is set, zero, where the
# answer is yes.
cdef uint32_t test_lanes(Lower* s, uint32_t id, bint* zero) noexcept nogil
