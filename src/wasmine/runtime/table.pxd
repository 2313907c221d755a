# Tables (core specification, sections 4.2.7 and 4.6.6).

cimport cython
from libc.stdint cimport int64_t, uint32_t, uint64_t

from wasmine.runtime.vm cimport ElemSegment, Instance, Table, VMContext

@cython.final
cdef class TableCore:
    cdef Table table
    cdef bint has_max               # the declared maximum, for import matching; table.maximum may be lower
    cdef uint64_t type_max
    cdef VMContext* ctx             # of the store that it is charged to

# Makes a table of `minimum` elements, each `init`. Raises ResourceError when a limit forbids it.
cdef TableCore new_table(VMContext* ctx, uint32_t type, bint is64, uint64_t minimum, bint has_max,
                         uint64_t maximum, uint64_t init)

# Elements before the growth, or -1.
cdef int64_t table_grow(VMContext* ctx, Table* table, uint64_t delta, uint64_t value) noexcept nogil
# These return TRAP_*.
cdef uint32_t table_get(Table* table, uint64_t index, uint64_t* value) noexcept nogil
cdef uint32_t table_set(Table* table, uint64_t index, uint64_t value) noexcept nogil
cdef uint32_t table_fill(VMContext* ctx, Table* table, uint64_t start, uint64_t value,
                         uint64_t count) noexcept nogil
cdef uint32_t table_copy(VMContext* ctx, Table* dst_table, Table* src_table, uint64_t dst, uint64_t src,
                         uint64_t count) noexcept nogil
cdef uint32_t table_init(VMContext* ctx, Table* table, ElemSegment* segment, uint64_t dst, uint64_t src,
                         uint64_t count) noexcept nogil
