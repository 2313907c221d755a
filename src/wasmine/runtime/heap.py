"""The GC heap: blocks, holes, large objects, and the allocation of objects; see heap.pxd."""

import cython
from cython.cimports.libc.stdint import int64_t, uint8_t, uint32_t, uint64_t
from cython.cimports.libc.stdlib import calloc, free, realloc
from cython.cimports.libc.string import memcpy, memset
from cython.cimports.wasmine.runtime.clib import (
    MAP_ANONYMOUS,
    MAP_FAILED,
    MAP_NORESERVE,
    MAP_PRIVATE,
    PROT_READ,
    PROT_WRITE,
    mmap,
    munmap,
)
from cython.cimports.wasmine.runtime.collect import collect, release_blocks
from cython.cimports.wasmine.runtime.heap import (
    BLOCK_BYTES,
    BLOCK_MASK,
    FIRST_LINE,
    LARGE_BYTES,
    LARGE_DELETED,
    LARGE_EMPTY,
    LINE_BYTES,
    LINES,
    NO_TYPE,
    OBJ_ARRAY,
    OBJ_EXN,
    OBJ_LARGE,
    OBJ_STRUCT,
    OBJECT_HEADER,
    Block,
    Chunk,
    GcArray,
    GcObject,
    Heap,
    LargeObject,
    SlotSpan,
    array_size,
    large_place,
    lock_spans,
    unlock_spans,
)
from cython.cimports.wasmine.runtime.vm import Exn, Tag, VMContext
from cython.cimports.wasmine.spec.types import TypeDef

Bytes = cython.typedef(cython.pointer[uint8_t])
Blocks = cython.typedef(cython.pointer[Block])

WINDOW = cython.declare(
    cython.const[uint64_t], 4096
)  # bytes of a hole that are zeroed at a time: they stay in the cache
FIRST_BUDGET = cython.declare(cython.const[uint64_t], 0x1000000)
LARGE_BUDGET = cython.declare(cython.const[uint64_t], 0x400000)
LARGEST_STACK = cython.declare(cython.const[uint64_t], 0x1000000)  # entries of the collector's stack
STRESSED_STACK = cython.declare(cython.const[uint64_t], 16)  # so few that collecting without a stack is tried
SPARE_TRIES = cython.declare(cython.const[uint32_t], 32)  # spare objects that an allocation looks at
FIRST_CHUNK = cython.declare(cython.const[uint32_t], 8)  # blocks
LARGEST_CHUNK = cython.declare(cython.const[uint32_t], 1024)


# --- objects


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def heap_new_struct(
    ctx: cython.pointer[VMContext], type: cython.pointer[TypeDef]
) -> cython.pointer[GcObject]:
    object: cython.pointer[GcObject] = heap_alloc(
        ctx, OBJECT_HEADER + cython.cast(uint64_t, type.field_bytes)
    )
    if object != cython.NULL:
        object.type = type.id
        object.kind = OBJ_STRUCT
    return object


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def heap_new_array(
    ctx: cython.pointer[VMContext], type: cython.pointer[TypeDef], length: uint32_t
) -> cython.pointer[GcArray]:
    array: cython.pointer[GcArray] = cython.cast(
        cython.pointer[GcArray], heap_alloc(ctx, array_size(type, length))
    )
    if array != cython.NULL:
        array.header.type = type.id
        array.header.kind = OBJ_ARRAY
        array.length = length
    return array


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def heap_new_exn(
    ctx: cython.pointer[VMContext], tag: cython.pointer[Tag], slots: cython.pointer[cython.const[uint64_t]]
) -> uint64_t:
    size: uint64_t = tag.type.param_slots * cython.sizeof(uint64_t)
    object: cython.pointer[GcObject] = heap_alloc(ctx, cython.sizeof(Exn) + size)
    if object != cython.NULL:
        object.type = NO_TYPE
        object.kind = OBJ_EXN
        cython.cast(cython.pointer[Exn], object).tag = tag
        memcpy(cython.cast(cython.pointer[Exn], object) + 1, slots, size)
    return cython.cast(uint64_t, object)


