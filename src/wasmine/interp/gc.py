"""The group of instructions that make GC objects, or work on many elements of an array (ir/objects.py).

An instruction of the group names its WebAssembly opcode in x. Its operands are in adjacent slots from a on,
its result takes their place; b is the id of the type, c a segment or a count. While an object is made, the
operands stay in their slots, where the collector finds them.
"""

import cython
from cython.cimports.libc.stdint import uint8_t, uint16_t, uint32_t, uint64_t
from cython.cimports.libc.string import memcpy, memmove, memset
from cython.cimports.wasmine.ir.func import Instr
from cython.cimports.wasmine.runtime.heap import (
    ARRAY_ELEMENTS,
    OBJECT_HEADER,
    GcArray,
    GcObject,
    Heap,
    array_size,
    heap_new_array,
    heap_new_struct,
)
from cython.cimports.wasmine.runtime.vm import DataSegment, ElemSegment, Instance, VMContext
from cython.cimports.wasmine.spec import opcodes as w
from cython.cimports.wasmine.spec import traps as t
from cython.cimports.wasmine.spec.types import FieldDef, TypeDef

Slots = cython.typedef(cython.pointer[uint64_t])
Bytes = cython.typedef(cython.pointer[uint8_t])
Array = cython.typedef(cython.pointer[GcArray])

CHUNK = cython.declare(cython.const[uint64_t], 0x1000000)  # long instructions poll after so many bytes


# --- making objects


@cython.cfunc
@cython.inline
@cython.nogil
@cython.exceptval(check=False)
def put(to: Bytes, slot: Slots, size: uint32_t) -> cython.void:
    """Stores a field or element of `size` bytes: the low ones of its slots."""
    if size == 8:
        cython.cast(Slots, to)[0] = slot[0]
    elif size == 4:
        cython.cast(cython.pointer[uint32_t], to)[0] = cython.cast(uint32_t, slot[0])
    elif size == 1:
        to[0] = cython.cast(uint8_t, slot[0])
    elif size == 2:
        cython.cast(cython.pointer[uint16_t], to)[0] = cython.cast(uint16_t, slot[0])
    else:
        memcpy(to, slot, 16)


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def new_struct(
    ctx: cython.pointer[VMContext], type: cython.pointer[TypeDef], s: Slots, default: cython.bint
) -> uint32_t:
    """struct.new, struct.new_default."""
    field: cython.pointer[FieldDef] = type.fields
    slot: Slots = s
    i: uint32_t
    object: cython.pointer[GcObject] = heap_new_struct(ctx, type)
    if object == cython.NULL:
        return t.TRAP_GC_HEAP_EXHAUSTED
    if not default:
        for i in range(type.n_fields):
            put(cython.cast(Bytes, object) + OBJECT_HEADER + field.offset, slot, field.size)
            slot += 2 if field.size == 16 else 1
            field += 1
    s[0] = cython.cast(uint64_t, object)
    return t.TRAP_NONE


@cython.cfunc
@cython.inline
@cython.nogil
@cython.exceptval(check=False)
def elements(array: Array) -> Bytes:
    return cython.cast(Bytes, array) + ARRAY_ELEMENTS


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def make_array(
    ctx: cython.pointer[VMContext],
    type: cython.pointer[TypeDef],
    length: uint32_t,
    made: cython.pointer[Array],
) -> uint32_t:
    if array_size(type, length) > cython.cast(cython.pointer[Heap], ctx.heap).max_bytes:
        return t.TRAP_ALLOCATION_TOO_LARGE
    made[0] = heap_new_array(ctx, type, length)
    return t.TRAP_NONE if made[0] != cython.NULL else t.TRAP_GC_HEAP_EXHAUSTED


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def new_array(
    ctx: cython.pointer[VMContext],
    type: cython.pointer[TypeDef],
    slots: Slots,
    length: uint32_t,
    default: cython.bint,
) -> uint32_t:
    """array.new, whose fill value is at `slots`; array.new_default."""
    array: Array
    value = cython.declare(uint64_t[2])
    status: uint32_t = make_array(ctx, type, length, cython.address(array))
    if status != t.TRAP_NONE:
        return status
    memcpy(value, slots, 2 * cython.sizeof(uint64_t))
    slots[0] = cython.cast(uint64_t, array)
    return t.TRAP_NONE if default else fill(ctx, type, array, 0, length, value)


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def new_fixed_array(
    ctx: cython.pointer[VMContext], type: cython.pointer[TypeDef], s: Slots, length: uint32_t
) -> uint32_t:
    """array.new_fixed."""
    array: Array
    size: uint32_t = type.fields[0].size
    to: Bytes
    slot: Slots = s
    i: uint32_t
    status: uint32_t = make_array(ctx, type, length, cython.address(array))
    if status != t.TRAP_NONE:
        return status
    to = elements(array)
    for i in range(length):
        put(to, slot, size)
        to += size
        slot += 2 if size == 16 else 1
    s[0] = cython.cast(uint64_t, array)
    return t.TRAP_NONE


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def new_array_from(
    ctx: cython.pointer[VMContext],
    type: cython.pointer[TypeDef],
    s: Slots,
    source: cython.pointer[cython.const[uint8_t]],
    source_bytes: uint64_t,
    trap: uint32_t,
) -> uint32_t:
    """array.new_data, array.new_elem: s[1] elements of a segment; `trap` when they leave it.

    s[0] is where they begin: a byte of a data segment, an element of an element segment.
    """
    array: Array
    size: uint64_t = type.fields[0].size
    length: uint32_t = cython.cast(uint32_t, s[1])
    start: uint64_t = cython.cast(uint32_t, s[0])
    if trap == t.TRAP_OUT_OF_BOUNDS_TABLE_ACCESS:
        start *= size
    if start + length * size > source_bytes:
        return trap
    status: uint32_t = make_array(ctx, type, length, cython.address(array))
    if status != t.TRAP_NONE:
        return status
    memcpy(elements(array), source + start, length * size)
    s[0] = cython.cast(uint64_t, array)
    return t.TRAP_NONE


