/* Counted loops within one another: six levels of n, with an addition in the innermost that no compiler knows a
 * formula for.
 */
#include "../benchmark.h"

EXPORT int32_t run(int32_t n) {
    uint32_t sum = 1;
    for (int32_t a = 0; a < n; a++) {
        for (int32_t b = 0; b < n; b++) {
            for (int32_t c = 0; c < n; c++) {
                for (int32_t d = 0; d < n; d++) {
                    for (int32_t e = 0; e < n; e++) {
                        for (int32_t f = 0; f < n; f++) {
                            sum = (sum << 1 ^ sum >> 3) + (uint32_t)(a ^ b ^ c ^ d ^ e ^ f);
                        }
                    }
                }
            }
        }
    }
    return (int32_t)sum;
}
