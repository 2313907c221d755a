# Constant expressions (core specification, section 3.4.13), already validated.

from libc.stdint cimport uint64_t

from wasmine.binary.module cimport Span
from wasmine.runtime.vm cimport Instance

# Evaluates the expression at `where`; writes its value to slots[0:2]. Raises Trap when it makes an object that is too large.
cdef int evaluate(Instance* inst, Span where, uint64_t* slots) except -1
