/* Bytes through tables: a buffer is written in base64 and read back, n times. */
#include "../benchmark.h"

enum { SIZE = 48 * 1024, ENCODED = SIZE / 3 * 4 };

static const char ALPHABET[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
static uint8_t plain[SIZE], encoded[ENCODED], decoded[SIZE], value_of[256];

static void encode(void) {
    uint8_t *out = encoded;
    for (int i = 0; i < SIZE; i += 3) {
        uint32_t group = (uint32_t)plain[i] << 16 | (uint32_t)plain[i + 1] << 8 | plain[i + 2];
        *out++ = (uint8_t)ALPHABET[group >> 18];
        *out++ = (uint8_t)ALPHABET[group >> 12 & 63];
        *out++ = (uint8_t)ALPHABET[group >> 6 & 63];
        *out++ = (uint8_t)ALPHABET[group & 63];
    }
}

static void decode(void) {
    uint8_t *out = decoded;
    for (int i = 0; i < ENCODED; i += 4) {
        uint32_t group = (uint32_t)value_of[encoded[i]] << 18 | (uint32_t)value_of[encoded[i + 1]] << 12 |
                         (uint32_t)value_of[encoded[i + 2]] << 6 | value_of[encoded[i + 3]];
        *out++ = (uint8_t)(group >> 16);
        *out++ = (uint8_t)(group >> 8);
        *out++ = (uint8_t)group;
    }
}

EXPORT int32_t run(int32_t n) {
    uint32_t state = 7, sum = 0;
    for (int i = 0; i < 64; i++) {
        value_of[(uint8_t)ALPHABET[i]] = (uint8_t)i;
    }
    for (int i = 0; i < SIZE; i++) {
        plain[i] = (uint8_t)next_random(&state);
    }
    for (int32_t round = 0; round < n; round++) {
        plain[round % SIZE] ^= (uint8_t)round;
        encode();
        decode();
        for (int i = 0; i < SIZE; i++) {
            sum = sum * 31 + (uint32_t)(decoded[i] ^ encoded[i]);
            if (decoded[i] != plain[i]) {
                return -1;
            }
        }
    }
    return (int32_t)sum;
}
