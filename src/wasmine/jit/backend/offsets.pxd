# Where the structures of the runtime keep what native code reads.

from libc.stdint cimport int32_t

# Offset of a field, given its address in a structure at address 0: offset(cython.address(ctx.fuel)), with a ctx that is NULL.
cdef inline int32_t offset(void* field) noexcept nogil:
    return <int32_t><size_t>field
