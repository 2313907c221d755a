/* SIMD, small integers: n times one picture is laid over another, channel by channel, rounded as 8-bit pixels are. */
#include "../benchmark.h"

#ifdef __wasm_simd128__
#include <wasm_simd128.h>
#endif

enum { BYTES = 256 * 256 * 4 };

static uint8_t above[BYTES], below[BYTES], cover[BYTES];

#ifdef __wasm_simd128__
/* (x + 128 + ((x + 128) >> 8)) >> 8 is x / 255, rounded. */
static v128_t scaled(v128_t sum) {
    v128_t x = wasm_i16x8_add(sum, wasm_i16x8_const_splat(128));
    return wasm_u16x8_shr(wasm_i16x8_add(x, wasm_u16x8_shr(x, 8)), 8);
}

static void blend(void) {
    v128_t whole = wasm_i16x8_const_splat(255);
    for (int i = 0; i < BYTES; i += 16) {
        v128_t top = wasm_v128_load(&above[i]), bottom = wasm_v128_load(&below[i]);
        v128_t alpha = wasm_v128_load(&cover[i]);
        v128_t low = wasm_u16x8_extend_low_u8x16(alpha), high = wasm_u16x8_extend_high_u8x16(alpha);
        v128_t first = scaled(wasm_i16x8_add(
            wasm_i16x8_mul(wasm_u16x8_extend_low_u8x16(top), low),
            wasm_i16x8_mul(wasm_u16x8_extend_low_u8x16(bottom), wasm_i16x8_sub(whole, low))));
        v128_t second = scaled(wasm_i16x8_add(
            wasm_i16x8_mul(wasm_u16x8_extend_high_u8x16(top), high),
            wasm_i16x8_mul(wasm_u16x8_extend_high_u8x16(bottom), wasm_i16x8_sub(whole, high))));
        wasm_v128_store(&below[i], wasm_u8x16_narrow_i16x8(first, second));
    }
}
#else
static void blend(void) {
    for (int i = 0; i < BYTES; i++) {
        uint32_t sum = (uint32_t)above[i] * cover[i] + (uint32_t)below[i] * (255u - cover[i]);
        sum += 128;
        below[i] = (uint8_t)((sum + (sum >> 8)) >> 8);
    }
}
#endif

EXPORT int32_t run(int32_t n) {
    uint32_t state = 8, sum = 0;
    for (int i = 0; i < BYTES; i++) {
        uint32_t random = next_random(&state);
        above[i] = (uint8_t)random;
        below[i] = (uint8_t)(random >> 8);
        cover[i] = (uint8_t)(random >> 16);
    }
    for (int32_t round = 0; round < n; round++) {
        above[round % BYTES] ^= (uint8_t)round;
        cover[round * 7 % BYTES] += 13;
        blend();
    }
    for (int i = 0; i < BYTES; i++) {
        sum = sum * 31 + below[i];
    }
    return (int32_t)sum;
}
