/* SIMD, floats: n times the dot product of two vectors of 4096 floats, in four lanes. */
#include "../benchmark.h"

#ifdef __wasm_simd128__
#include <wasm_simd128.h>
#endif

enum { LENGTH = 4096 };

static float left[LENGTH], right[LENGTH];

static float dot(void) {
    float lanes[4] = {0};
#ifdef __wasm_simd128__
    v128_t sum = wasm_f32x4_const_splat(0);
    for (int i = 0; i < LENGTH; i += 4) {
        sum = wasm_f32x4_add(sum, wasm_f32x4_mul(wasm_v128_load(&left[i]), wasm_v128_load(&right[i])));
    }
    wasm_v128_store(lanes, sum);
#else
    for (int i = 0; i < LENGTH; i++) {
        lanes[i % 4] += left[i] * right[i];
    }
#endif
    return (lanes[0] + lanes[1]) + (lanes[2] + lanes[3]);
}

EXPORT double run(int32_t n) {
    uint32_t state = 1;
    double total = 0;
    for (int i = 0; i < LENGTH; i++) {
        left[i] = (float)(next_random(&state) >> 8) * 0x1p-24f;
        right[i] = (float)(next_random(&state) >> 8) * 0x1p-24f - 0.5f;
    }
    for (int32_t round = 0; round < n; round++) {
        left[round % LENGTH] += 0.125f;
        total += dot();
    }
    return total;
}
