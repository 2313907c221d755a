# Constant expressions (core specification, section 3.4.13), already validated.

from libc.stdint cimport uint64_t

from wasmine.binary.module cimport Span
from wasmine.runtime.vm cimport Instance

cdef enum:
    # how an evaluation ends
    DONE = 0
    STACK_FULL = 1
    NO_MEMORY = 2
    NOT_KNOWN = 3           # a GC instruction

# Evaluates the expression at `where`; writes its value to slots[0:2]. Raises NotImplementedError for GC instructions.
cdef int evaluate(Instance* inst, Span where, uint64_t* slots) except -1
