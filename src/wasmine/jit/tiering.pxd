# Native code of modules: which functions are compiled and when, what became of each, and what owns the code.

cimport cython

from wasmine.jit.adapters cimport NativeModule

cdef enum:
    # Unit.status besides those of compile.pxd
    NOT_TRIED = 0xFF
    PENDING = 0xFE          # waits for the compiler, or is being compiled

    # Record.reason
    AT_FIRST_CALL = 0
    AFTER_CALLS = 1
    AFTER_TRIPS = 2
    N_REASONS = 3

@cython.final
cdef class NativeCode:
    cdef NativeModule module
    cdef object checked             # what without_guards made, or None
