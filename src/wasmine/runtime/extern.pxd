# External values: what instances import and export (core specification, section 4.2.12).

from libc.stdint cimport uint32_t

from wasmine.runtime.memory cimport MemoryCore
from wasmine.runtime.store cimport StoreCore
from wasmine.runtime.table cimport TableCore
from wasmine.runtime.vm cimport FuncInst, Global, Tag

cdef class Extern:
    # Base of the Python face's Func, Table, Memory, Global and Tag. Exactly the field of `kind` is set.
    cdef readonly StoreCore store
    cdef uint32_t kind              # EXT_*
    cdef FuncInst* func
    cdef Global* glob
    cdef Tag* tag
    cdef TableCore table
    cdef MemoryCore memory

    # Called when the fields are set; a subclass caches there what it needs. 0, or -1 with an exception.
    cdef int ready(self) except -1
    # Address of the entity: equal externs have equal addresses (__eq__ and __hash__ use it).
    cdef void* address(self) noexcept

# The class to make for a kind; it must derive from Extern and have no required __cinit__ arguments.
cdef int register_class(uint32_t kind, type cls) except -1
cdef Extern extern_func(StoreCore store, FuncInst* func)
cdef Extern extern_global(StoreCore store, Global* glob)
cdef Extern extern_tag(StoreCore store, Tag* tag)
cdef Extern extern_table(StoreCore store, TableCore table)
cdef Extern extern_memory(StoreCore store, MemoryCore memory)
