# Where control goes when a trap or an exception ends native code.
#
# Native frames, from the innermost one at a call outwards. A frame begins right above the return address of the call that it makes; how
# large it is its code map says:
#
#     high    what `enter` left (Target.emit_enter)
#             return address into `enter`
#             frame of the outermost function
#             return address into that
#             ...
#             frame of the innermost function
#     low     return address into that      <- sp
#
# All frames up to `enter` are of one instance: calls of another one's functions enter native code anew. Only tail calls do not: there a
# bridge, which is no frame, says of which instance the frames above it are.

from libc.stdint cimport uint32_t, uint64_t

from wasmine.runtime.vm cimport Instance, VMContext

# From the common exit of native code, with the stack as above. Where to go on when a handler takes the exception: then
# ctx.landing_sp is the stack pointer for that. NULL: native code is left, and its frames have been passed (runtime/frames.pxd).
cdef const void* leave_native(VMContext* ctx, Instance* inst, uint64_t* sp, uint32_t trap) noexcept nogil
