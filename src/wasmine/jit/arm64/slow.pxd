# The routine of slow calls (backend/slow.pxd).

from libc.stdint cimport uint32_t

from wasmine.jit.backend.codebuffer cimport CodeBuffer

# Emits it: SCRATCH points to the four words; the result is in SCRATCH, all other registers but SCRATCH2 are kept. Returns its start.
cdef uint32_t emit_slow(CodeBuffer* code) noexcept nogil
