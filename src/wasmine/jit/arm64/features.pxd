# What the processor can do, beside what every ARM64 one can.

from libc.stdint cimport uint32_t

cdef enum:
    CPU_LSE = 1             # atomic read-modify-write instructions
    ALL_FEATURES = 0x1

# CPU_* that code made from now on may use.
cdef uint32_t find_features() except? 0xFFFFFFFF

cdef extern from * nogil:
    """
    #include <stdint.h>
    #if defined(__aarch64__) && defined(__linux__)
    #include <sys/auxv.h>
    static uint32_t wasmine_arm64_features(void) { return (getauxval(AT_HWCAP) >> 8 & 1) ? 1 : 0; } /* HWCAP_ATOMICS */
    #elif defined(__aarch64__) && defined(__APPLE__)
    static uint32_t wasmine_arm64_features(void) { return 1; } /* all of Apple's have them */
    #else
    static uint32_t wasmine_arm64_features(void) { return 0; }
    #endif
    """
    # CPU_* that the processor has; of another machine, none.
    uint32_t present "wasmine_arm64_features"()
