# The sections other than the type section.

cimport cython
from libc.stdint cimport int64_t, uint8_t, uint32_t, uint64_t

from wasmine.binary.module cimport ElemDesc, MemoryDesc, ModuleData, ModuleDesc, Span, TableDesc
from wasmine.binary.reader cimport Reader
from wasmine.binary.types cimport TypeReader

@cython.final
cdef class SectionReader:
    cdef Reader r
    cdef TypeReader types
    cdef ModuleData module
    cdef ModuleDesc* desc       # of `module`
    cdef uint32_t data_count    # what the data count section says

    cdef int section(self, uint32_t id) except -1

    cdef int imports(self) except -1
    cdef int import_of(self, uint32_t kind, uint32_t at) except -1
    cdef int functions(self) except -1
    cdef int tables(self) except -1
    cdef int table_type(self, TableDesc* table) except -1
    cdef int memories(self) except -1
    cdef int memory_type(self, MemoryDesc* memory) except -1
    cdef int tags(self) except -1
    cdef int64_t tag_type(self) except -1
    cdef int globals(self) except -1
    cdef int exports(self) except -1
    cdef int start(self) except -1
    cdef int elements(self) except -1
    cdef int element(self, ElemDesc* elem) except -1
    cdef int element_items(self, ElemDesc* elem) except -1
    cdef int codes(self) except -1
    cdef int datas(self) except -1
    cdef int check_counts(self) except -1

    cdef int64_t total(self, uint32_t imported, uint32_t limit, str subject) except -1
    cdef int declare(self, uint32_t function) except -1
