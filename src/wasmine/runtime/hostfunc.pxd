# Functions that Python code implements.

cimport cython
from libc.stdint cimport uint32_t

from wasmine.runtime.store cimport StoreCore
from wasmine.runtime.vm cimport FuncInst
from wasmine.spec.types cimport TypeDef

@cython.final
cdef class HostFunc:
    # Held by its store; `func.host` points back to it.
    cdef FuncInst* func
    cdef readonly object callable
    cdef readonly str name          # for messages and backtraces

# `owner` keeps `type` alive (its RecGroup). The store holds the result.
cdef HostFunc new_host_func(StoreCore store, TypeDef* type, object owner, object callable, str name)
