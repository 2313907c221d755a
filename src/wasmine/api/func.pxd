# Functions, called from Python.

from libc.stdint cimport uint32_t, uint64_t

from wasmine.runtime.extern cimport Extern
from wasmine.spec.types cimport TypeDef

cdef class Func(Extern):
    cdef TypeDef* type_def          # NULL until the object refers to a function
    cdef Py_ssize_t n_params
    cdef uint32_t n_slots           # room for the arguments or the results, whichever is more
    cdef uint32_t single            # type code of the result when there is exactly one, else T_NONE
    cdef bint inline_slots          # few slots, and none that a collector looks for

    cdef object call_in_span(self, tuple args)
    cdef int fill(self, tuple args, uint64_t* slots) except -1
    cdef object results(self, const uint64_t* slots)
    cdef object wrong_count(self, Py_ssize_t count)
    cdef object wrong_argument(self, Py_ssize_t index, object error)
    cdef object param_name(self, Py_ssize_t index)
    cdef int check_made(self) except -1
