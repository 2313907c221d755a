# The way from Python into Wasm and back.

from libc.stdint cimport uint32_t, uint64_t

from wasmine.runtime.store cimport StoreCore
from wasmine.runtime.vm cimport FuncInst, VMContext

# Calls `func` with its arguments in `slots`; the results replace them (room for the larger of both). Takes care of
# the GIL, the stack, the deadline and the nesting. Raises Trap, what a host function raised, StoreClosed, StoreBusy.
cdef int invoke(StoreCore store, FuncInst* func, uint64_t* slots) except -1

# For the tiers: calls a host function from Wasm, on the thread's stack. Returns TRAP_*.
cdef uint32_t call_host(VMContext* ctx, FuncInst* func, uint64_t* slots) noexcept nogil
