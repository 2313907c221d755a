# From machine instructions with registers to bytes, for ARM64.

from wasmine.jit.backend.codebuffer cimport CodeBuffer
from wasmine.jit.backend.machine cimport MachFunc
from wasmine.jit.backend.target cimport Links
from wasmine.jit.codemap cimport Notes

# Target.emit.
cdef bint emit_arm64(CodeBuffer* code, MachFunc* m, const Links* links, Notes* notes) noexcept nogil
