# The plain loads and stores of ARM64.

from wasmine.jit.backend.accesses cimport Accesses

cdef Accesses ACCESSES
