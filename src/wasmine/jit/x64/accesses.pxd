# The plain loads and stores of x86-64.

from wasmine.jit.backend.accesses cimport Accesses

cdef Accesses ACCESSES
