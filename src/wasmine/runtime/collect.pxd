# The collector of the GC heap.

from libc.stdint cimport uint64_t

from wasmine.runtime.heap cimport Heap
from wasmine.runtime.vm cimport VMContext

# Frees every object that no root leads to (runtime/heap.pxd says what the roots are), and notes which Python objects
# are no longer referred to. The frames of all activations have been saved in their contexts. Needs no GIL.
cdef void collect(VMContext* ctx) noexcept nogil

# Gives the memory of empty blocks back to the system, except for so many bytes.
cdef void release_blocks(Heap* heap, uint64_t keep) noexcept nogil
