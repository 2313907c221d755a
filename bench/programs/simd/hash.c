/* SIMD, 32-bit multiplication and rotation: n times a hash in four lanes over 64 KiB, in the manner of xxHash. */
#include "../benchmark.h"

#ifdef __wasm_simd128__
#include <wasm_simd128.h>
#endif

enum { WORDS = 16 * 1024 };

static const uint32_t FIRST = 0x9E3779B1u, SECOND = 0x85EBCA77u;
static uint32_t input[WORDS];

static uint32_t hash(uint32_t seed) {
    uint32_t lanes[4];
#ifdef __wasm_simd128__
    v128_t state = wasm_i32x4_splat((int32_t)seed);
    for (int i = 0; i < WORDS; i += 4) {
        v128_t mixed = wasm_i32x4_add(
            state, wasm_i32x4_mul(wasm_v128_load(&input[i]), wasm_i32x4_splat((int32_t)SECOND)));
        mixed = wasm_v128_or(wasm_i32x4_shl(mixed, 13), wasm_u32x4_shr(mixed, 19));
        state = wasm_i32x4_mul(mixed, wasm_i32x4_splat((int32_t)FIRST));
    }
    wasm_v128_store(lanes, state);
#else
    for (int lane = 0; lane < 4; lane++) {
        uint32_t state = seed;
        for (int i = lane; i < WORDS; i += 4) {
            uint32_t mixed = state + input[i] * SECOND;
            state = (mixed << 13 | mixed >> 19) * FIRST;
        }
        lanes[lane] = state;
    }
#endif
    return lanes[0] + (lanes[1] << 7 | lanes[1] >> 25) + (lanes[2] << 12 | lanes[2] >> 20) +
           (lanes[3] << 18 | lanes[3] >> 14);
}

EXPORT int32_t run(int32_t n) {
    uint32_t state = 23, total = 0;
    for (int i = 0; i < WORDS; i++) {
        input[i] = next_random(&state);
    }
    for (int32_t round = 0; round < n; round++) {
        total = total * 31 + hash((uint32_t)round);
    }
    return (int32_t)total;
}
