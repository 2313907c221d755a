/* A loop of doubles with an early exit: the iterations spent on an n by n picture of the Mandelbrot set. */
#include "../benchmark.h"

enum { ITERATIONS = 200 };

static int32_t escape_time(double cx, double cy) {
    double x = 0, y = 0;
    int32_t count = 0;
    while (count < ITERATIONS && x * x + y * y <= 4) {
        double next = x * x - y * y + cx;
        y = 2 * x * y + cy;
        x = next;
        count++;
    }
    return count;
}

EXPORT int32_t run(int32_t n) {
    int32_t total = 0;
    for (int32_t row = 0; row < n; row++) {
        for (int32_t column = 0; column < n; column++) {
            total += escape_time(3.0 * column / n - 2.25, 3.0 * row / n - 1.5);
        }
    }
    return total;
}
