# What the processor can do.

from libc.stdint cimport uint32_t

cdef enum:
    ALL_FEATURES = 0x7FF    # CPU_* (lower.pxd)

# CPU_* that code made from now on may use.
cdef uint32_t find_features() except? 0xFFFFFFFF
