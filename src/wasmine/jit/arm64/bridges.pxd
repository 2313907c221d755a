# The code of bridges (backend/bridges.pxd), and the way to them.

from libc.stdint cimport uint32_t

from wasmine.jit.backend.codebuffer cimport CodeBuffer

cdef enum:
    # Registers for `cross`
    CROSS_ABOVE = 9         # address of the function's own return address
    CROSS_BYTES = 10        # bytes of arguments, at sp
    CROSS_WORDS = 11        # `words` of place_arguments

# Makes it, once; raises MemoryError or OSError. `cross` is a routine to jump to, that puts the arguments of a tail call in place: it goes
# on at SCRATCH2, with the callee's return address in x30 and what the callee finds on the stack at sp. CALLEE: the callee, if it is a
# FuncInst. It keeps all registers but x30, sp and those given.
cdef int make_bridges() except -1
# Emits what follows a run_t (backend/target.pxd: Common.unusual), with the return address in x30 and the slots that the run_t was given in
# LOADED_SLOTS; returns its start.
cdef uint32_t emit_unusual(CodeBuffer* code, uint32_t trap_exit) noexcept nogil
