"""The collector of the GC heap: marks what the roots lead to, then sweeps lines and blocks; see heap.pxd.

A collection goes through four steps.

1. Slots are looked at whose types nobody knows: the frames of all activations, and spans. A value that is the
address of an object makes it live. Which addresses those are is in the bitmap `starts` of a block, but not
for the objects that were allocated since the last collection: the first time a value points into a block, its
holes are parsed, from object to object. 2. The lines of all blocks are forgotten. 3. Roots of known type
follow (globals, tables, element segments, what Python holds), and then all that is reachable, with a stack of
our own. What is followed marks the lines that it lies on. 4. Blocks are swept: the marks become the starts,
and a block goes to the list that its lines decide.

An object is on the stack once, or for a large array once for each slice. When the stack cannot grow, objects
are only marked; then all marked objects are followed once more, until nothing was left out.
"""

import cython
from cython.cimports.libc.stdint import uint8_t, uint32_t, uint64_t
from cython.cimports.libc.stdlib import free, realloc
from cython.cimports.libc.string import memcpy, memset
from cython.cimports.wasmine.ir.func import IrFunc
from cython.cimports.wasmine.ir.scalar import ctz64
from cython.cimports.wasmine.runtime.clib import MADV_DONTNEED, madvise, page_size
from cython.cimports.wasmine.runtime.heap import (
    ARRAY_ELEMENTS,
    BITMAP_WORDS,
    BLOCK_BYTES,
    BLOCK_MASK,
    FIRST_LINE,
    LARGE_DELETED,
    LARGE_EMPTY,
    LINE_BYTES,
    LINES,
    OBJ_ARRAY,
    OBJ_LARGE,
    OBJ_STRUCT,
    OBJECT_HEADER,
    REF_HOST_BIT,
    REF_I31_BIT,
    REF_KIND_MASK,
    Block,
    Chunk,
    GcArray,
    GcObject,
    Heap,
    LargeObject,
    MarkEntry,
    SlotSpan,
    large_place,
    lock_spans,
    object_size,
    unlock_spans,
)
from cython.cimports.wasmine.runtime.vm import (
    Activation,
    ElemSegment,
    Exn,
    Global,
    Instance,
    Table,
    VMContext,
)
from cython.cimports.wasmine.spec.types import TypeDef, holds_objects, slots_of

Bytes = cython.typedef(cython.pointer[uint8_t])
Blocks = cython.typedef(cython.pointer[Block])
Collected = cython.typedef(cython.pointer[Heap])
Slots = cython.typedef(cython.pointer[uint64_t])
Defs = cython.typedef(cython.pointer[cython.pointer[TypeDef]])

