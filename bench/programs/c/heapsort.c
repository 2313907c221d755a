/* Doubles moved about in memory: n of them sorted by a heap. At most 1,000,000. */
#include "../benchmark.h"

enum { LIMIT = 1000000 };

static double numbers[LIMIT];

static void sift(int32_t root, int32_t end) {
    double sinking = numbers[root];
    for (;;) {
        int32_t child = 2 * root + 1;
        if (child >= end) {
            break;
        }
        if (child + 1 < end && numbers[child] < numbers[child + 1]) {
            child++;
        }
        if (numbers[child] <= sinking) {
            break;
        }
        numbers[root] = numbers[child];
        root = child;
    }
    numbers[root] = sinking;
}

EXPORT double run(int32_t n) {
    uint32_t state = 42;
    if (n > LIMIT) {
        n = LIMIT;
    }
    for (int32_t i = 0; i < n; i++) {
        numbers[i] = next_random(&state) * 0x1p-32;
    }
    for (int32_t root = n / 2 - 1; root >= 0; root--) {
        sift(root, n);
    }
    for (int32_t end = n - 1; end > 0; end--) {
        double largest = numbers[0];
        numbers[0] = numbers[end];
        numbers[end] = largest;
        sift(0, end);
    }
    double sum = 0;
    for (int32_t i = 0; i < n; i++) {
        if (i > 0 && numbers[i - 1] > numbers[i]) {
            return -1;
        }
        sum += numbers[i] * (i % 7);
    }
    return sum;
}
