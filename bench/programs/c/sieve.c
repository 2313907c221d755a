/* Byte loads and stores in strides: how many primes are below n (at most 8,000,000). */
#include "../benchmark.h"

enum { LIMIT = 8000000 };

static uint8_t composite[LIMIT];

EXPORT int32_t run(int32_t n) {
    int32_t count = 0;
    n = n > LIMIT ? LIMIT : n;
    for (int32_t i = 0; i < n; i++) {
        composite[i] = 0;
    }
    for (int32_t i = 2; i < n; i++) {
        if (composite[i]) {
            continue;
        }
        count++;
        for (int64_t j = (int64_t)i * i; j < n; j += i) {
            composite[j] = 1;
        }
    }
    return count;
}
