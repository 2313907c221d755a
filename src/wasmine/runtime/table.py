"""Tables: arrays of references that grow (core specification, sections 4.2.7 and 4.6.6)."""

import cython
from cython.cimports.libc.stdint import int64_t, uint32_t, uint64_t
from cython.cimports.libc.stdlib import calloc, free, realloc
from cython.cimports.libc.string import memcpy, memmove
from cython.cimports.wasmine.runtime.vm import ElemSegment, Table, VMContext
from cython.cimports.wasmine.spec.traps import TRAP_NONE, TRAP_OUT_OF_BOUNDS_TABLE_ACCESS

from wasmine.spec.errors import ResourceError

CHUNK = cython.declare(cython.const[uint64_t], 0x200000)  # bulk instructions poll after so many elements

MAX_ELEMS = cython.declare(cython.const[uint64_t], 0x100000000000)  # more cannot be addressed


@cython.final
@cython.no_gc
@cython.cclass
class TableCore:
    """A table instance; see table.pxd."""

    def __dealloc__(self):
        free(self.table.elems)


@cython.cfunc
def new_table(
    ctx: cython.pointer[VMContext],
    type: uint32_t,
    is64: cython.bint,
    minimum: uint64_t,
    has_max: cython.bint,
    maximum: uint64_t,
    init: uint64_t,
) -> TableCore:
    core: TableCore = TableCore()
    table: cython.pointer[Table] = cython.address(core.table)
    table.type = type
    table.is64 = is64
    core.has_max = has_max
    core.type_max = maximum
    most: uint64_t = ~cython.cast(uint64_t, 0) if is64 else cython.cast(uint64_t, 0xFFFFFFFF)
    table.maximum = maximum if has_max and maximum < most else most
    if minimum > MAX_ELEMS or minimum > ctx.table_limit - ctx.table_elems:
        raise ResourceError(f"a table of {minimum} elements exceeds the store's limit")
    table.elems = cython.cast(cython.pointer[uint64_t], calloc(minimum or 1, cython.sizeof(uint64_t)))
    if table.elems == cython.NULL:
        raise ResourceError(f"no memory for a table of {minimum} elements")
    ctx.table_elems += minimum
    table.size = minimum
    table.capacity = minimum or 1
    if init != 0:
        fill(table.elems, init, minimum)
    return core


@cython.cfunc
@cython.inline
@cython.nogil
@cython.exceptval(check=False)
def fill(elems: cython.pointer[uint64_t], value: uint64_t, count: uint64_t) -> cython.void:
    i: uint64_t
    for i in range(count):
        elems[i] = value


@cython.cfunc
@cython.inline
@cython.nogil
@cython.exceptval(check=False)
def is_inside(start: uint64_t, count: uint64_t, size: uint64_t) -> cython.bint:
    return count <= size and start <= size - count


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def table_grow(
    ctx: cython.pointer[VMContext], table: cython.pointer[Table], delta: uint64_t, value: uint64_t
) -> int64_t:
    old: uint64_t = table.size
    if delta > table.maximum - old or delta > ctx.table_limit - ctx.table_elems:
        return -1
    if old + delta > table.capacity and not enlarge(table, old + delta):
        return -1
    fill(table.elems + old, value, delta)
    table.size = old + delta
    ctx.table_elems += delta
    return old


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def enlarge(table: cython.pointer[Table], needed: uint64_t) -> cython.bint:
    """Makes room for `needed` elements, and for as many again, so that growing one by one stays linear."""
    capacity: uint64_t = max(needed, min(2 * table.capacity, table.maximum))
    if capacity > MAX_ELEMS:
        return False
    elems: cython.p_void = realloc(table.elems, capacity * cython.sizeof(uint64_t))
    if elems == cython.NULL:
        return False
    table.elems = cython.cast(cython.pointer[uint64_t], elems)
    table.capacity = capacity
    return True


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def table_get(table: cython.pointer[Table], index: uint64_t, value: cython.pointer[uint64_t]) -> uint32_t:
    if index >= table.size:
        return TRAP_OUT_OF_BOUNDS_TABLE_ACCESS
    value[0] = table.elems[index]
    return TRAP_NONE


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def table_set(table: cython.pointer[Table], index: uint64_t, value: uint64_t) -> uint32_t:
    if index >= table.size:
        return TRAP_OUT_OF_BOUNDS_TABLE_ACCESS
    table.elems[index] = value
    return TRAP_NONE


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def table_fill(
    ctx: cython.pointer[VMContext],
    table: cython.pointer[Table],
    start: uint64_t,
    value: uint64_t,
    count: uint64_t,
) -> uint32_t:
    if not is_inside(start, count, table.size):
        return TRAP_OUT_OF_BOUNDS_TABLE_ACCESS
    step: uint64_t
    trap: uint32_t
    while count != 0:
        step = min(count, CHUNK)
        fill(table.elems + start, value, step)
        start += step
        count -= step
        if ctx.interrupt != 0:
            trap = ctx.poll(ctx)
            if trap != TRAP_NONE:
                return trap
    return TRAP_NONE


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def table_copy(
    ctx: cython.pointer[VMContext],
    dst_table: cython.pointer[Table],
    src_table: cython.pointer[Table],
    dst: uint64_t,
    src: uint64_t,
    count: uint64_t,
) -> uint32_t:
    if not is_inside(dst, count, dst_table.size) or not is_inside(src, count, src_table.size):
        return TRAP_OUT_OF_BOUNDS_TABLE_ACCESS
    backward: cython.bint = dst_table == src_table and dst > src
    step: uint64_t
    trap: uint32_t
    while count != 0:
        step = min(count, CHUNK)
        count -= step
        if backward:
            memmove(
                dst_table.elems + dst + count, src_table.elems + src + count, step * cython.sizeof(uint64_t)
            )
        else:
            memmove(dst_table.elems + dst, src_table.elems + src, step * cython.sizeof(uint64_t))
            dst += step
            src += step
        if ctx.interrupt != 0:
            trap = ctx.poll(ctx)
            if trap != TRAP_NONE:
                return trap
    return TRAP_NONE


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def table_init(
    ctx: cython.pointer[VMContext],
    table: cython.pointer[Table],
    segment: cython.pointer[ElemSegment],
    dst: uint64_t,
    src: uint64_t,
    count: uint64_t,
) -> uint32_t:
    if not is_inside(dst, count, table.size) or not is_inside(src, count, segment.count):
        return TRAP_OUT_OF_BOUNDS_TABLE_ACCESS
    # A segment is bounded by the module's size, so this needs no poll.
    memcpy(table.elems + dst, segment.refs + src, count * cython.sizeof(uint64_t))
    return TRAP_NONE
