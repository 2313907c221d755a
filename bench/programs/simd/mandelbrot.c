/* SIMD, floats with masks: the iterations spent on an n by n picture of the Mandelbrot set, four points at
 * once. n is rounded up to a multiple of four.
 */
#include "../benchmark.h"

#ifdef __wasm_simd128__
#include <wasm_simd128.h>
#endif

enum { ITERATIONS = 200 };

static int32_t four_escape_times(const float cx[4], float cy) {
    int32_t counts[4] = {0};
#ifdef __wasm_simd128__
    v128_t real = wasm_v128_load(cx), imaginary = wasm_f32x4_splat(cy);
    v128_t x = wasm_f32x4_const_splat(0), y = x, count = wasm_i32x4_const_splat(0);
    for (int i = 0; i < ITERATIONS; i++) {
        v128_t xx = wasm_f32x4_mul(x, x), yy = wasm_f32x4_mul(y, y), xy = wasm_f32x4_mul(x, y);
        v128_t inside = wasm_f32x4_le(wasm_f32x4_add(xx, yy), wasm_f32x4_const_splat(4));
        if (!wasm_v128_any_true(inside)) {
            break;
        }
        count = wasm_i32x4_sub(count, inside);
        v128_t next_x = wasm_f32x4_add(wasm_f32x4_sub(xx, yy), real);
        v128_t next_y = wasm_f32x4_add(wasm_f32x4_add(xy, xy), imaginary);
        x = wasm_v128_bitselect(next_x, x, inside);
        y = wasm_v128_bitselect(next_y, y, inside);
    }
    wasm_v128_store(counts, count);
#else
    for (int lane = 0; lane < 4; lane++) {
        float x = 0, y = 0;
        while (counts[lane] < ITERATIONS && x * x + y * y <= 4) {
            float xy = x * y;
            x = x * x - y * y + cx[lane];
            y = xy + xy + cy;
            counts[lane]++;
        }
    }
#endif
    return counts[0] + counts[1] + counts[2] + counts[3];
}

EXPORT int32_t run(int32_t n) {
    int32_t total = 0;
    n = (n + 3) & ~3;
    for (int32_t row = 0; row < n; row++) {
        for (int32_t column = 0; column < n; column += 4) {
            float cx[4];
            for (int lane = 0; lane < 4; lane++) {
                cx[lane] = 3.0f * (float)(column + lane) / (float)n - 2.25f;
            }
            total += four_escape_times(cx, 3.0f * (float)row / (float)n - 1.5f);
        }
    }
    return total;
}
