/* SIMD, floats: n times the product of two matrices of 128 x 128 floats, four columns at a time. */
#include "../benchmark.h"

#ifdef __wasm_simd128__
#include <wasm_simd128.h>
#endif

enum { SIZE = 128 };

static float a[SIZE][SIZE], b[SIZE][SIZE], c[SIZE][SIZE];

static void multiply(void) {
    for (int i = 0; i < SIZE; i++) {
        for (int j = 0; j < SIZE; j += 4) {
#ifdef __wasm_simd128__
            v128_t sum = wasm_f32x4_const_splat(0);
            for (int k = 0; k < SIZE; k++) {
                sum = wasm_f32x4_add(sum, wasm_f32x4_mul(wasm_f32x4_splat(a[i][k]), wasm_v128_load(&b[k][j])));
            }
            wasm_v128_store(&c[i][j], sum);
#else
            for (int lane = j; lane < j + 4; lane++) {
                float sum = 0;
                for (int k = 0; k < SIZE; k++) {
                    sum += a[i][k] * b[k][lane];
                }
                c[i][lane] = sum;
            }
#endif
        }
    }
}

EXPORT double run(int32_t n) {
    uint32_t state = 5;
    double trace = 0;
    for (int i = 0; i < SIZE; i++) {
        for (int j = 0; j < SIZE; j++) {
            a[i][j] = (float)(next_random(&state) >> 16) * 0x1p-16f - 0.5f;
            b[i][j] = (float)(next_random(&state) >> 16) * 0x1p-16f - 0.5f;
        }
    }
    for (int32_t round = 0; round < n; round++) {
        a[round % SIZE][round % SIZE] += 0.25f;
        multiply();
        for (int i = 0; i < SIZE; i++) {
            trace += c[i][(i + round) % SIZE];
        }
    }
    return trace;
}
