# Linear memories as Python sees them.

from libc.stdint cimport uint8_t

from wasmine.runtime.extern cimport Extern

cdef class Memory(Extern):
    cdef int check_open(self) except -1
    cdef uint8_t* span(self, object offset, Py_ssize_t size)
    cdef object from_end(self, object key)
