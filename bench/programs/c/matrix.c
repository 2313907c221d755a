/* Nested loops over doubles: the product of two n by n matrices (n at most 512), its elements added up. */
#include "../benchmark.h"

enum { LIMIT = 512 };

static double left[LIMIT][LIMIT], right[LIMIT][LIMIT], product[LIMIT][LIMIT];

EXPORT double run(int32_t n) {
    double sum = 0;
    n = n > LIMIT ? LIMIT : n;
    for (int32_t i = 0; i < n; i++) {
        for (int32_t j = 0; j < n; j++) {
            left[i][j] = (double)(i - j) / (double)n;
            right[i][j] = (double)(i + j) / (double)n;
        }
    }
    for (int32_t i = 0; i < n; i++) {
        for (int32_t j = 0; j < n; j++) {
            double element = 0;
            for (int32_t k = 0; k < n; k++) {
                element += left[i][k] * right[k][j];
            }
            product[i][j] = element;
        }
    }
    for (int32_t i = 0; i < n; i++) {
        for (int32_t j = 0; j < n; j++) {
            sum += product[i][j] * (double)(1 + (i ^ j));
        }
    }
    return sum;
}
