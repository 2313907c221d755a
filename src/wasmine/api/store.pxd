# A store as users hold it.

from wasmine.runtime.instance cimport InstanceCore
from wasmine.runtime.store cimport StoreCore

cdef class Store(StoreCore):
    cdef readonly object engine
    cdef dict host_funcs            # (definition, its type) -> Func: what linkers made here
    cdef dict modules               # ModuleCodeCore -> Module
    cdef dict instances             # InstanceCore -> Instance
    cdef dict object_types          # id -> StructType or ArrayType, of objects that were asked for it
    cdef set object_groups          # RecGroup objects kept for objects that Python made
    cdef dict attachments           # key -> what `attached` made for it

    cdef object instance_of(self, InstanceCore core)
