/* Searching text: n patterns looked for in 256 KiB of letters by Horspool's method, then by comparing at each place. */
#include "../benchmark.h"

enum { TEXT = 256 * 1024, LENGTH = 8 };

static uint8_t text[TEXT];

static int32_t horspool(const uint8_t *pattern) {
    uint32_t skip[256];
    int32_t found = 0;
    for (int i = 0; i < 256; i++) {
        skip[i] = LENGTH;
    }
    for (int i = 0; i < LENGTH - 1; i++) {
        skip[pattern[i]] = (uint32_t)(LENGTH - 1 - i);
    }
    for (uint32_t at = 0; at + LENGTH <= TEXT; at += skip[text[at + LENGTH - 1]]) {
        int i = LENGTH - 1;
        while (i >= 0 && text[at + (uint32_t)i] == pattern[i]) {
            i--;
        }
        found += i < 0;
    }
    return found;
}

static int32_t naive(const uint8_t *pattern) {
    int32_t found = 0;
    for (uint32_t at = 0; at + LENGTH <= TEXT; at++) {
        int i = 0;
        while (i < LENGTH && text[at + (uint32_t)i] == pattern[i]) {
            i++;
        }
        found += i == LENGTH;
    }
    return found;
}

EXPORT int32_t run(int32_t n) {
    uint32_t state = 11, total = 0;
    for (int i = 0; i < TEXT; i++) {
        text[i] = (uint8_t)('a' + (next_random(&state) >> 9 & 3));
    }
    for (int32_t i = 0; i < n; i++) {
        const uint8_t *pattern = text + next_random(&state) % (TEXT - LENGTH);
        int32_t found = horspool(pattern);
        if (found != naive(pattern)) {
            return -1;
        }
        total = total * 31 + (uint32_t)found;
    }
    return (int32_t)total;
}
