# Instances and what they export.

from wasmine.api.store cimport Store
from wasmine.runtime.instance cimport InstanceCore

cdef class Exports:
    cdef InstanceCore core
    cdef dict __dict__              # what was looked up, where attribute access finds it next time

    cdef dict index(self)
    cdef object find(self, str name)

cdef class Instance:
    cdef InstanceCore core
    cdef readonly Store store
    cdef readonly object module
    cdef readonly Exports exports
    cdef bint owns_store
    cdef object __weakref__