# --- allocation


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def heap_alloc(ctx: cython.pointer[VMContext], size: uint64_t) -> cython.pointer[GcObject]:
    heap: cython.pointer[Heap] = cython.cast(cython.pointer[Heap], ctx.heap)
    at: Bytes = heap.cursor
    if size <= cython.cast(uint64_t, heap.limit - at):
        heap.cursor = at + size
        return cython.cast(cython.pointer[GcObject], at)
    return alloc_slowly(ctx, heap, size)


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def alloc_slowly(
    ctx: cython.pointer[VMContext], heap: cython.pointer[Heap], size: uint64_t
) -> cython.pointer[GcObject]:
    """Finds room beyond the window: within the budget; after a collection, up to the limit of the heap."""
    if heap.stress:
        collect(ctx)
    object: cython.pointer[GcObject] = alloc_within(heap, size, heap.budget)
    if object == cython.NULL:
        collect(ctx)
        # With next to nothing left every few allocations would collect: better to stop.
        if heap.live <= heap.max_bytes - heap.max_bytes // 32:
            object = alloc_within(heap, size, ~cython.cast(uint64_t, 0))
    if heap.stress:
        # So that the next allocation comes here too.
        heap.limit = heap.cursor
    return object


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def alloc_within(heap: cython.pointer[Heap], size: uint64_t, budget: uint64_t) -> cython.pointer[GcObject]:
    """Room for an object in a hole, an empty block or apart; NULL where that exceeds budget or limit."""
    at: Bytes
    if size > LARGE_BYTES:
        return alloc_large(heap, size, budget)
    while True:
        if size <= cython.cast(uint64_t, heap.hole_end - heap.cursor):
            widen_window(heap, size)
            at = heap.cursor
            heap.cursor = at + size
            return cython.cast(cython.pointer[GcObject], at)
        if size > LINE_BYTES and heap.block != cython.NULL:
            return alloc_medium(heap, size, budget)
        if heap.allocated >= budget or not next_hole(heap):
            return cython.NULL


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def widen_window(heap: cython.pointer[Heap], size: uint64_t) -> cython.void:
    """Makes sure that `size` bytes from the cursor on, which are in the hole, are zero."""
    window: uint64_t = size if size > WINDOW else WINDOW
    end: Bytes = heap.hole_end
    if window < cython.cast(uint64_t, end - heap.cursor):
        end = heap.cursor + window
    if end > heap.limit:
        if not heap.block.clean:
            memset(heap.limit, 0, end - heap.limit)
        heap.limit = end


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def alloc_medium(heap: cython.pointer[Heap], size: uint64_t, budget: uint64_t) -> cython.pointer[GcObject]:
    """An object larger than a line, in a block that was empty."""
    at: Bytes
    block: Blocks
    if size > cython.cast(uint64_t, heap.medium_limit - heap.medium):
        block = empty_block(heap) if heap.allocated < budget else cython.NULL
        if block == cython.NULL:
            return cython.NULL
        block.handed_out = LINES
        at = cython.cast(Bytes, block) + FIRST_LINE * LINE_BYTES
        if not block.clean:
            memset(at, 0, (LINES - FIRST_LINE) * LINE_BYTES)
        heap.medium = at
        heap.medium_limit = cython.cast(Bytes, block) + BLOCK_BYTES
        heap.medium_block = block
        heap.allocated += BLOCK_BYTES
    at = heap.medium
    heap.medium += size
    return cython.cast(cython.pointer[GcObject], at)


