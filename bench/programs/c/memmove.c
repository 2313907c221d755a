/* Bytes moved by one place and by many, with overlap: n times a ring of bytes turns by each of some distances. */
#include "../benchmark.h"

enum { SIZE = 8192, MOST = 64 };

static uint8_t ring[SIZE], spare[MOST];

static void rotate(unsigned distance) {
    __builtin_memcpy(spare, ring, distance);
    __builtin_memmove(ring, ring + distance, SIZE - distance);
    __builtin_memcpy(ring + SIZE - distance, spare, distance);
}

EXPORT int32_t run(int32_t n) {
    uint32_t state = 3, sum = 0;
    for (int i = 0; i < SIZE; i++) {
        ring[i] = (uint8_t)next_random(&state);
    }
    for (int32_t round = 0; round < n; round++) {
        for (unsigned distance = 1; distance <= MOST; distance *= 2) {
            rotate(distance);
        }
        sum = sum * 33 + ring[round % SIZE];
    }
    return (int32_t)sum;
}
