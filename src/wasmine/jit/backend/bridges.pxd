# Bridges: frames that stand for a caller whose tail call needs what the frame above cannot give.
#
# A tail call leaves its arguments on the stack where those of its own function were, and its return address in place. It cannot when
# the callee takes more of them, or is of another instance: then the frame above must find its own instance when the callee returns. Such
# a call puts a bridge below the frame above and returns to that:
#
#     high    arguments and results as the frame above knows them
#             return address
#             unused, where a return address takes 8 bytes
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
from wasmine.runtime.vm cimport FuncInst, Instance, VMContext

cdef enum:
    BRIDGES = 6
    BRIDGE_CODE = 16        # bytes of code of a class, at its number times that
    # Bytes from the room to what is above the return address: an Instance*, the bytes of results, up to 16 bytes for the return address.
    BRIDGE_RECORD = 32
    # What `cross` leaves free below itself, where a new bridge may come to stand.
    BRIDGE_ROOM = 16640

# Publishes the code: of the classes from its start on, and at `cross` the routine that tail calls go through. Once; raises OSError.
cdef int publish_bridges(CodeBuffer* code, uint32_t cross, uint32_t return_bytes) except -1
# Where it starts; 0 before that.
cdef uint64_t bridge_code() noexcept nogil
cdef uint64_t cross_code() noexcept nogil
# The smallest class with room for so many bytes.
cdef uint32_t bridge_class(uint32_t bytes) noexcept nogil
cdef uint32_t bridge_room(uint32_t number) noexcept nogil
# Whether a return address is that of a bridge of at least a class.
cdef bint is_bridge(uint64_t back, uint64_t number) noexcept nogil

# Puts the arguments of a tail call in place: `bytes` of them, given at `arguments`. `above` is the address of the function's own return
# address; words: class | TAIL_* << 8 | bytes of results on the stack << 16; callee: for TAIL_REFERENCE. Returns where the return address
# of the callee is.
cdef uint64_t place_arguments(uint64_t above, const void* arguments, uint64_t bytes, uint64_t words, Instance* inst,
                              FuncInst* callee) noexcept nogil
# A tail call that the interpreter hands back to native code: room for the arguments of ctx.tail_func, below the return address at `above`.
# Returns the same.
cdef uint64_t take_over(VMContext* ctx, uint64_t* above, Instance* inst) noexcept nogil
