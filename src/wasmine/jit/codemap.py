"""Notes on places in native code, and the way from an address to them; see codemap.pxd.

A packed note is three numbers, 7 bits to a byte, low ones first: how far its offset is from that of the note
before, its position likewise, its site. The first has the kind in its low bits; the second has its sign
there, and whether the third follows, for the site is often the same.

All ranges of code in the process are in one sorted table, all maps of a range in another. Who adds to them
holds a lock; who looks things up counts as a reader meanwhile, and a table that was replaced is freed at the
next change that finds no reader.
"""

import os

import cython
from cython.cimports.libc.stdint import int32_t, uint8_t, uint32_t, uint64_t
from cython.cimports.libc.stdlib import calloc, free, malloc, realloc
from cython.cimports.libc.string import memcpy, memset
from cython.cimports.wasmine.ir.func import IrFunc
from cython.cimports.wasmine.jit.codemap import (
    NOTE_FAULT,
    CodeMap,
    CodeRange,
    Landing,
    Mark,
    Note,
    Notes,
    Table,
)
from cython.cimports.wasmine.jit.ssa.function import Site
from cython.cimports.wasmine.runtime.clib import (
    ATOMIC_ACQUIRE,
    ATOMIC_RELEASE,
    ATOMIC_SEQ_CST,
    atomic_add_u32,
    atomic_exchange_u32,
    atomic_load_u32,
    atomic_load_u64,
    atomic_store_u32,
    atomic_store_u64,
    sched_yield,
)
from cython.cimports.wasmine.runtime.vm import MAX_INLINED, FramePlace

Map = cython.typedef(cython.pointer[cython.const[CodeMap]])
Tables = cython.typedef(cython.pointer[Table])
Ranges = cython.typedef(cython.pointer[CodeRange])
Maps = cython.typedef(cython.pointer[cython.pointer[CodeMap]])

MARK_EVERY = cython.declare(cython.const[uint32_t], 32)
# Three numbers of 32 bits, one with two bits more.
MAX_NOTE = cython.declare(cython.const[uint32_t], 16)

ranges = cython.declare(cython.pointer[Table], cython.NULL)
retired = cython.declare(cython.pointer[Table], cython.NULL)
readers = cython.declare(uint32_t, 0)
lock = cython.declare(uint32_t, 0)


# --- notes


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def init_notes(notes: cython.pointer[Notes]) -> cython.void:
    memset(notes, 0, cython.sizeof(Notes))


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def free_notes(notes: cython.pointer[Notes]) -> cython.void:
    free(notes.notes)
    free(notes.landings)
    free(notes.sites)
    memset(notes, 0, cython.sizeof(Notes))


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def room(
    notes: cython.pointer[Notes],
    array: cython.p_void,
    used: uint32_t,
    capacity: cython.pointer[uint32_t],
    size: cython.size_t,
) -> cython.p_void:
    """The array with room for one more record."""
    new: uint64_t
    moved: cython.p_void
    if used < capacity[0]:
        return array
    new = 2 * cython.cast(uint64_t, capacity[0]) + 16
    moved = realloc(array, new * size)
    if moved == cython.NULL:
        notes.failed = 1
        return array
    capacity[0] = cython.cast(uint32_t, new)
    return moved


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def add_note(
    notes: cython.pointer[Notes], offset: uint32_t, pos: uint32_t, site: uint32_t, kind: uint32_t
) -> cython.void:
    """See codemap.pxd."""
    note: cython.pointer[Note]
    notes.notes = cython.cast(
        cython.pointer[Note],
        room(notes, notes.notes, notes.n_notes, cython.address(notes.max_notes), cython.sizeof(Note)),
    )
    if notes.failed:
        return
    note = notes.notes + notes.n_notes
    note.offset = offset
    note.pos = pos
    note.site = site
    note.kind = kind
    notes.n_notes += 1


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def add_landing(
    notes: cython.pointer[Notes], offset: uint32_t, kind: uint32_t, tag: uint32_t, target: uint32_t
) -> cython.void:
    """See codemap.pxd."""
    landing: cython.pointer[Landing]
    max: cython.pointer[uint32_t] = cython.address(notes.max_landings)
    notes.landings = cython.cast(
        cython.pointer[Landing],
        room(notes, notes.landings, notes.n_landings, max, cython.sizeof(Landing)),
    )
    if notes.failed:
        return
    landing = notes.landings + notes.n_landings
    landing.offset = offset
    landing.kind = kind
    landing.tag = tag
    landing.target = target
    notes.n_landings += 1


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def copy_sites(
    notes: cython.pointer[Notes], sites: cython.pointer[cython.const[Site]], n: uint32_t
) -> cython.void:
    """See codemap.pxd."""
    notes.sites = cython.cast(
        cython.pointer[Site], malloc((n + 1) * cython.cast(cython.size_t, cython.sizeof(Site)))
    )
    if notes.sites == cython.NULL:
        notes.failed = 1
        return
    memcpy(notes.sites, sites, n * cython.cast(cython.size_t, cython.sizeof(Site)))
    notes.n_sites = n


