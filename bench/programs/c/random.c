/* Integer division and doubles: n numbers of a linear congruential generator, scaled. */
#include "../benchmark.h"

enum { MODULUS = 139968, FACTOR = 3877, INCREMENT = 29573 };

EXPORT double run(int32_t n) {
    uint32_t seed = 42;
    double sum = 0;
    for (int32_t i = 0; i < n; i++) {
        seed = (seed * FACTOR + INCREMENT) % MODULUS;
        sum += 100.0 * seed / MODULUS;
    }
    return sum / n;
}
