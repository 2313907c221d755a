# Lowering of calls; `tail`: those that return what they are returned.

from wasmine.ir.builder cimport Builder

cdef void lower_direct_call(Builder* b, bint tail) noexcept nogil
cdef void lower_indirect_call(Builder* b, bint tail) noexcept nogil
cdef void lower_call_ref(Builder* b, bint tail) noexcept nogil
