# Calls of functions.

from libc.stdint cimport uint32_t

from wasmine.jit.backend.machine cimport MachInst
from wasmine.jit.backend.emit cimport Emit

cdef void call_native(Emit* e, const MachInst* inst) noexcept nogil
cdef void call_funcref(Emit* e, const MachInst* inst) noexcept nogil
cdef void call_helper(Emit* e, const MachInst* inst) noexcept nogil
