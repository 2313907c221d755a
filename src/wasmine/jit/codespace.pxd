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
