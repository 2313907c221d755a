# Instances and their making (core specification, section 4.7.2).

cimport cython
from libc.stdint cimport uint32_t

from wasmine.runtime.code cimport ModuleCodeCore
from wasmine.runtime.extern cimport Extern
from wasmine.runtime.funcref cimport func_ref
from wasmine.runtime.store cimport StoreCore
from wasmine.runtime.vm cimport Instance

@cython.final
cdef class InstanceCore:
    cdef Instance* inst             # in the store's arena
    cdef readonly StoreCore store
    cdef readonly ModuleCodeCore code
    cdef list tables                # TableCore by index
    cdef list memories              # MemoryCore by index

    # The export of that name as a new Extern of the registered class; None when there is none.
    cdef Extern export(self, str name)
    cdef Extern extern_of(self, uint32_t kind, uint32_t index)
    # def export_names(self) -> list[str], in the module's order

# Instantiates `code`, whose imports are `externs` in the module's order, and runs its start function.
# Raises LinkError, Trap, ResourceError, or what a host function raises from the start function.
cdef InstanceCore instantiate(StoreCore store, ModuleCodeCore code, list externs)