# --- holes


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def next_hole(heap: cython.pointer[Heap]) -> cython.bint:
    """Moves the cursor to the next hole: of this block, of a recycled one, or an empty block."""
    block: Blocks = heap.block
    leave_hole(heap)
    while True:
        if block != cython.NULL and take_hole(heap, block):
            return True
        if heap.recycled != cython.NULL:
            block = heap.recycled
            heap.recycled = block.next
        else:
            block = empty_block(heap)
            if block == cython.NULL:
                return False


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def leave_hole(heap: cython.pointer[Heap]) -> cython.void:
    """Gives up what is left of the hole; a zero header there tells that no object follows."""
    if heap.cursor < heap.hole_end:
        cython.cast(cython.pointer[uint64_t], heap.cursor)[0] = 0
    heap.cursor = cython.NULL
    heap.limit = cython.NULL
    heap.hole_end = cython.NULL
    heap.block = cython.NULL


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def take_hole(heap: cython.pointer[Heap], block: Blocks) -> cython.bint:
    """Moves the cursor to the next hole of a block, if there is one."""
    line: uint32_t = block.handed_out
    end: uint32_t
    while line < LINES and block.lines[line] != 0:
        line += 1
    end = line
    while end < LINES and block.lines[end] == 0:
        end += 1
    block.handed_out = end
    if line == end:
        return False
    heap.block = block
    heap.cursor = cython.cast(Bytes, block) + line * LINE_BYTES
    heap.limit = heap.cursor
    heap.hole_end = cython.cast(Bytes, block) + end * LINE_BYTES
    heap.allocated += (end - line) * LINE_BYTES
    return True


# --- blocks


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def empty_block(heap: cython.pointer[Heap]) -> Blocks:
    """A block without objects: one that has memory already, else another while the limit allows it."""
    block: Blocks = heap.free
    if block != cython.NULL:
        heap.free = block.next
        return block
    if not has_room(heap, BLOCK_BYTES):
        return cython.NULL
    block = heap.released
    if block != cython.NULL:
        heap.released = block.next
        block.released = 0
    else:
        if heap.fresh == heap.fresh_end and not add_chunk(heap):
            return cython.NULL
        block = cython.cast(Blocks, heap.fresh)
        heap.fresh += BLOCK_BYTES
        block.clean = 1
        block.handed_out = FIRST_LINE
        memset(block.lines, 1, FIRST_LINE)
    heap.block_bytes += BLOCK_BYTES
    return block


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def add_chunk(heap: cython.pointer[Heap]) -> cython.bint:
    """Maps more blocks: twice as many as the time before, within bounds."""
    count: uint64_t = FIRST_CHUNK
    size: uint64_t
    base: Bytes
    if not room_for_chunk(heap):
        return False
    if heap.n_chunks < 7:
        count <<= heap.n_chunks
    else:
        count = LARGEST_CHUNK
    size = count * BLOCK_BYTES
    base = map_aligned(size)
    if base == cython.NULL:
        return False
    heap.fresh = base
    heap.fresh_end = base + size
    insert_chunk(heap, base, base + size)
    return True


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def map_aligned(size: uint64_t) -> Bytes:
    """Fresh memory at a multiple of BLOCK_BYTES; NULL when there is none."""
    base: cython.p_void = mmap(
        cython.NULL,
        size + BLOCK_BYTES,
        PROT_READ | PROT_WRITE,
        MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE,
        -1,
        0,
    )
    if base == MAP_FAILED:
        return cython.NULL
    before: uint64_t = -cython.cast(uint64_t, base) & BLOCK_MASK
    aligned: Bytes = cython.cast(Bytes, base) + before
    if before != 0:
        munmap(base, before)
    if before != BLOCK_BYTES:
        munmap(aligned + size, BLOCK_BYTES - before)
    return aligned


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def room_for_chunk(heap: cython.pointer[Heap]) -> cython.bint:
    """Room for one more entry in the table of chunks."""
    capacity: uint32_t = 2 * heap.chunk_capacity if heap.chunk_capacity != 0 else 8
    chunks: cython.p_void
    if heap.n_chunks < heap.chunk_capacity:
        return True
    chunks = realloc(heap.chunks, capacity * cython.sizeof(Chunk))
    if chunks == cython.NULL:
        return False
    heap.chunks = cython.cast(cython.pointer[Chunk], chunks)
    heap.chunk_capacity = capacity
    return True


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def insert_chunk(heap: cython.pointer[Heap], base: Bytes, end: Bytes) -> cython.void:
    """Enters a chunk, by address."""
    at: uint32_t = heap.n_chunks
    while at > 0 and heap.chunks[at - 1].base > base:
        heap.chunks[at] = heap.chunks[at - 1]
        at -= 1
    heap.chunks[at].base = base
    heap.chunks[at].end = end
    heap.n_chunks += 1
    heap.low = heap.chunks[0].base
    heap.high = heap.chunks[heap.n_chunks - 1].end


