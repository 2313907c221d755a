/* What each benchmark exports: run(n), whose work grows with n and whose result depends on all of it.
 *
 * The files stand alone: no C library, no imports, one function exported. Compiled for this machine they
 * become a shared library with the same function, which says what the result should be.
 */
#ifndef WASMINE_BENCHMARK_H
#define WASMINE_BENCHMARK_H

#include <stdint.h>

#ifdef __wasm__
#define EXPORT __attribute__((export_name("run")))
#else
#define EXPORT __attribute__((visibility("default")))
#endif

/* A pseudo-random sequence (xorshift32); its state must not be zero. */
static inline uint32_t next_random(uint32_t *state) {
    *state ^= *state << 13;
    *state ^= *state >> 17;
    *state ^= *state << 5;
    return *state;
}

#endif
