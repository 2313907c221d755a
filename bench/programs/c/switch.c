/* A switch of many arms in a loop, as a scanner has it: n steps of a state machine over pseudo-random letters. */
#include "../benchmark.h"

EXPORT int32_t run(int32_t n) {
    uint32_t state = 99, value = 1, depth = 0;
    for (int32_t i = 0; i < n; i++) {
        uint32_t letter = next_random(&state) >> 13 & 31;
        switch (letter) {
        case 0: value += 3; break;
        case 1: value ^= value << 5; break;
        case 2: value -= depth; break;
        case 3: depth++; break;
        case 4: depth = depth > 0 ? depth - 1 : 0; break;
        case 5: value = value << 7 | value >> 25; break;
        case 6: value *= 5; break;
        case 7: value = ~value; break;
        case 8: value += depth * 17; break;
        case 9: value ^= 0x5bd1e995u; break;
        case 10: value |= 1; break;
        case 11: value >>= 1; break;
        case 12: depth ^= 1; break;
        case 13: value += letter << depth % 8; break;
        case 14: value ^= value >> 3; break;
        case 15: value = value % 1000003; break;
        case 20: value += value >> 16; break;
        case 21: value -= 77; break;
        case 22: depth = value & 7; break;
        case 23: value *= 9; break;
        case 31: value = value << 3 | depth; break;
        default: value += letter;
        }
    }
    return (int32_t)value;
}
