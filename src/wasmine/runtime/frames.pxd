# The frames that a trap or exception passes on its way out of native code, kept for the backtrace.
#
# Interpreted frames stay where they are until the activation ends, and the context names the innermost one. Native frames are gone as
# soon as they are left, and so is the way from a native frame to the interpreted ones above it. So whoever leaves one or the other
# notes the frames in VMContext.passed. A backtrace is those, then what the context names.

from libc.stdint cimport uint32_t, uint64_t

from wasmine.ir.func cimport IrFunc
from wasmine.runtime.vm cimport VMContext

# Passes the interpreted frames from the one that the context names outwards, up to where native code called the interpreter.
cdef void pass_interpreted(VMContext* ctx) noexcept nogil
# Passes a frame of native code.
cdef void pass_native(VMContext* ctx, IrFunc* func, const void* map, uint64_t at) noexcept nogil
# The exception is caught, or the backtrace made.
cdef inline void forget_passed(VMContext* ctx) noexcept nogil:
    ctx.n_passed = 0
    ctx.n_omitted = 0
