# References to functions.

from libc.stdint cimport uint32_t

from wasmine.runtime.vm cimport FuncInst, Instance

# The function instance of `index`: made when first asked for, the same ever after. NULL when memory is exhausted.
# By the thread that is inside the store.
cdef FuncInst* func_ref(Instance* inst, uint32_t index) noexcept nogil
