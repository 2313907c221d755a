# Signals, deadlines and Store.interrupt: what ends a computation that does not end by itself.

from libc.stdint cimport uint32_t

from wasmine.runtime.vm cimport Activation, VMContext

# For the tiers, when ctx.interrupt is not 0 or a frame passes ctx.stack_limit: 0 to go on (stack_limit is restored:
# compare again), else TRAP_*.
cdef uint32_t poll(VMContext* ctx) noexcept nogil

# Around an activation that releases the GIL. Both with the GIL held.
cdef void watch(Activation* activation) noexcept
cdef void unwatch(Activation* activation) noexcept
