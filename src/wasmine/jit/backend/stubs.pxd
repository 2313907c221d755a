# The stubs that switch stacks: what becomes of their code.

from libc.stdint cimport uint32_t

from wasmine.jit.backend.codebuffer cimport CodeBuffer
from wasmine.runtime.stack cimport Stubs

# Publishes the code of the three, which come in the order of Stubs, given where the last two start; frees the buffer. Raises MemoryError
# or OSError.
cdef int publish_stubs(CodeBuffer* code, uint32_t plain, uint32_t thread, Stubs* stubs) except -1
