# What native code of any machine asks C for: the routines that its adapters and shared stubs call. The calling convention is C's.

from libc.stdint cimport uint32_t, uint64_t

from wasmine.ir.func cimport IrFunc
from wasmine.runtime.vm cimport FuncInst, Instance, VMContext

# Somebody wants attention. Returns TRAP_*.
cdef uint32_t ask_poll(VMContext* ctx) noexcept nogil
# The stack pointer is below the limit, or the limit was raised to make us look. Returns TRAP_*.
cdef uint32_t ask_limit(VMContext* ctx) noexcept nogil
# Runs a function of whatever kind, with arguments and results in slots above all frames; for a caller of `inst`. What a run_t returns.
cdef uint32_t call_func(VMContext* ctx, Instance* inst, FuncInst* func, uint64_t* slots) noexcept nogil
# ... one of `inst` itself, by the interpreter.
cdef uint32_t call_interp(VMContext* ctx, Instance* inst, IrFunc* func, uint64_t* slots) noexcept nogil
