# What the processor can do.

from libc.stdint cimport uint32_t

# CPU_* (lower.pxd) that code made from now on may use.
cdef uint32_t find_features() except? 0xFFFFFFFF
