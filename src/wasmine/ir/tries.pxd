# Lowering of exception handling: tries, their handlers, throws.

from libc.stdint cimport uint32_t

from wasmine.ir.builder cimport Builder, Label

cdef void lower_try_table(Builder* b, uint32_t n_params, const uint32_t* params,
                          uint32_t n_results, const uint32_t* results) noexcept nogil
cdef void lower_try(Builder* b, uint32_t n_params, const uint32_t* params,
                    uint32_t n_results, const uint32_t* results) noexcept nogil
cdef void lower_throw(Builder* b) noexcept nogil
cdef void lower_throw_ref(Builder* b) noexcept nogil
cdef void lower_rethrow(Builder* b) noexcept nogil
cdef void lower_catch(Builder* b, bint all) noexcept nogil
cdef void lower_delegate(Builder* b) noexcept nogil
# `end` of a try or of its last catch, before the label is closed.
cdef void end_try(Builder* b, Label* label) noexcept nogil
# Orders the handlers of a finished function: inner tries first, the clauses of one try as written.
cdef void sort_handlers(Builder* b) noexcept nogil
