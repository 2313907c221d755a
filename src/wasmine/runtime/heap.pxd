# The GC heap of a store: where structures, arrays and exceptions live (core specification, section 4.2.15).
#
# An object begins with a header of 8 bytes; a reference to it is its address, a multiple of 8.
#
#                0          4       5       6      8               16
#     structure  | type id  | kind  | flags |      | fields: FieldDef.offset counts from here
#     array      | type id  | kind  | flags |      | length |      | elements, of FieldDef.size bytes each
#     exception  | no type  | kind  | flags |      | tag           | values: slots, as the tag's parameters
#
# Memory is divided into blocks of 32 KiB, and those into lines of 128 bytes (Blackburn and McKinley, "Immix", 2008).
# Allocation goes through holes, runs of lines in which the last collection found nothing alive, by adding to a pointer.
# An object larger than a line, for which most holes are too small, gets its place in a block that is empty; one of more than
# 8 KiB is allocated apart. Nothing ever moves.
#
#     block      | Block | line | line | line |  ...                                            |
#                          alive  \______ hole ______/  alive ...
#                                 | object | object | zeros ...
#                                                   ^cursor    ^limit
#
# A collection marks from the roots and sweeps lines, not objects: its cost is in what is alive (runtime/collect.py).

from libc.stdint cimport int64_t, uint8_t, uint16_t, uint32_t, uint64_t

from wasmine.runtime.clib cimport ATOMIC_ACQUIRE, ATOMIC_RELEASE, atomic_exchange_u32, atomic_store_u32, sched_yield
from wasmine.runtime.vm cimport Exn, Global, Instance, Table, Tag, VMContext
from wasmine.spec.types cimport H_ANY, H_ARRAY, H_EQ, H_EXN, H_EXTERN, H_FUNC, H_I31, H_STRUCT, T_ABSTRACT, TypeDef

cdef enum:
    # GcObject.kind; 0 is no object
    OBJ_STRUCT = 1
    OBJ_ARRAY = 2
    OBJ_EXN = 3

    # GcObject.flags
    OBJ_LARGE = 1           # allocated apart, behind a LargeObject

    NO_TYPE = 0xFFFFFFFF    # type id of exceptions

    OBJECT_HEADER = 8       # where the fields of a structure begin
    ARRAY_LENGTH = 8        # offset of the length
    ARRAY_ELEMENTS = 16     # where the elements begin

    # The low bits of a reference of the hierarchies `any` and `extern` that is not null
    REF_I31_BIT = 1         # an i31, in bits 1..31
    REF_HOST_BIT = 2        # a Python object
    REF_KIND_MASK = 3       # 0: a pointer

    BLOCK_BYTES = 32768
    BLOCK_MASK = 32767
    LINE_BYTES = 128
    LINES = 256             # in a block
    BITMAP_WORDS = 64       # a bit for each 8 bytes of a block
    FIRST_LINE = 11         # the lines before hold the Block
    LARGE_BYTES = 8192      # a larger object is allocated apart

    # places of Heap.large that hold no address
    LARGE_EMPTY = 0
    LARGE_DELETED = 1

cdef struct GcObject:
    uint32_t type
    uint8_t kind            # OBJ_*
    uint8_t flags           # OBJ_*
    uint16_t unused

cdef struct GcArray:
    GcObject header
    uint32_t length
    uint32_t unused
    uint8_t elements[0]

cdef struct Block:          # at its beginning
    Block* next             # in the list of recycled or of free blocks
    uint32_t handed_out     # lines below this one are no hole any more
    uint8_t parsed          # `starts` has what was allocated since the last collection
    uint8_t clean           # all zero behind the Block, because it is new
    uint8_t released        # it takes up no memory behind the Block: that was given back to the system
    uint8_t lines[256]      # 1: the last collection found something alive there
    uint64_t starts[64]     # one bit for each 8 bytes: an object begins there
    uint64_t marks[64]      # likewise: and the collection has found it alive

cdef struct Chunk:          # a mapping of several blocks
    uint8_t* base
    uint8_t* end

cdef struct LargeObject:    # before an object that is allocated apart
    uint64_t size           # of both
    uint64_t marked
    LargeObject* next       # in the list of spare ones
    uint64_t unused

cdef struct MarkEntry:
    GcObject* object
    uint64_t next           # elements of an array before this one have been followed

# Slots outside of any frame, with values on their way between Python and WebAssembly: they are roots too. They are not on the
# thread's stack, which a switch of greenlets may move away.
cdef struct SlotSpan:
    SlotSpan* before
    SlotSpan* after
    uint64_t count
    uint64_t slots[0]

