# GC objects as Python holds them.

from libc.stdint cimport int64_t, uint32_t, uint64_t

from wasmine.runtime.store cimport StoreCore

cdef class ObjectRef:
    # Base of the Python face's classes for structures, arrays and exceptions. It keeps the object alive.
    cdef readonly StoreCore store
    cdef uint64_t ref           # the object's address
    cdef int64_t place          # in Heap.held; -1 while it refers to nothing

    # Makes it refer to an object; at most once.
    cdef int hold(self, StoreCore store, uint64_t ref) except -1

# The class to make for objects of kind OBJ_*; it must derive from ObjectRef and have no required __cinit__ arguments.
cdef int register_object_class(uint32_t kind, type cls) except -1
# `load` is called when the first object is to be wrapped: it registers the classes.
cdef int set_class_loader(object load) except -1
cdef ObjectRef object_ref(StoreCore store, uint64_t ref)
