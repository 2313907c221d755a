/* SIMD, comparisons and masks: n times all places of a byte in 64 KiB are added up, sixteen bytes at a time. */
#include "../benchmark.h"

#ifdef __wasm_simd128__
#include <wasm_simd128.h>
#endif

enum { SIZE = 64 * 1024 };

static uint8_t text[SIZE];

static uint32_t sum_of_places(uint8_t byte) {
    uint32_t sum = 0;
#ifdef __wasm_simd128__
    v128_t wanted = wasm_u8x16_splat(byte);
    for (uint32_t i = 0; i < SIZE; i += 16) {
        uint32_t mask = wasm_i8x16_bitmask(wasm_i8x16_eq(wasm_v128_load(&text[i]), wanted));
        while (mask != 0) {
            sum += i + (uint32_t)__builtin_ctz(mask);
            mask &= mask - 1;
        }
    }
#else
    for (uint32_t i = 0; i < SIZE; i++) {
        if (text[i] == byte) {
            sum += i;
        }
    }
#endif
    return sum;
}

EXPORT int32_t run(int32_t n) {
    uint32_t state = 17, total = 0;
    for (int i = 0; i < SIZE; i++) {
        text[i] = (uint8_t)next_random(&state);
    }
    for (int32_t round = 0; round < n; round++) {
        total = total * 31 + sum_of_places((uint8_t)round);
    }
    return (int32_t)total;
}
