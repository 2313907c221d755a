# ARM64, as the compiler sees it.

from wasmine.jit.backend.target cimport Target

cdef const Target* arm64_target() noexcept nogil