# --- packing


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def put_number(at: cython.pointer[uint8_t], value: uint64_t) -> cython.pointer[uint8_t]:
    while value >= 0x80:
        at[0] = cython.cast(uint8_t, value | 0x80)
        at += 1
        value >>= 7
    at[0] = cython.cast(uint8_t, value)
    return at + 1


@cython.cfunc
@cython.inline
@cython.nogil
@cython.exceptval(check=False)
def take_number(at: cython.pointer[cython.pointer[cython.const[uint8_t]]]) -> uint64_t:
    value: uint64_t = 0
    shift: uint32_t = 0
    byte: uint8_t = 0x80
    while byte & 0x80:
        byte = at[0][0]
        at[0] += 1
        value |= cython.cast(uint64_t, byte & 0x7F) << shift
        shift += 7
    return value


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def put_note(
    at: cython.pointer[uint8_t],
    before: cython.pointer[cython.const[Note]],
    note: cython.pointer[cython.const[Note]],
) -> cython.pointer[uint8_t]:
    distance: int32_t = cython.cast(int32_t, note.pos - before.pos)
    head: uint64_t = cython.cast(uint64_t, note.offset - before.offset) << 2 | note.kind
    pos: uint64_t = cython.cast(uint64_t, -distance if distance < 0 else distance) << 2
    if distance < 0:
        pos |= 1
    if note.site != before.site:
        pos |= 2
    at = put_number(put_number(at, head), pos)
    if note.site != before.site:
        at = put_number(at, note.site)
    return at


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def take_note(
    at: cython.pointer[cython.pointer[cython.const[uint8_t]]], note: cython.pointer[Note]
) -> cython.void:
    """The next note, given the one before in `note`."""
    head: uint64_t = take_number(at)
    pos: uint64_t = take_number(at)
    distance: uint32_t = cython.cast(uint32_t, pos >> 2)
    note.kind = head & 3
    note.offset += cython.cast(uint32_t, head >> 2)
    note.pos += 0 - distance if pos & 1 else distance
    if pos & 2:
        note.site = cython.cast(uint32_t, take_number(at))


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def new_map(
    start: cython.pointer[uint8_t],
    size: uint32_t,
    kind: uint32_t,
    func: cython.pointer[IrFunc],
    notes: cython.pointer[cython.const[Notes]],
) -> cython.pointer[CodeMap]:
    """See codemap.pxd."""
    map: cython.pointer[CodeMap]
    packed: cython.pointer[uint8_t] = cython.NULL
    n_marks: uint32_t = 0
    bytes: cython.size_t = 0
    if notes != cython.NULL:
        n_marks = (notes.n_notes + MARK_EVERY - 1) // MARK_EVERY
        packed = cython.cast(
            cython.pointer[uint8_t], malloc(cython.cast(cython.size_t, notes.n_notes) * MAX_NOTE + 1)
        )
        if packed == cython.NULL:
            return cython.NULL
        bytes = pack_notes(notes, packed, cython.NULL)
    map = cython.cast(cython.pointer[CodeMap], allocate_map(notes, n_marks, bytes))
    if map != cython.NULL:
        map.start = start
        map.size = size
        map.kind = kind
        map.func = func
        if notes != cython.NULL:
            fill_map(map, notes, n_marks, packed, cython.cast(uint32_t, bytes))
    free(packed)
    return map


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def allocate_map(
    notes: cython.pointer[cython.const[Notes]], n_marks: uint32_t, bytes: cython.size_t
) -> cython.p_void:
    size: cython.size_t = cython.sizeof(CodeMap) + bytes
    if notes != cython.NULL:
        size += n_marks * cython.sizeof(Mark)
        size += notes.n_landings * cython.sizeof(Landing) + notes.n_sites * cython.sizeof(Site)
    return calloc(1, size)


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def fill_map(
    map: cython.pointer[CodeMap],
    notes: cython.pointer[cython.const[Notes]],
    n_marks: uint32_t,
    packed: cython.pointer[uint8_t],
    n_bytes: uint32_t,
) -> cython.void:
    """Behind the map: sites, marks, landings, packed notes."""
    map.frame = notes.frame
    map.n_marks = n_marks
    map.n_bytes = n_bytes
    map.n_landings = notes.n_landings
    map.n_sites = notes.n_sites
    map.sites = cython.cast(cython.pointer[Site], map + 1)
    map.marks = cython.cast(cython.pointer[Mark], map.sites + map.n_sites)
    map.landings = cython.cast(cython.pointer[Landing], map.marks + n_marks)
    map.bytes = cython.cast(cython.pointer[uint8_t], map.landings + map.n_landings)
    if map.n_sites != 0:
        memcpy(map.sites, notes.sites, map.n_sites * cython.sizeof(Site))
    if map.n_landings != 0:
        memcpy(map.landings, notes.landings, map.n_landings * cython.sizeof(Landing))
    memcpy(map.bytes, packed, n_bytes)
    pack_notes(notes, packed, map.marks)


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def pack_notes(
    notes: cython.pointer[cython.const[Notes]], packed: cython.pointer[uint8_t], marks: cython.pointer[Mark]
) -> cython.size_t:
    """Writes the packed notes, and the marks if there is room for them; returns the size of the notes."""
    at: cython.pointer[uint8_t] = packed
    i: uint32_t
    for i in range(notes.n_notes):
        if i % MARK_EVERY != 0:
            at = put_note(at, notes.notes + (i - 1), notes.notes + i)
        elif marks != cython.NULL:
            marks[i // MARK_EVERY].note = notes.notes[i]
            marks[i // MARK_EVERY].next = cython.cast(uint32_t, at - packed)
    return at - packed


# --- ranges


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def take_lock() -> cython.void:
    while atomic_exchange_u32(cython.address(lock), 1, ATOMIC_ACQUIRE):
        sched_yield()


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def give_lock() -> cython.void:
    atomic_store_u32(cython.address(lock), 0, ATOMIC_RELEASE)


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def new_table(max: uint32_t, size: cython.size_t) -> cython.pointer[Table]:
    table: cython.pointer[Table] = cython.cast(
        cython.pointer[Table], malloc(cython.sizeof(Table) + max * size)
    )
    if table != cython.NULL:
        table.next = cython.NULL
        table.n = 0
        table.max = max
    return table


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def replace(where: cython.pointer[cython.pointer[Table]], table: cython.pointer[Table]) -> cython.void:
    """Puts a table in the place of another, which is freed when nobody reads it. With the lock held."""
    global retired
    old: cython.pointer[Table] = where[0]
    atomic_store_u64(
        cython.cast(cython.pointer[uint64_t], where),
        cython.cast(uint64_t, cython.cast(cython.size_t, table)),
        ATOMIC_SEQ_CST,
    )
    if old != cython.NULL:
        old.next = retired
        retired = old
    # Who starts to read now sees the new table.
    if atomic_load_u32(cython.address(readers), ATOMIC_SEQ_CST) == 0:
        while retired != cython.NULL:
            old = retired
            retired = old.next
            free(old)


@cython.cfunc
@cython.inline
@cython.nogil
@cython.exceptval(check=False)
def read_table(where: cython.pointer[cython.pointer[Table]]) -> cython.pointer[Table]:
    return cython.cast(
        cython.pointer[Table],
        cython.cast(
            cython.size_t, atomic_load_u64(cython.cast(cython.pointer[uint64_t], where), ATOMIC_SEQ_CST)
        ),
    )


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def add_range(start: cython.pointer[uint8_t], size: cython.size_t) -> cython.bint:
    """See codemap.pxd."""
    table: cython.pointer[Table]
    maps: cython.pointer[Table] = new_table(16, cython.sizeof(cython.p_void))
    old: Ranges = cython.NULL
    new: Ranges
    n: uint32_t = 0
    i: uint32_t = 0
    take_lock()
    if ranges != cython.NULL:
        n = ranges.n
        old = cython.cast(Ranges, ranges + 1)
    table = new_table(n + 1, cython.sizeof(CodeRange))
    if table == cython.NULL or maps == cython.NULL:
        give_lock()
        free(table)
        free(maps)
        return False
    new = cython.cast(Ranges, table + 1)
    table.n = n + 1
    while i < n and old[i].start < start:
        i += 1
    if n != 0:
        memcpy(new, old, i * cython.sizeof(CodeRange))
        memcpy(new + i + 1, old + i, (n - i) * cython.sizeof(CodeRange))
    new[i].start = start
    new[i].end = start + size
    new[i].maps = maps
    replace(cython.address(ranges), table)
    give_lock()
    return True


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def remove_range(start: cython.pointer[uint8_t]) -> cython.void:
    """See codemap.pxd."""
    table: cython.pointer[Table]
    maps: cython.pointer[Table]
    old: Ranges
    new: Ranges
    n: uint32_t
    i: uint32_t = 0
    take_lock()
    old = cython.cast(Ranges, ranges + 1)
    n = ranges.n
    while old[i].start != start:
        i += 1
    maps = old[i].maps
    table = new_table(n - 1, cython.sizeof(CodeRange))
    if table != cython.NULL:
        new = cython.cast(Ranges, table + 1)
        table.n = n - 1
        memcpy(new, old, i * cython.sizeof(CodeRange))
        memcpy(new + i, old + i + 1, (n - 1 - i) * cython.sizeof(CodeRange))
        replace(cython.address(ranges), table)
    else:
        # Without memory for a copy the range stays, empty: nobody looks for addresses in it.
        old[i].end = start
        old[i].maps = cython.NULL
    give_lock()
    for i in range(maps.n):
        free(cython.cast(Maps, maps + 1)[i])
    free(maps)


@cython.cfunc
@cython.inline
@cython.nogil
@cython.exceptval(check=False)
def range_of(pc: cython.pointer[cython.const[uint8_t]]) -> Ranges:
    """The range that an address is in, or NULL; for a reader, or with the lock held."""
    table: cython.pointer[Table] = read_table(cython.address(ranges))
    list: Ranges
    low: uint32_t = 0
    high: uint32_t
    middle: uint32_t
    if table == cython.NULL:
        return cython.NULL
    list = cython.cast(Ranges, table + 1)
    high = table.n
    while low < high:
        middle = (low + high) >> 1
        if list[middle].start <= pc:
            low = middle + 1
        else:
            high = middle
    if low == 0 or pc >= list[low - 1].end:
        return cython.NULL
    return list + (low - 1)


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def add_map(map: cython.pointer[CodeMap]) -> cython.bint:
    """See codemap.pxd."""
    home: Ranges
    table: cython.pointer[Table]
    done: cython.bint = False
    take_lock()
    home = range_of(map.start)
    if home != cython.NULL:
        table = home.maps
        if table.n == table.max:
            table = new_table(2 * table.max, cython.sizeof(cython.p_void))
            if table != cython.NULL:
                memcpy(table + 1, home.maps + 1, home.maps.n * cython.sizeof(cython.p_void))
                table.n = home.maps.n
                replace(cython.address(home.maps), table)
        if table != cython.NULL:
            cython.cast(Maps, table + 1)[table.n] = map
            atomic_store_u32(cython.address(table.n), table.n + 1, ATOMIC_RELEASE)
            done = True
    give_lock()
    return done


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def find_map(pc: cython.pointer[cython.const[cython.void]]) -> Map:
    """See codemap.pxd."""
    found: Map = cython.NULL
    at: cython.pointer[cython.const[uint8_t]] = cython.cast(cython.pointer[cython.const[uint8_t]], pc)
    home: Ranges
    atomic_add_u32(cython.address(readers), 1, ATOMIC_SEQ_CST)
    home = range_of(at)
    if home != cython.NULL:
        found = map_in(read_table(cython.address(home.maps)), at)
    atomic_add_u32(cython.address(readers), cython.cast(uint32_t, -1), ATOMIC_SEQ_CST)
    return found


@cython.cfunc
@cython.inline
@cython.nogil
@cython.exceptval(check=False)
def map_in(table: cython.pointer[Table], pc: cython.pointer[cython.const[uint8_t]]) -> Map:
    list: Maps = cython.cast(Maps, table + 1)
    low: uint32_t = 0
    high: uint32_t = atomic_load_u32(cython.address(table.n), ATOMIC_ACQUIRE)
    middle: uint32_t
    while low < high:
        middle = (low + high) >> 1
        if list[middle].start <= pc:
            low = middle + 1
        else:
            high = middle
    # A return address may be right behind the last instruction.
    if low == 0 or pc > list[low - 1].start + list[low - 1].size:
        return cython.NULL
    return list[low - 1]


# --- looking things up


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def last_note(map: Map, offset: uint32_t, found: cython.pointer[Note]) -> cython.bint:
    """The last note that is for `offset` or before."""
    low: uint32_t = 0
    high: uint32_t = map.n_marks
    middle: uint32_t
    at: cython.pointer[cython.const[uint8_t]]
    end: cython.pointer[cython.const[uint8_t]]
    next = cython.declare(Note)
    while low < high:
        middle = (low + high) >> 1
        if map.marks[middle].note.offset <= offset:
            low = middle + 1
        else:
            high = middle
    if low == 0:
        return False
    found[0] = map.marks[low - 1].note
    at = map.bytes + map.marks[low - 1].next
    end = map.bytes + (map.marks[low].next if low < map.n_marks else map.n_bytes)
    next = found[0]
    while at < end:
        take_note(cython.address(at), cython.address(next))
        if next.offset > offset:
            break
        found[0] = next
    return True


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def find_note(map: Map, offset: uint32_t, found: cython.pointer[Note]) -> cython.bint:
    """See codemap.pxd."""
    return last_note(map, offset, found) and found.offset == offset


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def find_fault(map: Map, offset: uint32_t, found: cython.pointer[Note]) -> cython.bint:
    """See codemap.pxd."""
    return last_note(map, offset + 1, found) and found.kind == NOTE_FAULT


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def find_landings(
    map: Map, offset: uint32_t, n: cython.pointer[uint32_t]
) -> cython.pointer[cython.const[Landing]]:
    """See codemap.pxd."""
    low: uint32_t = 0
    high: uint32_t = map.n_landings
    middle: uint32_t
    end: uint32_t
    while low < high:
        middle = (low + high) >> 1
        if map.landings[middle].offset < offset:
            low = middle + 1
        else:
            high = middle
    end = low
    while end < map.n_landings and map.landings[end].offset == offset:
        end += 1
    n[0] = end - low
    return map.landings + low


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def expand_place(
    map: cython.pointer[cython.const[cython.void]], at: uint64_t, places: cython.pointer[FramePlace]
) -> uint32_t:
    """See codemap.pxd."""
    code: Map = cython.cast(Map, map)
    note = cython.declare(Note)
    n: uint32_t = 0
    site: uint32_t
    if not find_note(code, cython.cast(uint32_t, at), cython.address(note)):
        return 0
    site = note.site
    places[0].pos = note.pos
    while site != 0:
        if n < MAX_INLINED:
            places[n].func = code.sites[site].func
        n += 1
        if n < MAX_INLINED:
            places[n].pos = code.sites[site].pos
        site = code.sites[site].site
    if n < MAX_INLINED:
        places[n].func = code.func
    return n + 1


def after_fork() -> None:
    """In the child: whoever held the lock, or was reading, is not there."""
    global lock, readers
    lock = 0
    readers = 0


os.register_at_fork(after_in_child=after_fork)
