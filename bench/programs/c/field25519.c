/* 64-bit multiplication: the arithmetic below Ed25519. n times a number modulo 2^255 - 19 is squared and multiplied
 * by its start, in ten limbs of 26 and 25 bits.
 */
#include "../benchmark.h"

enum { LIMBS = 10 };

typedef struct {
    int64_t limb[LIMBS];
} element;

static void multiply(element *result, const element *a, const element *b) {
    int64_t sum[LIMBS] = {0};
    for (int i = 0; i < LIMBS; i++) {
        for (int j = 0; j < LIMBS; j++) {
            /* Two odd limbs stand half a bit higher each; what passes 2^255 comes back 19-fold. */
            int64_t product = a->limb[i] * b->limb[j] * (1 + (i & j & 1));
            sum[(i + j) % LIMBS] += i + j >= LIMBS ? 19 * product : product;
        }
    }
    for (int pass = 0; pass < 2; pass++) {
        for (int i = 0; i < LIMBS; i++) {
            int bits = i % 2 == 0 ? 26 : 25;
            int64_t carry = sum[i] >> bits;
            sum[i] -= carry * (INT64_C(1) << bits);
            sum[(i + 1) % LIMBS] += i + 1 == LIMBS ? 19 * carry : carry;
        }
    }
    for (int i = 0; i < LIMBS; i++) {
        result->limb[i] = sum[i];
    }
}

EXPORT int32_t run(int32_t n) {
    uint32_t state = 25519;
    element base, power;
    for (int i = 0; i < LIMBS; i++) {
        base.limb[i] = next_random(&state) >> 7;
        power.limb[i] = base.limb[i];
    }
    for (int32_t i = 0; i < n; i++) {
        multiply(&power, &power, &power);
        multiply(&power, &power, &base);
    }
    uint32_t mixed = 0;
    for (int i = 0; i < LIMBS; i++) {
        mixed = mixed * 31 + (uint32_t)power.limb[i];
    }
    return (int32_t)mixed;
}
