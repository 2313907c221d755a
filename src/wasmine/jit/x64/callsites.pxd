# Calls of functions, and what is noted of their return addresses.

from libc.stdint cimport uint32_t, uint64_t

from wasmine.jit.backend.machine cimport MachInst
from wasmine.jit.x64.emit cimport Emit

cdef void call_native(Emit* e, const MachInst* inst) noexcept nogil
cdef void call_funcref(Emit* e, const MachInst* inst) noexcept nogil
cdef void call_helper(Emit* e, const MachInst* inst) noexcept nogil
# The address of the adapter that calls a FuncInst of a type.
cdef uint64_t adapter(Emit* e, uint32_t type_id) noexcept nogil
# Behind a call: its return address gets a note, and the handlers of the exceptions that leave the callee.
cdef void note_call(Emit* e) noexcept nogil
# The handlers alone, of a list in MachFunc.pool, or 0.
cdef void add_landings(Emit* e, uint32_t handlers) noexcept nogil
