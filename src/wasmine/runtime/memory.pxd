# Linear memories (core specification, sections 4.2.8 and 4.6.8-4.6.14).

cimport cython
from libc.stdint cimport int64_t, uint8_t, uint32_t, uint64_t

from wasmine.binary.module cimport MemoryDesc
from wasmine.runtime.vm cimport DataSegment, Memory, VMContext

@cython.final
cdef class MemoryCore:
    # One memory. It knows no store: a shared memory may belong to several. `mem` never moves.
    cdef Memory mem
    cdef bint has_max               # the declared maximum, for import matching; mem.max_pages may be lower
    cdef uint64_t type_max
    cdef Py_ssize_t exports         # live buffers; the mapping outlives close() until the last one goes

    # For __getbuffer__ / __releasebuffer__ of the Python face: the buffer covers mem.base[:mem.size] of that moment.
    # Raises ValueError once closed.
    cdef int acquire(self) except -1
    cdef void release(self) noexcept
    # Frees the mapping, or leaves that to the last release(). Idempotent.
    cdef void close(self) noexcept

# Makes a memory of `minimum` pages and charges it to the store of `ctx`. `small`: no guard region, reserve little.
# Raises ResourceError when a limit forbids it or the address space is exhausted.
cdef MemoryCore new_memory(VMContext* ctx, bint is64, bint shared, uint32_t page_log2, uint64_t minimum,
                           bint has_max, uint64_t maximum, bint small)

# Whether a memory of a type is guarded where address space and configuration allow.
cdef inline bint may_be_guarded(const MemoryDesc* type) noexcept nogil:
    return not type.is64 and type.page_log2 == 16

# Pages before the growth, or -1.
cdef int64_t memory_grow(VMContext* ctx, Memory* mem, uint64_t delta) noexcept nogil
# These return TRAP_*. Long ones poll for interruption on the way.
cdef uint32_t memory_fill(VMContext* ctx, Memory* mem, uint64_t start, uint32_t value,
                          uint64_t count) noexcept nogil
cdef uint32_t memory_copy(VMContext* ctx, Memory* dst_mem, Memory* src_mem, uint64_t dst, uint64_t src,
                          uint64_t count) noexcept nogil
cdef uint32_t memory_init(VMContext* ctx, Memory* mem, DataSegment* segment, uint64_t dst, uint64_t src,
                          uint64_t count) noexcept nogil
