from libc.stdint cimport uint32_t, uint64_t

from wasmine.ir.func cimport IrFunc
from wasmine.runtime.vm cimport Instance, VMContext

# A run_t (runtime/vm.pxd): runs `func` with its arguments at `fp`, where its results will be. Returns TRAP_*.
cdef uint32_t run(VMContext* ctx, Instance* inst, IrFunc* func, uint64_t* fp) noexcept nogil
