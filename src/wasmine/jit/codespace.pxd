# Memory that holds machine code. A page is writable or executable, never both.

from libc.stdint cimport uint8_t

cimport cython

cdef struct CodeBlock:
    CodeBlock* next
    void* map
    size_t size

@cython.final
cdef class CodeSpace:
    # Owns what was published; it stays executable until the object goes.
    cdef CodeBlock* blocks

    # Copies `size` bytes to memory of their own and makes it executable. Raises OSError where the system forbids it.
    cdef void* publish(self, const uint8_t* bytes, size_t size)

# Code that is published piece by piece, without the GIL, in large mappings, so that pieces are near each other.
cdef struct CodeRegion:
    CodeRegion* next
    uint8_t* map
    size_t size
    size_t used

cdef struct CodePool:
    CodeRegion* regions

# Copies bytes to executable memory; NULL where there is none. One thread at a time.
cdef void* publish_code(CodePool* pool, const uint8_t* bytes, size_t size) noexcept nogil
cdef void free_pool(CodePool* pool) noexcept nogil
