/* Recursion with bit masks: the ways to place n queens (at most 16) on an n by n board. */
#include "../benchmark.h"

static int32_t place(uint32_t full, uint32_t columns, uint32_t left, uint32_t right) {
    if (columns == full) {
        return 1;
    }
    int32_t ways = 0;
    for (uint32_t open = full & ~(columns | left | right); open != 0; open &= open - 1) {
        uint32_t queen = open & -open;
        ways += place(full, columns | queen, (left | queen) << 1, (right | queen) >> 1);
    }
    return ways;
}

EXPORT int32_t run(int32_t n) { return n < 1 || n > 16 ? 0 : place((1u << n) - 1, 0, 0, 0); }
