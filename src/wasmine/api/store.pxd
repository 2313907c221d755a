# A store as users hold it.

from wasmine.runtime.instance cimport InstanceCore
from wasmine.runtime.store cimport StoreCore

cdef class Store(StoreCore):
    cdef readonly object engine
    cdef dict host_funcs            # (definition, its type) -> Func: what linkers made here
    cdef dict modules               # ModuleCodeCore -> Module
    cdef dict instances             # InstanceCore -> Instance
    cdef dict attachments           # key -> what `attached` made for it

    cdef object instance_of(self, InstanceCore core)
