# The collector of the GC heap.

from wasmine.runtime.vm cimport VMContext

# Frees every object that no root leads to (runtime/heap.pxd says what the roots are), and notes which Python objects
# are no longer referred to. The frames of all activations have been saved in their contexts. Needs no GIL.
cdef void collect(VMContext* ctx) noexcept nogil
