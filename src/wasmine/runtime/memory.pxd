# Linear memories (core specification, sections 4.2.8 and 4.6.8-4.6.14).

cimport cython
from libc.stdint cimport int64_t, uint8_t, uint32_t, uint64_t
from libc.string cimport memcpy

from wasmine.binary.module cimport MemoryDesc
from wasmine.runtime.clib cimport ATOMIC_ACQUIRE, atomic_load_u64
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

# Accessible bytes: another thread may be growing a shared memory.
cdef inline uint64_t size_of(Memory* mem) noexcept nogil:
    return atomic_load_u64(&mem.size, ATOMIC_ACQUIRE)

cdef inline bint is_inside(uint64_t start, uint64_t count, uint64_t size) noexcept nogil:
    return count <= size and start <= size - count

cdef struct Piece:
    uint64_t low
    uint64_t high

# memory_fill and memory_copy of 16 to 64 bytes that are in bounds, by pieces from both ends: a call of the C library costs more than they
# do. False for all others, of which nothing has been done. Inline, since a function that may also loop and poll saves registers first.
cdef inline bint fill_at_once(Memory* mem, uint64_t start, uint32_t value, uint64_t count) noexcept nogil:
    cdef Piece piece
    cdef uint8_t* to = mem.base + start
    if count - 16 > 48 or not is_inside(start, count, size_of(mem)):
        return False
    piece.low = piece.high = (value & 0xFF) * <uint64_t>0x0101010101010101
    memcpy(to, &piece, 16)
    memcpy(to + count - 16, &piece, 16)
    if count > 32:
        memcpy(to + 16, &piece, 16)
        memcpy(to + count - 32, &piece, 16)
    return True

# All is read before anything is written.
cdef inline bint copy_at_once(Memory* dst_mem, Memory* src_mem, uint64_t dst, uint64_t src, uint64_t count) noexcept nogil:
    cdef Piece first, second, third, last
    cdef uint8_t* to = dst_mem.base + dst
    cdef uint8_t* source = src_mem.base + src
    if count - 16 > 48 or not is_inside(dst, count, size_of(dst_mem)) or not is_inside(src, count, size_of(src_mem)):
        return False
    memcpy(&first, source, 16)
    memcpy(&last, source + count - 16, 16)
    if count > 32:
        memcpy(&second, source + 16, 16)
        memcpy(&third, source + count - 32, 16)
        memcpy(to + 16, &second, 16)
        memcpy(to + count - 32, &third, 16)
    memcpy(to, &first, 16)
    memcpy(to + count - 16, &last, 16)
    return True