# --- large objects


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def alloc_large(heap: cython.pointer[Heap], size: uint64_t, budget: uint64_t) -> cython.pointer[GcObject]:
    large: cython.pointer[LargeObject]
    object: cython.pointer[GcObject]
    size += cython.sizeof(LargeObject)
    if heap.live < LARGE_BUDGET and budget == heap.budget:
        # Next to nothing is marked, and the caches keep what is used again soon.
        budget = LARGE_BUDGET
    if heap.allocated + size > budget or not room_for_large(heap):
        return cython.NULL
    large = take_spare(heap, size)
    if large == cython.NULL:
        if not has_room(heap, size):
            return cython.NULL
        large = cython.cast(cython.pointer[LargeObject], calloc(1, size))
        if large == cython.NULL:
            return cython.NULL
        large.size = size
    object = cython.cast(cython.pointer[GcObject], large + 1)
    object.flags = OBJ_LARGE
    insert_large(heap, cython.cast(uint64_t, object))
    heap.large_bytes += large.size
    heap.allocated += large.size
    return object


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def take_spare(heap: cython.pointer[Heap], size: uint64_t) -> cython.pointer[LargeObject]:
    """Memory of a freed object that is not much too large, zeroed; NULL when there is none near at hand."""
    link: cython.pointer[cython.pointer[LargeObject]] = cython.address(heap.spare)
    large: cython.pointer[LargeObject]
    tries: uint32_t = SPARE_TRIES
    while link[0] != cython.NULL and tries > 0:
        large = link[0]
        if large.size >= size and large.size - size <= size // 4:
            link[0] = large.next
            heap.spare_bytes -= large.size
            large.marked = 0
            memset(large + 1, 0, size - cython.sizeof(LargeObject))
            return large
        link = cython.address(large.next)
        tries -= 1
    return cython.NULL


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def drop_spares(heap: cython.pointer[Heap]) -> cython.void:
    large: cython.pointer[LargeObject]
    while heap.spare != cython.NULL:
        large = heap.spare
        heap.spare = large.next
        free(large)
    heap.spare_bytes = 0


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def has_room(heap: cython.pointer[Heap], size: uint64_t) -> cython.bint:
    """Whether the limit of the heap allows for `size` more bytes; spare memory yields."""
    used: uint64_t = heap.block_bytes + heap.large_bytes + size
    if used + heap.spare_bytes > heap.max_bytes:
        drop_spares(heap)
    return used <= heap.max_bytes


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def insert_large(heap: cython.pointer[Heap], address: uint64_t) -> cython.void:
    """Enters an address in the hash set, which has room for it."""
    place: uint64_t = large_place(heap, address)
    while heap.large[place] > LARGE_DELETED:
        place = (place + 1) & (heap.large_capacity - 1)
    if heap.large[place] == LARGE_EMPTY:
        heap.large_used += 1
    heap.large[place] = address


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def room_for_large(heap: cython.pointer[Heap]) -> cython.bint:
    """Room for one more address in the hash set, half of which stays empty."""
    old: cython.pointer[uint64_t] = heap.large
    old_capacity: uint64_t = heap.large_capacity
    new: cython.pointer[uint64_t]
    live: uint64_t = 0
    capacity: uint64_t = 64
    i: uint64_t
    if 2 * (heap.large_used + 1) <= old_capacity:
        return True
    for i in range(old_capacity):
        live += old[i] > LARGE_DELETED
    while capacity < 4 * (live + 1):
        capacity *= 2
    new = cython.cast(cython.pointer[uint64_t], calloc(capacity, cython.sizeof(uint64_t)))
    if new == cython.NULL:
        return False
    heap.large = new
    heap.large_capacity = capacity
    heap.large_used = 0
    for i in range(old_capacity):
        if old[i] > LARGE_DELETED:
            insert_large(heap, old[i])
    free(old)
    return True


