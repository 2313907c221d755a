# Spill slots.

from wasmine.jit.backend.regalloc cimport Alloc

# Gives a slot to each value that is ever spilled. Sets `failed` when memory is exhausted.
cdef void assign_slots(Alloc* a) noexcept nogil
