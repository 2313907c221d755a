# Scalar operations of WebAssembly that C has no operator for, bit-exact (core specification, section 4.3). Shared by
# the interpreter and the constant folder; inline, since a call across extension modules is not.

from libc.math cimport (
    ceil, ceilf, copysign, copysignf, floor, floorf, rint, rintf, sqrt, sqrtf, trunc, truncf
)
from libc.stdint cimport INT32_MAX, INT32_MIN, INT64_MAX, INT64_MIN, int32_t, int64_t, uint32_t, uint64_t
from libc.string cimport memcpy

cdef extern from *:
    int clz32_nonzero "__builtin_clz"(unsigned int) nogil
    int ctz32_nonzero "__builtin_ctz"(unsigned int) nogil
    int popcnt32 "__builtin_popcount"(unsigned int) nogil
    int clz64_nonzero "__builtin_clzll"(unsigned long long) nogil
    int ctz64_nonzero "__builtin_ctzll"(unsigned long long) nogil
    int popcnt64 "__builtin_popcountll"(unsigned long long) nogil
    void unreachable "__builtin_unreachable"() nogil
    bint likely "__builtin_expect_with_probability"(bint, int, double) nogil

cdef inline float as_f32(uint64_t bits) noexcept nogil:
    cdef float value
    memcpy(&value, &bits, 4)
    return value

cdef inline double as_f64(uint64_t bits) noexcept nogil:
    cdef double value
    memcpy(&value, &bits, 8)
    return value

cdef inline uint64_t of_f32(float value) noexcept nogil:
    cdef uint32_t bits
    memcpy(&bits, &value, 4)
    return bits

cdef inline uint64_t of_f64(double value) noexcept nogil:
    cdef uint64_t bits
    memcpy(&bits, &value, 8)
    return bits

cdef inline uint32_t clz32(uint32_t x) noexcept nogil:
    return clz32_nonzero(x) if x else 32

cdef inline uint32_t ctz32(uint32_t x) noexcept nogil:
    return ctz32_nonzero(x) if x else 32

cdef inline uint64_t clz64(uint64_t x) noexcept nogil:
    return clz64_nonzero(x) if x else 64

cdef inline uint64_t ctz64(uint64_t x) noexcept nogil:
    return ctz64_nonzero(x) if x else 64

cdef inline uint32_t rotl32(uint32_t x, uint32_t n) noexcept nogil:
    return (x << (n & 31)) | (x >> (-n & 31))

cdef inline uint32_t rotr32(uint32_t x, uint32_t n) noexcept nogil:
    return (x >> (n & 31)) | (x << (-n & 31))

cdef inline uint64_t rotl64(uint64_t x, uint64_t n) noexcept nogil:
    return (x << (n & 63)) | (x >> (-n & 63))

cdef inline uint64_t rotr64(uint64_t x, uint64_t n) noexcept nogil:
    return (x >> (n & 63)) | (x << (-n & 63))

cdef inline uint32_t abs32(uint32_t x) noexcept nogil:
    return x & 0x7FFFFFFFU

cdef inline uint32_t neg32(uint32_t x) noexcept nogil:
    return x ^ 0x80000000U

cdef inline uint32_t copysign32(uint32_t x, uint32_t y) noexcept nogil:
    return (x & 0x7FFFFFFFU) | (y & 0x80000000U)

cdef inline uint64_t abs64(uint64_t x) noexcept nogil:
    return x & 0x7FFFFFFFFFFFFFFFULL

cdef inline uint64_t neg64(uint64_t x) noexcept nogil:
    return x ^ 0x8000000000000000ULL

cdef inline uint64_t copysign64(uint64_t x, uint64_t y) noexcept nogil:
    return (x & 0x7FFFFFFFFFFFFFFFULL) | (y & 0x8000000000000000ULL)

# min and max: a NaN operand wins (x + y quiets it), and -0 is below +0.
cdef inline float min32(float x, float y) noexcept nogil:
    if x != x or y != y:
        return x + y
    if x == y:
        return copysignf(x, -1.0) if of_f32(x) != of_f32(y) else x
    return x if x < y else y

cdef inline float max32(float x, float y) noexcept nogil:
    if x != x or y != y:
        return x + y
    if x == y:
        return copysignf(x, 1.0) if of_f32(x) != of_f32(y) else x
    return x if x > y else y

cdef inline double min64(double x, double y) noexcept nogil:
    if x != x or y != y:
        return x + y
    if x == y:
        return copysign(x, -1.0) if of_f64(x) != of_f64(y) else x
    return x if x < y else y

cdef inline double max64(double x, double y) noexcept nogil:
    if x != x or y != y:
        return x + y
    if x == y:
        return copysign(x, 1.0) if of_f64(x) != of_f64(y) else x
    return x if x > y else y

# Saturating truncations take f64; widening an f32 is exact.
cdef inline int32_t trunc_sat_s32(double x) noexcept nogil:
    if x != x:
        return 0
    if x <= -2147483649.0:
        return INT32_MIN
    return INT32_MAX if x >= 2147483648.0 else <int32_t>x

cdef inline uint32_t trunc_sat_u32(double x) noexcept nogil:
    if not (x > -1.0):
        return 0
    return 0xFFFFFFFFU if x >= 4294967296.0 else <uint32_t>x

cdef inline int64_t trunc_sat_s64(double x) noexcept nogil:
    if x != x:
        return 0
    if x < -9223372036854775808.0:
        return INT64_MIN
    return INT64_MAX if x >= 9223372036854775808.0 else <int64_t>x

cdef inline uint64_t trunc_sat_u64(double x) noexcept nogil:
    if not (x > -1.0):
        return 0
    return 0xFFFFFFFFFFFFFFFFULL if x >= 18446744073709551616.0 else <uint64_t>x

# Rounding must quiet a NaN (section 4.3.3); not every C library does, x + x always does. The rounding mode is
# round-to-nearest, ties to even, so rint is the standard's `nearest`.
cdef inline float ceil32(float x) noexcept nogil:
    return ceilf(x) if x == x else x + x

cdef inline float floor32(float x) noexcept nogil:
    return floorf(x) if x == x else x + x

cdef inline float trunc32(float x) noexcept nogil:
    return truncf(x) if x == x else x + x

cdef inline float nearest32(float x) noexcept nogil:
    return rintf(x) if x == x else x + x

cdef inline float sqrt32(float x) noexcept nogil:
    return sqrtf(x)

cdef inline double ceil64(double x) noexcept nogil:
    return ceil(x) if x == x else x + x

cdef inline double floor64(double x) noexcept nogil:
    return floor(x) if x == x else x + x

cdef inline double trunc64(double x) noexcept nogil:
    return trunc(x) if x == x else x + x

cdef inline double nearest64(double x) noexcept nogil:
    return rint(x) if x == x else x + x

cdef inline double sqrt64(double x) noexcept nogil:
    return sqrt(x)
