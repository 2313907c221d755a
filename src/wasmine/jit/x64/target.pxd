# x86-64, as the compiler sees it.

from wasmine.jit.backend.target cimport Target

cdef const Target* x64_target() noexcept nogil