cdef struct Heap:
    # Native code allocates by itself: add to the cursor, compare with the limit, store. Memory up to the limit is zero.
    uint8_t* cursor
    uint8_t* limit
    uint8_t* hole_end
    Block* block            # that cursor points into
    uint8_t* medium         # cursor, limit and block for objects larger than a line
    uint8_t* medium_limit
    Block* medium_block
    Block* recycled         # blocks with holes, not allocated in since the last collection
    Block* free             # blocks that the last collection found empty
    Block* released         # likewise, and their memory was given back

    Chunk* chunks           # by address
    uint32_t n_chunks
    uint32_t chunk_capacity
    uint8_t* fresh          # blocks of the newest chunk that were never used
    uint8_t* fresh_end
    uint8_t* low            # all blocks are in [low, high)
    uint8_t* high
    uint64_t block_bytes    # of the blocks that take up memory

    uint64_t* large         # addresses of the objects that are allocated apart: a hash set
    uint64_t large_capacity # a power of two, or 0
    uint64_t large_used     # places that are not EMPTY
    uint64_t large_bytes
    LargeObject* spare      # freed ones whose memory is kept, to be used again
    uint64_t spare_bytes

    uint64_t allocated      # bytes since the last collection
    uint64_t budget         # how many may be allocated until the next one
    uint64_t live           # bytes that the last collection found alive
    uint64_t max_bytes      # that blocks, large and spare objects may take up
    uint64_t collections
    uint32_t stress         # collect at every allocation
    uint32_t dead_handles   # Python objects wait to be released by who holds the GIL

    MarkEntry* stack        # of the collection
    uint64_t stack_size
    uint64_t stack_capacity
    uint64_t stack_limit    # capacities up to it
    uint32_t overflowed     # a marked object found no room there

    # Roots beside the frames of WebAssembly
    Global* globals
    Table* tables
    Instance* instances
    SlotSpan* spans
    uint32_t spans_lock     # a thread that is refused entry to the store may close a span while another one collects
    uint64_t* held          # what Python refers to; an unused place is odd and leads to the next one
    uint32_t n_held
    uint32_t held_capacity
    uint32_t free_held      # place in `held` plus one, 0: none
    uint32_t n_handles
    uint8_t* handle_marks   # for each Python object that is a reference: 1 while it is reachable

# An object of `size` bytes, header included, a multiple of 8; zeroed. NULL when the heap is exhausted. It may collect: the
# caller has saved the frame (VMContext.fp, func), and all references that it needs are in slots of it. The header must be
# written before anything else is allocated.
cdef GcObject* heap_alloc(VMContext* ctx, uint64_t size) noexcept nogil
# Objects of a type whose fields or elements are zero. As heap_alloc.
cdef GcObject* heap_new_struct(VMContext* ctx, TypeDef* type) noexcept nogil
cdef GcArray* heap_new_array(VMContext* ctx, TypeDef* type, uint32_t length) noexcept nogil
# An exception (struct Exn) whose values are at `slots`: param_slots of the tag's type. As heap_alloc; 0 for NULL.
cdef uint64_t heap_new_exn(VMContext* ctx, Tag* tag, const uint64_t* slots) noexcept nogil
# Collects now; under the same conditions as heap_alloc.
cdef void heap_collect(VMContext* ctx) noexcept nogil
# A heap without memory; blocks come with the first object.
cdef void heap_open(VMContext* ctx, Heap* heap, uint64_t max_bytes, bint stress) noexcept
# Frees everything; only heap_drop may follow.
cdef void heap_close(Heap* heap) noexcept nogil

# What Python refers to: a place in Heap.held. With the GIL. heap_hold raises MemoryError; a heap_drop after heap_close
# does nothing.
cdef int64_t heap_hold(Heap* heap, uint64_t ref) except -1
cdef void heap_drop(Heap* heap, uint32_t place) noexcept nogil

cdef inline void lock_spans(Heap* heap) noexcept nogil:
    while atomic_exchange_u32(&heap.spans_lock, 1, ATOMIC_ACQUIRE) != 0:
        sched_yield()

cdef inline void unlock_spans(Heap* heap) noexcept nogil:
    atomic_store_u32(&heap.spans_lock, 0, ATOMIC_RELEASE)

# A span of `count` zero slots. With the GIL. Raises MemoryError.
cdef SlotSpan* open_span(Heap* heap, uint64_t count)
cdef void close_span(Heap* heap, SlotSpan* span) noexcept nogil

# Whether a reference is a value of a reference type (core specification, section 4.2.1): of heap type `heap`, null when
# `nullable`. It is a value of the top of the same hierarchy, as validation has checked.
cdef inline bint is_instance(TypeDef** defs, uint64_t ref, uint32_t heap, bint nullable) noexcept nogil:
    cdef uint32_t id
    cdef uint32_t depth
    if ref == 0:
        return nullable
    if not heap & T_ABSTRACT:
        if ref & REF_KIND_MASK:
            return False
        # FuncInst begins with its type's id as well.
        id = (<uint32_t*> ref)[0]
        if id == heap:
            return True
        depth = defs[heap].depth
        return defs[id].depth > depth and defs[id].supers[depth] == heap
    if heap == H_EQ:
        return ref & REF_KIND_MASK != REF_HOST_BIT
    elif heap == H_I31:
        return ref & REF_I31_BIT
    elif heap == H_STRUCT:
        return ref & REF_KIND_MASK == 0 and (<GcObject*> ref).kind == OBJ_STRUCT
    elif heap == H_ARRAY:
        return ref & REF_KIND_MASK == 0 and (<GcObject*> ref).kind == OBJ_ARRAY
    return heap == H_ANY or heap == H_FUNC or heap == H_EXTERN or heap == H_EXN

cdef inline uint32_t array_length(uint64_t ref) noexcept nogil:
    return (<GcArray*> ref).length

# Bytes of an object, header included, padded to 8.
cdef inline uint64_t object_size(TypeDef** defs, const GcObject* object) noexcept nogil:
    if object.kind == OBJ_STRUCT:
        return OBJECT_HEADER + defs[object.type].field_bytes
    elif object.kind == OBJ_ARRAY:
        return array_size(defs[object.type], (<const GcArray*> object).length)
    return sizeof(Exn) + 8 * <uint64_t> (<const Exn*> object).tag.type.param_slots

# Where the search for an address in Heap.large begins.
cdef inline uint64_t large_place(const Heap* heap, uint64_t address) noexcept nogil:
    return (address * <uint64_t> 0x9E3779B97F4A7C15 >> 20) & (heap.large_capacity - 1)

cdef inline uint64_t array_size(const TypeDef* type, uint32_t length) noexcept nogil:
    return ARRAY_ELEMENTS + ((<uint64_t> length * type.fields[0].size + 7) & ~<uint64_t> 7)