SLICE = cython.declare(cython.const[uint64_t], 1024)  # elements of an array that are followed at a time
LEAST_BUDGET = cython.declare(cython.const[uint64_t], 0x1000000)
SPARE_BYTES = cython.declare(cython.const[uint64_t], 0x400000)  # of freed large objects, kept
MAX_PARAM_SLOTS = cython.declare(cython.const[uint64_t], 2000)  # spec/limits.py: parameters, all of them v128
HELPER_SLOTS = cython.declare(cython.const[uint64_t], 32)  # runtime/stack.py: SLACK
HOST_TAG = cython.declare(
    cython.const[uint64_t], 0x4000
)  # the upper 16 bits of a reference to a Python object
INDEX_MASK = cython.declare(cython.const[uint64_t], 0xFFFFFFFFFFF)


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def collect(ctx: cython.pointer[VMContext]) -> cython.void:
    heap: Collected = cython.cast(Collected, ctx.heap)
    retire_holes(heap)
    if heap.n_handles != 0:
        memset(heap.handle_marks, 0, heap.n_handles)
    mark_frames(ctx, heap)
    mark_spans(ctx, heap)
    forget_lines(heap)
    mark_roots(ctx, heap)
    follow_all(ctx, heap)
    heap.live = sweep_blocks(heap) + sweep_large(heap)
    heap.allocated = 0
    heap.budget = heap.live if heap.live > LEAST_BUDGET else LEAST_BUDGET
    release_blocks(heap, (heap.budget // ((LINES - FIRST_LINE) * LINE_BYTES) + 1) * BLOCK_BYTES)
    heap.dead_handles = heap.n_handles != 0
    heap.collections += 1


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def retire_holes(heap: Collected) -> cython.void:
    """Ends allocation in the current hole: a zero header tells that no object follows."""
    if heap.cursor < heap.hole_end:
        cython.cast(Slots, heap.cursor)[0] = 0
    heap.cursor = cython.NULL
    heap.limit = cython.NULL
    heap.hole_end = cython.NULL
    heap.block = cython.NULL
    heap.medium = cython.NULL
    heap.medium_limit = cython.NULL


# --- marking


@cython.cfunc
@cython.inline
@cython.nogil
@cython.exceptval(check=False)
def block_of(address: uint64_t) -> Blocks:
    return cython.cast(Blocks, address & ~cython.cast(uint64_t, BLOCK_MASK))


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def mark_object(heap: Collected, object: cython.pointer[GcObject]) -> cython.void:
    """Marks an object, and has it followed unless it was marked before."""
    address: uint64_t = cython.cast(uint64_t, object)
    large: cython.pointer[LargeObject]
    word: Slots
    bit: uint64_t
    if object.flags & OBJ_LARGE:
        large = cython.cast(cython.pointer[LargeObject], object) - 1
        if large.marked:
            return
        large.marked = 1
    else:
        word = block_of(address).marks + ((address & BLOCK_MASK) >> 9)
        bit = cython.cast(uint64_t, 1) << (address >> 3 & 63)
        if word[0] & bit:
            return
        word[0] |= bit
    push(heap, object, 0)


@cython.cfunc
@cython.inline
@cython.nogil
@cython.exceptval(check=False)
def mark_ref(heap: Collected, ref: uint64_t) -> cython.void:
    """Marks what a reference of one of the hierarchies `any`, `extern` and `exn` refers to."""
    if ref == 0 or ref & REF_I31_BIT:
        return
    if ref & REF_HOST_BIT:
        mark_handle(heap, ref)
    else:
        mark_object(heap, cython.cast(cython.pointer[GcObject], ref))


@cython.cfunc
@cython.inline
@cython.nogil
@cython.exceptval(check=False)
def mark_handle(heap: Collected, ref: uint64_t) -> cython.void:
    index: uint64_t = ref >> 2 & INDEX_MASK
    if index < heap.n_handles:
        heap.handle_marks[index] = 1


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def push(heap: Collected, object: cython.pointer[GcObject], next: uint64_t) -> cython.void:
    """Has an object followed, from element `next` on when it is an array."""
    capacity: uint64_t
    stack: cython.p_void
    if heap.stack_size == heap.stack_capacity:
        capacity = 2 * heap.stack_capacity if heap.stack_capacity != 0 else 16
        stack = cython.NULL
        if capacity <= heap.stack_limit:
            stack = realloc(heap.stack, capacity * cython.sizeof(MarkEntry))
        if stack == cython.NULL:
            heap.overflowed = 1
            return
        heap.stack = cython.cast(cython.pointer[MarkEntry], stack)
        heap.stack_capacity = capacity
    heap.stack[heap.stack_size].object = object
    heap.stack[heap.stack_size].next = next
    heap.stack_size += 1


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def follow_all(ctx: cython.pointer[VMContext], heap: Collected) -> cython.void:
    """Follows what is on the stack until nothing is left."""
    entry: MarkEntry
    while True:
        while heap.stack_size > 0:
            heap.stack_size -= 1
            entry = heap.stack[heap.stack_size]
            follow(ctx.defs, heap, entry.object, entry.next)
        if not heap.overflowed:
            break
        heap.overflowed = 0
        follow_marked(ctx, heap)
    if heap.stack_capacity > 4096:
        free(heap.stack)
        heap.stack = cython.NULL
        heap.stack_capacity = 0


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def follow(defs: Defs, heap: Collected, object: cython.pointer[GcObject], next: uint64_t) -> cython.void:
    """Marks what an object refers to, and the lines that it lies on."""
    type: cython.pointer[TypeDef]
    fields: Bytes
    i: uint32_t
    if next == 0 and not object.flags & OBJ_LARGE:
        mark_lines(cython.cast(uint64_t, object), object_size(defs, object))
    if object.kind == OBJ_STRUCT:
        type = defs[object.type]
        fields = cython.cast(Bytes, object) + OBJECT_HEADER
        for i in range(type.n_refs):
            mark_ref(heap, cython.cast(Slots, fields + type.refs[i])[0])
    elif object.kind == OBJ_ARRAY:
        if defs[object.type].n_refs != 0:
            follow_elements(heap, cython.cast(cython.pointer[GcArray], object), next)
    else:
        follow_payload(defs, heap, cython.cast(cython.pointer[Exn], object))


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def follow_elements(heap: Collected, array: cython.pointer[GcArray], next: uint64_t) -> cython.void:
    elements: Slots = cython.cast(Slots, cython.cast(Bytes, array) + ARRAY_ELEMENTS)
    end: uint64_t = array.length
    i: uint64_t
    if end - next > SLICE:
        end = next + SLICE
        push(heap, cython.address(array.header), end)
        if heap.overflowed:
            end = array.length
    for i in range(next, end):
        mark_ref(heap, elements[i])


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def follow_payload(defs: Defs, heap: Collected, exn: cython.pointer[Exn]) -> cython.void:
    type: cython.pointer[TypeDef] = exn.tag.type
    slot: Slots = cython.cast(Slots, exn + 1)
    i: uint32_t
    for i in range(type.n_params):
        if holds_objects(defs, type.params[i]):
            mark_ref(heap, slot[0])
        slot += slots_of(type.params[i])


@cython.cfunc
@cython.inline
@cython.nogil
@cython.exceptval(check=False)
def mark_lines(address: uint64_t, size: uint64_t) -> cython.void:
    lines: Bytes = block_of(address).lines
    line: uint64_t = (address & BLOCK_MASK) // LINE_BYTES
    last: uint64_t = ((address & BLOCK_MASK) + size - 1) // LINE_BYTES
    while line <= last:
        lines[line] = 1
        line += 1


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def follow_marked(ctx: cython.pointer[VMContext], heap: Collected) -> cython.void:
    """Follows every marked object once more: some of them found no room on the stack."""
    at: Bytes
    block: Blocks
    bits: uint64_t
    word: uint32_t
    i: uint64_t
    for i in range(heap.n_chunks):
        at = heap.chunks[i].base
        while at < used_end(heap, heap.chunks + i):
            block = cython.cast(Blocks, at)
            for word in range(BITMAP_WORDS):
                bits = block.marks[word]
                while bits != 0:
                    follow(
                        ctx.defs,
                        heap,
                        cython.cast(cython.pointer[GcObject], at + 8 * (64 * word + ctz64(bits))),
                        0,
                    )
                    bits &= bits - 1
            at += BLOCK_BYTES
    for i in range(heap.large_capacity):
        if heap.large[i] > LARGE_DELETED:
            if (cython.cast(cython.pointer[LargeObject], heap.large[i]) - 1).marked:
                follow(ctx.defs, heap, cython.cast(cython.pointer[GcObject], heap.large[i]), 0)


# --- slots of unknown type


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def mark_frames(ctx: cython.pointer[VMContext], heap: Collected) -> cython.void:
    """The frames of all activations, and the exception that is thrown, if any."""
    activation: cython.pointer[Activation] = ctx.activation
    here: uint64_t = 0
    if ctx.thread_state != cython.NULL:
        # The current one runs, on this stack, and is described by the context.
        mark_stack(ctx.defs, heap, ctx.stack_base, ctx.fp, ctx.func, ctx.slot_top, ctx.stack_end)
        if ctx.switched:
            mark_native(ctx.defs, heap, cython.address(here), ctx.stack_base)
        activation = activation.below
    while activation != cython.NULL:
        mark_stack(
            ctx.defs,
            heap,
            activation.stack_base,
            activation.fp,
            activation.func,
            activation.slot_top,
            activation.stack_end,
        )
        if activation.switched:
            mark_native(ctx.defs, heap, activation.wasm_sp, activation.stack_base)
        activation = activation.below
    mark_slots(ctx.defs, heap, cython.address(ctx.exception), cython.address(ctx.exception) + 1)


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def mark_stack(
    defs: Defs,
    heap: Collected,
    base: Slots,
    fp: Slots,
    func: cython.pointer[IrFunc],
    top: Slots,
    limit: Slots,
) -> cython.void:
    """The slots of a stack up to the end of its innermost frame, and what native code put above."""
    # Without a function the first instruction has not been reached: there are arguments only.
    end: Slots = fp + (func.frame_slots if func != cython.NULL else MAX_PARAM_SLOTS)
    if top != cython.NULL:
        limit += HELPER_SLOTS
        if end < top + MAX_PARAM_SLOTS:
            end = top + MAX_PARAM_SLOTS
    mark_slots(defs, heap, base, end if end < limit else limit)


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def mark_native(defs: Defs, heap: Collected, sp: cython.p_void, base: Slots) -> cython.void:
    """The native part of a stack: frames of native code, with the registers that were saved when it was left.

    Whatever is called out of native code finds its values there: no register keeps one through a call.
    """
    mark_slots(defs, heap, cython.cast(Slots, cython.cast(uint64_t, sp) & ~cython.cast(uint64_t, 7)), base)


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def mark_spans(ctx: cython.pointer[VMContext], heap: Collected) -> cython.void:
    span: cython.pointer[SlotSpan]
    lock_spans(heap)
    span = heap.spans
    while span != cython.NULL:
        mark_slots(ctx.defs, heap, span.slots, span.slots + span.count)
        span = span.after
    unlock_spans(heap)


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def mark_slots(defs: Defs, heap: Collected, slot: Slots, end: Slots) -> cython.void:
    value: uint64_t
    while slot < end:
        value = slot[0]
        slot += 1
        if value & REF_KIND_MASK == 0:
            if is_object(defs, heap, value):
                mark_object(heap, cython.cast(cython.pointer[GcObject], value))
        elif value & REF_KIND_MASK == REF_HOST_BIT and value >> 48 == HOST_TAG:
            mark_handle(heap, value)


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def is_object(defs: Defs, heap: Collected, value: uint64_t) -> cython.bint:
    """Whether a value is the address of an object."""
    block: Blocks
    at: Bytes = cython.cast(Bytes, value)
    if value & 7:
        return False
    if at < heap.low or at >= heap.high or not is_in_chunk(heap, at):
        return is_large(heap, value)
    block = block_of(value)
    if not block.parsed:
        parse(defs, block)
    return block.starts[(value & BLOCK_MASK) >> 9] >> (value >> 3 & 63) & 1


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def is_in_chunk(heap: Collected, at: Bytes) -> cython.bint:
    """Whether an address is in a block that has been used."""
    low: uint32_t = 0
    high: uint32_t = heap.n_chunks
    middle: uint32_t
    while high - low > 1:
        middle = (low + high) // 2
        if heap.chunks[middle].base <= at:
            low = middle
        else:
            high = middle
    return heap.chunks[low].base <= at and at < used_end(heap, heap.chunks + low)


@cython.cfunc
@cython.inline
@cython.nogil
@cython.exceptval(check=False)
def used_end(heap: Collected, chunk: cython.pointer[Chunk]) -> Bytes:
    """The end of the blocks of a chunk that have been used."""
    return heap.fresh if chunk.end == heap.fresh_end else chunk.end


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def is_large(heap: Collected, value: uint64_t) -> cython.bint:
    place: uint64_t
    if heap.large_capacity == 0 or value <= LARGE_DELETED:
        return False
    place = large_place(heap, value)
    while heap.large[place] != LARGE_EMPTY:
        if heap.large[place] == value:
            return True
        place = (place + 1) & (heap.large_capacity - 1)
    return False


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def parse(defs: Defs, block: Blocks) -> cython.void:
    """Enters in `starts` the objects of the holes that were handed out since the last collection."""
    line: uint32_t = FIRST_LINE
    end: uint32_t
    at: Bytes
    stop: Bytes
    offset: uint64_t
    while line < block.handed_out:
        if block.lines[line] != 0:
            line += 1
            continue
        end = line
        while end < block.handed_out and block.lines[end] == 0:
            end += 1
        at = cython.cast(Bytes, block) + line * LINE_BYTES
        stop = cython.cast(Bytes, block) + end * LINE_BYTES
        while at < stop and cython.cast(Slots, at)[0] != 0:
            offset = cython.cast(uint64_t, at) & BLOCK_MASK
            block.starts[offset >> 9] |= cython.cast(uint64_t, 1) << (offset >> 3 & 63)
            at += object_size(defs, cython.cast(cython.pointer[GcObject], at))
        line = end
    block.parsed = 1


# --- roots of known type


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def forget_lines(heap: Collected) -> cython.void:
    i: uint32_t
    at: Bytes
    for i in range(heap.n_chunks):
        at = heap.chunks[i].base
        while at < used_end(heap, heap.chunks + i):
            memset(cython.cast(Blocks, at).lines + FIRST_LINE, 0, LINES - FIRST_LINE)
            at += BLOCK_BYTES


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def mark_roots(ctx: cython.pointer[VMContext], heap: Collected) -> cython.void:
    glob: cython.pointer[Global] = heap.globals
    table: cython.pointer[Table] = heap.tables
    inst: cython.pointer[Instance] = heap.instances
    i: uint64_t
    while glob != cython.NULL:
        mark_ref(heap, glob.value[0])
        glob = glob.next
    while table != cython.NULL:
        for i in range(table.size):
            mark_ref(heap, table.elems[i])
        table = table.next
    while inst != cython.NULL:
        for i in range(inst.code.desc.n_elems):
            mark_segment(ctx.defs, heap, inst.elems + i)
        inst = inst.next
    for i in range(heap.n_held):
        mark_ref(heap, heap.held[i])


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def mark_segment(defs: Defs, heap: Collected, segment: cython.pointer[ElemSegment]) -> cython.void:
    i: uint32_t
    if segment.count != 0 and holds_objects(defs, segment.type):
        for i in range(segment.count):
            mark_ref(heap, segment.refs[i])


# --- sweeping


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def sweep_blocks(heap: Collected) -> uint64_t:
    """Sorts the blocks by what is free in them; returns the bytes of the lines that are not."""
    live: uint64_t = 0
    lines: uint32_t
    i: uint32_t = heap.n_chunks
    at: Bytes
    block: Blocks
    heap.recycled = cython.NULL
    heap.free = cython.NULL
    heap.released = cython.NULL
    # From the last one down, so that the lists go up.
    while i > 0:
        i -= 1
        at = used_end(heap, heap.chunks + i)
        while at > heap.chunks[i].base:
            at -= BLOCK_BYTES
            block = cython.cast(Blocks, at)
            lines = sweep_block(block)
            live += lines * LINE_BYTES
            if block.released:
                block.next = heap.released
                heap.released = block
            elif lines == 0:
                block.next = heap.free
                heap.free = block
            elif lines < LINES - FIRST_LINE:
                block.next = heap.recycled
                heap.recycled = block
    return live


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def sweep_block(block: Blocks) -> uint32_t:
    """Makes the marked objects the only ones; returns the number of lines they are on."""
    lines: uint32_t = 0
    i: uint32_t
    if block.handed_out != FIRST_LINE:
        block.clean = 0
    memcpy(block.starts, block.marks, cython.sizeof(block.marks))
    memset(block.marks, 0, cython.sizeof(block.marks))
    for i in range(FIRST_LINE, LINES):
        lines += block.lines[i]
    block.handed_out = FIRST_LINE
    block.parsed = 0
    return lines


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def sweep_large(heap: Collected) -> uint64_t:
    """Frees large objects, some of them to be used again; returns the bytes of those that stay."""
    large: cython.pointer[LargeObject]
    i: uint64_t
    for i in range(heap.large_capacity):
        if heap.large[i] <= LARGE_DELETED:
            continue
        large = cython.cast(cython.pointer[LargeObject], heap.large[i]) - 1
        if large.marked:
            large.marked = 0
        else:
            heap.large[i] = LARGE_DELETED
            heap.large_bytes -= large.size
            if heap.spare_bytes + large.size <= SPARE_BYTES:
                large.next = heap.spare
                heap.spare = large
                heap.spare_bytes += large.size
            else:
                free(large)
    return heap.large_bytes


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def release_blocks(heap: Collected, keep: uint64_t) -> cython.void:
    """See collect.pxd. What the budget will need is kept, but for a program that asks to collect."""
    kept: uint64_t = 0
    page: uint64_t = page_size()
    link: cython.pointer[Blocks] = cython.address(heap.free)
    block: Blocks
    after: Blocks
    if page >= BLOCK_BYTES:
        return
    while link[0] != cython.NULL and kept < keep:
        kept += BLOCK_BYTES
        link = cython.address(link[0].next)
    block = link[0]
    link[0] = cython.NULL
    while block != cython.NULL:
        after = block.next
        if madvise(cython.cast(Bytes, block) + page, BLOCK_BYTES - page, MADV_DONTNEED) == 0:
            block.released = 1
            block.next = heap.released
            heap.released = block
            heap.block_bytes -= BLOCK_BYTES
        else:
            block.next = heap.free
            heap.free = block
        block = after
