# CPython's functions that Cython's own declarations leave out, or declare for another use.

from cpython.buffer cimport Py_buffer
from cpython.object cimport PyObject

cdef extern from "Python.h":
    long long PyLong_AsLongLongAndOverflow(object value, int* overflow) except? -1
    unsigned long long PyLong_AsUnsignedLongLongMask(object value) except? 0xFFFFFFFFFFFFFFFF
    object PyNumber_Index(object value)
    # `overflow` is the exception to raise for an integer that does not fit; NULL: the nearest that does.
    Py_ssize_t PyNumber_AsSsize_t(object value, PyObject* overflow) except? -1
    int PyObject_GetBuffer(object value, Py_buffer* view, int flags) except -1
    void PyBuffer_Release(Py_buffer* view)
    object PyObject_GenericGetDict(object value, void* context)
