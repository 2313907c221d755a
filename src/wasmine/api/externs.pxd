# Tables, globals and tags as Python sees them.

from libc.stdint cimport uint64_t

from wasmine.runtime.extern cimport Extern

cdef class Table(Extern):
    cdef int check_made(self) except -1
    cdef uint64_t* slot(self, object key)

cdef class Global(Extern):
    cdef int check_made(self) except -1

cdef class Tag(Extern):
    pass
