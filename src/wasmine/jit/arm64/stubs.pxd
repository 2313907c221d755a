# The stubs that runtime/stack.pxd describes, for ARM64.

from wasmine.runtime.stack cimport Stubs

# Makes them. Raises MemoryError or, where the system forbids executable memory, OSError.
cdef int make_stubs(Stubs* stubs) except -1
