# The routine of slow calls (backend/slow.pxd).

from libc.stdint cimport uint32_t

from wasmine.jit.backend.codebuffer cimport CodeBuffer

# Emits it: r11 points to the four words; the result is in r11, all other registers are kept. Returns its start.
cdef uint32_t emit_slow(CodeBuffer* code) noexcept nogil
