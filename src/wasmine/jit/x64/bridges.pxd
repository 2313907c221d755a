# The code of bridges (backend/bridges.pxd), and the way to them.

from libc.stdint cimport uint32_t

from wasmine.jit.backend.codebuffer cimport CodeBuffer

# Makes it, once; raises MemoryError or OSError. `cross` is a routine to jump to, that puts the arguments of a tail call in place: it goes
# on at r11 with the stack pointer at the callee's return address. rbp: address of the function's own return address; r12: bytes of
# arguments, at rsp; r13: `words` of place_arguments; r10: the callee, if it is a FuncInst. It keeps all registers but rbp and rsp.
cdef int make_bridges() except -1
# Emits what follows a run_t (backend/target.pxd: Common.unusual); returns its start. r12: ctx; r13: the slots that the run_t was given.
cdef uint32_t emit_unusual(CodeBuffer* code, uint32_t trap_exit) noexcept nogil
