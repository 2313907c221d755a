/* 64-bit rotations and no branches: n permutations Keccak-f[1600] (FIPS 202, section 3.3), one after the other
 * from the state of all zeros.
 */
#include "../benchmark.h"

enum { ROUNDS = 24 };

static uint64_t lanes[25];
static uint64_t constants[ROUNDS];

/* The round constants come from a shift register (section 3.2.5). */
static void make_constants(void) {
    uint8_t lfsr = 1;
    for (int round = 0; round < ROUNDS; round++) {
        constants[round] = 0;
        for (int j = 0; j < 7; j++) {
            if (lfsr & 1) {
                constants[round] |= UINT64_C(1) << ((1 << j) - 1);
            }
            lfsr = (uint8_t)(lfsr << 1 ^ (lfsr >> 7) * 0x71);
        }
    }
}

static inline uint64_t rotate(uint64_t value, int by) { return by == 0 ? value : value << by | value >> (64 - by); }

static void permute(void) {
    uint64_t parity[5], moved[25];
    for (int round = 0; round < ROUNDS; round++) {
        for (int x = 0; x < 5; x++) {
            parity[x] = lanes[x] ^ lanes[x + 5] ^ lanes[x + 10] ^ lanes[x + 15] ^ lanes[x + 20];
        }
        for (int x = 0; x < 5; x++) {
            uint64_t mixed = parity[(x + 4) % 5] ^ rotate(parity[(x + 1) % 5], 1);
            for (int y = 0; y < 25; y += 5) {
                lanes[x + y] ^= mixed;
            }
        }
        int x = 1, y = 0;
        moved[0] = lanes[0];
        for (int t = 0; t < 24; t++) {
            int to = (2 * x + 3 * y) % 5;
            moved[y + 5 * to] = rotate(lanes[x + 5 * y], (t + 1) * (t + 2) / 2 % 64);
            x = y;
            y = to;
        }
        for (int row = 0; row < 25; row += 5) {
            for (int i = 0; i < 5; i++) {
                lanes[row + i] = moved[row + i] ^ (~moved[row + (i + 1) % 5] & moved[row + (i + 2) % 5]);
            }
        }
        lanes[0] ^= constants[round];
    }
}

EXPORT int32_t run(int32_t n) {
    make_constants();
    for (int i = 0; i < 25; i++) {
        lanes[i] = 0;
    }
    for (int32_t i = 0; i < n; i++) {
        permute();
    }
    return (int32_t)(lanes[0] ^ lanes[0] >> 32);
}
