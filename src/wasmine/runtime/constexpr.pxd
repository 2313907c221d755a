# Constant expressions (core specification, section 3.4.13), already validated.

from libc.stdint cimport uint64_t

from wasmine.binary.module cimport Span
from wasmine.runtime.vm cimport Instance

# Evaluates the expression at `where`; writes one slot, two for a v128: give it room for two. Raises NotImplementedError for GC instructions.
cdef int evaluate(Instance* inst, Span where, uint64_t* slots) except -1
