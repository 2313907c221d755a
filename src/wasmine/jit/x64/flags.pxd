# The flags between instructions.

from libc.stdint cimport uint32_t

from wasmine.jit.backend.machine cimport MachInst
from wasmine.jit.backend.emit cimport Emit

# Whether a comparison with zero is not needed: the instruction before it set the flags alike.
cdef bint flags_are_set(Emit* e, const MachInst* inst) noexcept nogil
# Whether flags that are set before instruction n may be read behind it.
cdef bint flags_live(Emit* e, uint32_t n) noexcept nogil
