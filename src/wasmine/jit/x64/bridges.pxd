# Bridges: frames that stand for a caller whose tail call needs what the frame above cannot give.
#
# A tail call leaves its arguments on the stack where those of its own function were, and its return address in place. It cannot when
# the callee takes more of them, or is of another instance: then the frame above must find its own instance when the callee returns. Such
# a call puts a bridge below the frame above and returns to that:
#
#     high    arguments and results as the frame above knows them
#             return address
#             unused
#             bytes of the results that are on the stack
#             Instance* of the frame above
#             room for arguments and results: BRIDGE_SIZES of the bridge's class
#             return address: into the code of that class, from which it is known
#     low     frame of the callee
#
# A tail call that finds itself under a bridge with enough room uses that again, so chains of tail calls take constant space, through any
# number of instances. The code of bridges is the same for all modules, and is never freed.

from libc.stdint cimport uint32_t, uint64_t

from wasmine.jit.backend.codebuffer cimport CodeBuffer

cdef enum:
    BRIDGES = 6
    BRIDGE_CODE = 16        # bytes of code of a class, at its number times that
    BRIDGE_FRAME = 24       # bytes between the room and the return address above

# Makes the code, once; raises MemoryError or OSError.
cdef int make_bridges() except -1
# Where it starts.
cdef uint64_t bridge_code() noexcept nogil
# The smallest class with room for so many bytes.
cdef uint32_t bridge_class(uint32_t bytes) noexcept nogil
cdef uint32_t bridge_room(uint32_t number) noexcept nogil
# A routine to jump to, that puts the arguments of a tail call in place: it goes on at r11 with the stack pointer at the callee's return
# address. rbp: address of the function's own return address; r12: bytes of arguments, at rsp; r13: class | flags << 8 | bytes of results on
# the stack << 16. It keeps all registers but rbp and rsp.
cdef uint64_t cross_code() noexcept nogil
# Emits what follows a run_t (Common.unusual); returns its start. r12: ctx; r13: the slots that the run_t was given.
cdef uint32_t emit_unusual(CodeBuffer* code, uint32_t trap_exit) noexcept nogil