# --- the heap as a whole


@cython.cfunc
@cython.exceptval(check=False)
def heap_open(
    ctx: cython.pointer[VMContext], heap: cython.pointer[Heap], max_bytes: uint64_t, stress: cython.bint
) -> cython.void:
    ctx.heap = heap
    heap.max_bytes = max_bytes
    heap.budget = FIRST_BUDGET
    heap.stress = stress
    heap.stack_limit = STRESSED_STACK if stress else LARGEST_STACK


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def heap_close(heap: cython.pointer[Heap]) -> cython.void:
    i: uint64_t
    for i in range(heap.n_chunks):
        munmap(heap.chunks[i].base, heap.chunks[i].end - heap.chunks[i].base)
    for i in range(heap.large_capacity):
        if heap.large[i] > LARGE_DELETED:
            free(cython.cast(cython.pointer[LargeObject], heap.large[i]) - 1)
    drop_spares(heap)
    free(heap.chunks)
    free(heap.large)
    free(heap.stack)
    free(heap.held)
    free(heap.handle_marks)
    memset(heap, 0, cython.sizeof(Heap))


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def heap_collect(ctx: cython.pointer[VMContext]) -> cython.void:
    heap: cython.pointer[Heap] = cython.cast(cython.pointer[Heap], ctx.heap)
    collect(ctx)
    release_blocks(heap, heap.live if heap.live > LARGE_BUDGET else LARGE_BUDGET)


@cython.cfunc
@cython.exceptval(-1, check=False)
def heap_hold(heap: cython.pointer[Heap], ref: uint64_t) -> int64_t:
    place: uint32_t
    capacity: uint64_t
    held: cython.p_void
    if heap.free_held != 0:
        place = heap.free_held - 1
        heap.free_held = cython.cast(uint32_t, heap.held[place] >> 1)
    else:
        if heap.n_held == heap.held_capacity:
            capacity = 2 * cython.cast(uint64_t, heap.held_capacity) or 64
            held = cython.NULL
            if capacity <= 0x40000000:
                held = realloc(heap.held, capacity * cython.sizeof(uint64_t))
            if held == cython.NULL:
                raise MemoryError
            heap.held = cython.cast(cython.pointer[uint64_t], held)
            heap.held_capacity = cython.cast(uint32_t, capacity)
        place = heap.n_held
        heap.n_held += 1
    heap.held[place] = ref
    return place


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def heap_drop(heap: cython.pointer[Heap], place: uint32_t) -> cython.void:
    if place < heap.n_held:
        heap.held[place] = cython.cast(uint64_t, heap.free_held) << 1 | 1
        heap.free_held = place + 1


# --- spans


@cython.cfunc
def open_span(heap: cython.pointer[Heap], count: uint64_t) -> cython.pointer[SlotSpan]:
    span: cython.pointer[SlotSpan] = cython.cast(
        cython.pointer[SlotSpan], calloc(1, cython.sizeof(SlotSpan) + count * cython.sizeof(uint64_t))
    )
    if span == cython.NULL:
        raise MemoryError
    span.count = count
    lock_spans(heap)
    span.after = heap.spans
    if heap.spans != cython.NULL:
        heap.spans.before = span
    heap.spans = span
    unlock_spans(heap)
    return span


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def close_span(heap: cython.pointer[Heap], span: cython.pointer[SlotSpan]) -> cython.void:
    lock_spans(heap)
    if span.before != cython.NULL:
        span.before.after = span.after
    else:
        heap.spans = span.after
    if span.after != cython.NULL:
        span.after.before = span.before
    unlock_spans(heap)
    free(span)
