from libc.stdint cimport uint32_t, uint64_t

from wasmine.ir.func cimport IrFunc
from wasmine.runtime.vm cimport Instance, VMContext

cdef enum:
    # What `run` returns, instead of TRAP_*, when the frame VMContext.tail_frame ends in a tail call of a function that has native code:
    # whoever set tail_frame goes on with tail_func of tail_inst, whose arguments are in that frame.
    HAND_BACK = 0x20000

# A run_t (runtime/vm.pxd): runs `func` with its arguments at `fp`, where its results will be. Returns TRAP_*.
cdef uint32_t run(VMContext* ctx, Instance* inst, IrFunc* func, uint64_t* fp) noexcept nogil
