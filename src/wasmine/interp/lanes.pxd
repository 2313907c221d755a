# A vector and the lane arithmetic that C has no operator for (core specification, section 4.3.2). Inline, so that a
# loop over lanes is compiled as one piece; scalar operations that lanes share are in ir/scalar.pxd.

from libc.stdint cimport int8_t, int16_t, int32_t, int64_t, uint8_t, uint16_t, uint32_t, uint64_t

cdef union V128:
    uint8_t u8[16]
    int8_t i8[16]
    uint16_t u16[8]
    int16_t i16[8]
    uint32_t u32[4]
    int32_t i32[4]
    uint64_t u64[2]
    int64_t i64[2]
    float f32[4]
    double f64[2]

# Saturation to the range of a lane.
cdef inline int32_t sat_i8(int32_t x) noexcept nogil:
    return -128 if x < -128 else (127 if x > 127 else x)

cdef inline int32_t sat_u8(int32_t x) noexcept nogil:
    return 0 if x < 0 else (255 if x > 255 else x)

cdef inline int32_t sat_i16(int32_t x) noexcept nogil:
    return -32768 if x < -32768 else (32767 if x > 32767 else x)

cdef inline int32_t sat_u16(int32_t x) noexcept nogil:
    return 0 if x < 0 else (65535 if x > 65535 else x)

cdef inline uint32_t popcnt8(uint32_t x) noexcept nogil:
    x = x - ((x >> 1) & 0x55)
    x = (x & 0x33) + ((x >> 2) & 0x33)
    return (x + (x >> 4)) & 0x0F
