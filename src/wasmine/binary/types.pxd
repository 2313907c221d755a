# Types in the bytes of a module, and the type section.

cimport cython
from libc.stdint cimport int64_t, uint32_t

from wasmine.binary.module cimport ModuleData
from wasmine.binary.reader cimport Reader

@cython.final
cdef class TypeReader:
    cdef Reader r
    cdef ModuleData module
    # The recursion group being read; `group_size` is 0 outside of the type section.
    cdef uint32_t group_size
    cdef list owners            # type index -> RecGroup
    cdef set used               # groups that the current one mentions
    cdef dict parents           # position in the group -> offset and index of the declared supertype
    cdef uint32_t* words        # key of the current group
    cdef uint32_t n_words
    cdef uint32_t max_words

    # Type codes; in a recursion group, references into it are relative as in its key.
    cdef int64_t value_type(self) except -1
    cdef int64_t reference_type(self) except -1
    cdef int64_t heap_type(self) except -1
    cdef int64_t reference_code(self, uint32_t byte) except -1
    # A type index outside of a recursion group: checked, and that it is a function type.
    cdef int64_t func_type(self) except -1

    cdef int section(self) except -1
    cdef int group(self) except -1
    cdef int close_group(self) except -1
    cdef int sub_type(self, uint32_t position) except -1
    cdef int composite_type(self, uint32_t flags, int64_t parent) except -1
    cdef int types(self, uint32_t limit, str subject, uint32_t where) except -1
    cdef int field_type(self) except -1
    cdef int put(self, uint32_t word) except -1
    cdef int64_t defined_type(self, uint32_t index, uint32_t below, uint32_t at) except -1
