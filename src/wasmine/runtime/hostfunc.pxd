# Functions that Python code implements.

cimport cython
from libc.stdint cimport uint32_t

from wasmine.runtime.store cimport StoreCore
from wasmine.runtime.vm cimport FuncInst
from wasmine.spec.types cimport TypeDef

@cython.final
cdef class HostFunc:
    # Held by its store until that goes; `func.host` points back to it. The callable is in the store's list, which
    # is emptied when the store is closed.
    cdef FuncInst* func
    cdef Py_ssize_t position
    cdef readonly str name          # for messages and backtraces

# `owner` keeps `type` alive (its RecGroup). The store holds the result.
cdef HostFunc new_host_func(StoreCore store, TypeDef* type, object owner, object callable, str name)