# --- working on arrays


@cython.cfunc
@cython.inline
@cython.nogil
@cython.exceptval(check=False)
def is_inside(array: Array, start: uint64_t, count: uint64_t) -> cython.bint:
    """Whether `count` elements from `start` on, both 32 bits wide, are in the array."""
    return start + count <= array.length


@cython.cfunc
@cython.inline
@cython.nogil
@cython.exceptval(check=False)
def repeat(value: Slots, size: uint64_t, line: Slots) -> cython.void:
    """A line of 64 bytes full of a value."""
    low: uint64_t = value[0]
    i: uint64_t
    if size == 2:
        low = (low & 0xFFFF) * cython.cast(uint64_t, 0x0001000100010001)
    elif size == 4:
        low = (low & cython.cast(uint64_t, 0xFFFFFFFF)) * cython.cast(uint64_t, 0x100000001)
    for i in range(0, 8, 2):
        line[i] = low
        line[i + 1] = value[1] if size == 16 else low


@cython.cfunc
@cython.inline
@cython.nogil
@cython.exceptval(check=False)
def write_lines(to: Bytes, line: Slots, bytes: uint64_t) -> cython.void:
    """Lines behind each other, the last one cut off."""
    i: uint64_t
    whole: uint64_t = bytes & ~cython.cast(uint64_t, 63)
    for i in range(0, whole, 64):
        memcpy(to + i, line, 64)
    memcpy(to + whole, line, bytes & 63)


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def fill(
    ctx: cython.pointer[VMContext],
    type: cython.pointer[TypeDef],
    array: Array,
    start: uint64_t,
    count: uint64_t,
    value: Slots,
) -> uint32_t:
    """Sets elements that are in the array."""
    size: uint64_t = type.fields[0].size
    to: Bytes = elements(array) + start * size
    line = cython.declare(uint64_t[8])
    status: uint32_t
    step: uint64_t
    if size != 1:
        repeat(value, size, line)
    while count != 0:
        step = count if count < CHUNK else CHUNK
        count -= step
        if size == 1:
            memset(to, cython.cast(uint8_t, value[0]), step)
        else:
            write_lines(to, line, step * size)
        to += step * size
        if ctx.interrupt != 0:
            status = ctx.poll(ctx)
            if status != t.TRAP_NONE:
                return status
    return t.TRAP_NONE


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def array_fill(ctx: cython.pointer[VMContext], type: cython.pointer[TypeDef], s: Slots) -> uint32_t:
    """array.fill: array, start, value, count."""
    array: Array = cython.cast(Array, s[0])
    start: uint64_t = cython.cast(uint32_t, s[1])
    count: uint64_t = cython.cast(uint32_t, s[4 if type.fields[0].size == 16 else 3])
    if array == cython.NULL:
        return t.TRAP_NULL_ARRAY_REFERENCE
    if not is_inside(array, start, count):
        return t.TRAP_OUT_OF_BOUNDS_ARRAY_ACCESS
    return fill(ctx, type, array, start, count, s + 2)


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def array_copy(ctx: cython.pointer[VMContext], type: cython.pointer[TypeDef], s: Slots) -> uint32_t:
    """array.copy: array and start of both, count."""
    dst: Array = cython.cast(Array, s[0])
    src: Array = cython.cast(Array, s[2])
    dst_start: uint64_t = cython.cast(uint32_t, s[1])
    src_start: uint64_t = cython.cast(uint32_t, s[3])
    count: uint64_t = cython.cast(uint32_t, s[4])
    size: uint64_t = type.fields[0].size
    if dst == cython.NULL or src == cython.NULL:
        return t.TRAP_NULL_ARRAY_REFERENCE
    if not is_inside(dst, dst_start, count) or not is_inside(src, src_start, count):
        return t.TRAP_OUT_OF_BOUNDS_ARRAY_ACCESS
    return move(ctx, elements(dst) + dst_start * size, elements(src) + src_start * size, count * size)


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def move(ctx: cython.pointer[VMContext], to: Bytes, source: Bytes, count: uint64_t) -> uint32_t:
    """Copies bytes that may overlap, and polls on the way."""
    backward: cython.bint = source < to
    step: uint64_t
    status: uint32_t
    while count != 0:
        step = count if count < CHUNK else CHUNK
        count -= step
        if backward:
            memmove(to + count, source + count, step)
        else:
            memmove(to, source, step)
            to += step
            source += step
        if ctx.interrupt != 0:
            status = ctx.poll(ctx)
            if status != t.TRAP_NONE:
                return status
    return t.TRAP_NONE


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def array_init_from(
    type: cython.pointer[TypeDef],
    s: Slots,
    source: cython.pointer[cython.const[uint8_t]],
    source_bytes: uint64_t,
    trap: uint32_t,
) -> uint32_t:
    """array.init_data, array.init_elem: array and start, start in the segment, count; see new_array_from."""
    array: Array = cython.cast(Array, s[0])
    size: uint64_t = type.fields[0].size
    to: uint64_t = cython.cast(uint32_t, s[1])
    start: uint64_t = cython.cast(uint32_t, s[2])
    count: uint64_t = cython.cast(uint32_t, s[3])
    if array == cython.NULL:
        return t.TRAP_NULL_ARRAY_REFERENCE
    if not is_inside(array, to, count):
        return t.TRAP_OUT_OF_BOUNDS_ARRAY_ACCESS
    if trap == t.TRAP_OUT_OF_BOUNDS_TABLE_ACCESS:
        start *= size
    if start + count * size > source_bytes:
        return trap
    # A segment is bounded by the module's size, so this needs no poll.
    memcpy(elements(array) + to * size, source + start, count * size)
    return t.TRAP_NONE


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def gc(
    ctx: cython.pointer[VMContext],
    inst: cython.pointer[Instance],
    pc: cython.pointer[cython.const[Instr]],
    fp: cython.pointer[uint64_t],
) -> uint32_t:
    """See gc.pxd."""
    s: Slots = fp + pc.a
    type: cython.pointer[TypeDef] = ctx.defs[pc.b]
    op: uint32_t = pc.x
    data: cython.pointer[DataSegment]
    elem: cython.pointer[ElemSegment]
    refs: cython.pointer[cython.const[uint8_t]]
    if op == w.STRUCT_NEW:
        return new_struct(ctx, type, s, False)
    elif op == w.STRUCT_NEW_DEFAULT:
        return new_struct(ctx, type, s, True)
    elif op == w.ARRAY_NEW:
        return new_array(ctx, type, s, cython.cast(uint32_t, s[2 if type.fields[0].size == 16 else 1]), False)
    elif op == w.ARRAY_NEW_DEFAULT:
        return new_array(ctx, type, s, cython.cast(uint32_t, s[0]), True)
    elif op == w.ARRAY_NEW_FIXED:
        return new_fixed_array(ctx, type, s, pc.c)
    elif op == w.ARRAY_FILL:
        return array_fill(ctx, type, s)
    elif op == w.ARRAY_COPY:
        return array_copy(ctx, type, s)
    elif op == w.ARRAY_NEW_DATA:
        data = inst.datas + pc.c
        return new_array_from(ctx, type, s, data.data, data.size, t.TRAP_OUT_OF_BOUNDS_MEMORY_ACCESS)
    elif op == w.ARRAY_INIT_DATA:
        data = inst.datas + pc.c
        return array_init_from(type, s, data.data, data.size, t.TRAP_OUT_OF_BOUNDS_MEMORY_ACCESS)
    elem = inst.elems + pc.c
    refs = cython.cast(cython.pointer[cython.const[uint8_t]], elem.refs)
    if op == w.ARRAY_NEW_ELEM:
        return new_array_from(
            ctx, type, s, refs, 8 * cython.cast(uint64_t, elem.count), t.TRAP_OUT_OF_BOUNDS_TABLE_ACCESS
        )
    return array_init_from(
        type, s, refs, 8 * cython.cast(uint64_t, elem.count), t.TRAP_OUT_OF_BOUNDS_TABLE_ACCESS
    )
