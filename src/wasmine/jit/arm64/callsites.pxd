# Calls of functions.

from wasmine.jit.backend.emit cimport Emit
from wasmine.jit.backend.machine cimport MachInst

cdef void call_native(Emit* e, const MachInst* inst) noexcept nogil
cdef void call_import(Emit* e, const MachInst* inst) noexcept nogil
cdef void call_funcref(Emit* e, const MachInst* inst) noexcept nogil
cdef void call_helper(Emit* e, const MachInst* inst) noexcept nogil
