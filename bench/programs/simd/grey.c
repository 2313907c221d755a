/* SIMD, small integers: n times a picture of 256 by 256 pixels in colour is turned into grey levels, the
 * contrast of which is stretched with saturation. Shuffles, widening products, shifts, narrowing.
 */
#include "../benchmark.h"

#ifdef __wasm_simd128__
#include <wasm_simd128.h>
#endif

enum { PIXELS = 256 * 256 };

static uint8_t colour[PIXELS * 4], grey[PIXELS];

#ifdef __wasm_simd128__
/* Grey levels of eight pixels, as 16-bit lanes: (77 red + 150 green + 29 blue) / 256. */
static v128_t eight_levels(const uint8_t *pixels) {
    v128_t low = wasm_v128_load(pixels), high = wasm_v128_load(pixels + 16);
    v128_t red_green = wasm_i8x16_shuffle(low, high, 0, 4, 8, 12, 16, 20, 24, 28, 1, 5, 9, 13, 17, 21, 25, 29);
    v128_t blue = wasm_i8x16_shuffle(low, high, 2, 6, 10, 14, 18, 22, 26, 30, 2, 6, 10, 14, 18, 22, 26, 30);
    v128_t sum = wasm_u16x8_extmul_low_u8x16(red_green, wasm_i8x16_const_splat(77));
    sum = wasm_i16x8_add(sum, wasm_u16x8_extmul_high_u8x16(red_green, wasm_u8x16_const_splat(150)));
    sum = wasm_i16x8_add(sum, wasm_u16x8_extmul_low_u8x16(blue, wasm_i8x16_const_splat(29)));
    return wasm_u16x8_shr(sum, 8);
}

static void convert(uint8_t darkest) {
    for (int i = 0; i < PIXELS; i += 16) {
        v128_t level = wasm_u8x16_narrow_i16x8(eight_levels(&colour[4 * i]), eight_levels(&colour[4 * i + 32]));
        level = wasm_u8x16_sub_sat(level, wasm_u8x16_splat(darkest));
        wasm_v128_store(&grey[i], wasm_u8x16_add_sat(level, level));
    }
}
#else
static void convert(uint8_t darkest) {
    for (int i = 0; i < PIXELS; i++) {
        const uint8_t *pixel = &colour[4 * i];
        int level = (77 * pixel[0] + 150 * pixel[1] + 29 * pixel[2]) >> 8;
        level = level < darkest ? 0 : 2 * (level - darkest);
        grey[i] = (uint8_t)(level > 255 ? 255 : level);
    }
}
#endif

EXPORT int32_t run(int32_t n) {
    uint32_t state = 7, sum = 0;
    for (int i = 0; i < PIXELS * 4; i++) {
        colour[i] = (uint8_t)next_random(&state);
    }
    for (int32_t round = 0; round < n; round++) {
        convert((uint8_t)(round % 64));
        sum = sum * 31 + grey[(uint32_t)round * 997 % PIXELS];
    }
    for (int i = 0; i < PIXELS; i++) {
        sum = sum * 31 + grey[i];
    }
    return (int32_t)sum;
}
