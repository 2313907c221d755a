# The float environment of WebAssembly: round to nearest, keep subnormals and the payloads of NaNs, no exceptions.

from libc.stdint cimport uint32_t

cdef extern from *:
    """
    #ifdef __x86_64__
    #define WASMINE_FLOAT_MODE 0x1F80u /* MXCSR */
    #else
    #define WASMINE_FLOAT_MODE 0u /* FPCR */
    #endif
    """
    uint32_t WASM_FLOAT_MODE "WASMINE_FLOAT_MODE"
