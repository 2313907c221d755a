# Objects that WebAssembly code makes.

from libc.stdint cimport uint64_t

from wasmine.runtime.vm cimport Tag, VMContext

# A new exception (struct Exn) with a copy of the values at `slots`; 0 when memory is exhausted.
cdef uint64_t heap_new_exn(VMContext* ctx, Tag* tag, const uint64_t* slots) noexcept nogil
