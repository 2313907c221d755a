# Exceptions of WebAssembly (core specification, section 4.6.13).

from libc.stdint cimport uint32_t, uint64_t

from wasmine.runtime.store cimport StoreCore
from wasmine.runtime.vm cimport Tag, VMContext

# Makes an exception of `tag` with its values at `slots` and puts it in ctx.exception. Returns TRAP_UNCAUGHT_EXCEPTION, or the
# trap that no memory for it was left.
cdef uint32_t throw_new(VMContext* ctx, Tag* tag, uint64_t* slots) noexcept nogil

# Looks for the handler of ctx.exception in the frames of the current activation, from the innermost one (in ctx) outwards. True: the
# values are where the handler expects them and ctx names the frame and position to go on at. False: ctx is as it was.
cdef bint find_handler(VMContext* ctx) noexcept nogil

# ctx.exception as the WasmException that Python sees.
cdef object exception_of(StoreCore store)
# The other way round: what a host function raised becomes ctx.exception. Returns what throw_new does, or TRAP_NONE when the tag is
# not one of the store, so that the exception stays Python's.
cdef uint32_t throw_python(StoreCore store, object error) except? 0xFFFF
