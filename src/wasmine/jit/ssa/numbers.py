"""What is known to be equal where, and the versions of the state; see numbers.pxd.

One hash table serves all blocks: an entry from a block that does not dominate the current one is from a
subtree that is done with, and gives way.

A write makes a new version of the state; a block whose predecessors come with different ones, or the header
of a loop that writes, starts with a new one. A store leaves its value as what a load from there gives at the
new version. A load may look past stores that provably went elsewhere: the same address with a disjoint range
of offsets, which cannot wrap around; another field; another global.
"""

import cython
from cython.cimports.libc.stdint import uint32_t, uint64_t
from cython.cimports.libc.string import memcpy, memset
from cython.cimports.wasmine.jit.ssa import ops as o
from cython.cimports.wasmine.jit.ssa.function import (
    B_LOOP,
    Block,
    Inst,
    SsaFunc,
    args_of,
    dominates,
)
from cython.cimports.wasmine.jit.ssa.info import EFFECTS, WIDTH
from cython.cimports.wasmine.jit.ssa.numbers import Entry, Numbering, Slot, Version, version_of
from cython.cimports.wasmine.jit.ssa.rules import is_const
from cython.cimports.wasmine.jit.ssa.state import (
    ALL_CLASSES,
    CLASS_OBJECTS,
    N_CLASSES,
    written_by,
)
from cython.cimports.wasmine.jit.workspace import put_back, resize, take_zeros
from cython.cimports.wasmine.runtime.heap import OBJECT_HEADER
from cython.cimports.wasmine.runtime.vm import ModuleCode
from cython.cimports.wasmine.spec.types import TypeDef

Func = cython.typedef(cython.pointer[SsaFunc])
Words = cython.typedef(cython.pointer[uint32_t])
Numbers = cython.typedef(cython.pointer[Numbering])


# --- the table


@cython.cfunc
@cython.inline
@cython.nogil
@cython.exceptval(check=False)
def hash_of(e: cython.pointer[Entry]) -> uint32_t:
    """A hash of what makes an entry."""
    h: uint64_t = e.imm + e.op
    h = (h ^ (cython.cast(uint64_t, e.a) << 32 | e.b)) * cython.cast(uint64_t, 0x9E3779B97F4A7C15)
    h = (h ^ (h >> 29) ^ (cython.cast(uint64_t, e.c) << 32 | e.aux)) * cython.cast(
        uint64_t, 0xBF58476D1CE4E5B9
    )
    h = (h ^ (h >> 32) ^ e.version) * cython.cast(uint64_t, 0x94D049BB133111EB)
    return cython.cast(uint32_t, h >> 32)


@cython.cfunc
@cython.inline
@cython.nogil
@cython.exceptval(check=False)
def same(a: cython.pointer[Entry], b: cython.pointer[Entry]) -> cython.bint:
    """Whether two entries are of the same."""
    return (
        a.op == b.op
        and a.a == b.a
        and a.b == b.b
        and a.c == b.c
        and a.imm == b.imm
        and a.aux == b.aux
        and a.version == b.version
    )


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def grow(n: Numbers) -> cython.bint:
    """Room for one more entry, with at most half of the table in use."""
    capacity: uint64_t = n.max_entries * cython.cast(uint64_t, 2)
    entries: cython.p_void = resize(n.f.work, n.entries, capacity * cython.sizeof(Entry))
    table: cython.pointer[Slot]
    i: uint32_t
    at: uint32_t
    hash: uint32_t
    if entries == cython.NULL:
        n.f.failed = 1
        return False
    n.entries = cython.cast(cython.pointer[Entry], entries)
    table = cython.cast(cython.pointer[Slot], take_zeros(n.f.work, 2 * capacity, cython.sizeof(Slot)))
    if table == cython.NULL:
        n.f.failed = 1
        return False
    put_back(n.f.work, n.table)
    n.table = table
    n.max_entries = cython.cast(uint32_t, capacity)
    n.mask = 2 * n.max_entries - 1
    for i in range(1, n.n_entries):
        hash = hash_of(n.entries + i)
        at = hash & n.mask
        while table[at].entry != 0:
            at = (at + 1) & n.mask
        table[at].entry = i
        table[at].hash = hash
    return True


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def find(n: Numbers, key: cython.pointer[Entry], hash: uint32_t) -> cython.pointer[Entry]:
    """The entry of the same, or NULL. It may be from a block that does not dominate."""
    at: uint32_t = hash & n.mask
    while n.table[at].entry != 0:
        if n.table[at].hash == hash and same(n.entries + n.table[at].entry, key):
            return n.entries + n.table[at].entry
        at = (at + 1) & n.mask
    return cython.NULL


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def enter(n: Numbers, key: cython.pointer[Entry], value: uint32_t) -> cython.void:
    """Sets the value of an entry, new or old, in the current block."""
    at: uint32_t
    hash: uint32_t = hash_of(key)
    entry: cython.pointer[Entry] = find(n, key, hash)
    if entry == cython.NULL:
        if n.n_entries == n.max_entries and not grow(n):
            return
        at = hash & n.mask
        while n.table[at].entry != 0:
            at = (at + 1) & n.mask
        n.table[at].entry = n.n_entries
        n.table[at].hash = hash
        entry = n.entries + n.n_entries
        n.n_entries += 1
        entry[0] = key[0]
    entry.value = value
    entry.block = n.block


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def value_of(n: Numbers, key: cython.pointer[Entry]) -> uint32_t:
    """The value of an entry that holds here, or 0."""
    entry: cython.pointer[Entry] = find(n, key, hash_of(key))
    if entry == cython.NULL or not dominates(n.f, entry.block, n.block):
        return 0
    return entry.value


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def key_of(n: Numbers, inst: cython.pointer[Inst]) -> Entry:
    """The entry of an instruction with at most three operands, but for the version."""
    e: Entry
    swap: uint32_t
    memset(cython.address(e), 0, cython.sizeof(Entry))
    e.op = inst.op
    e.imm = inst.imm
    e.aux = inst.aux
    if inst.n_args > 0:
        e.a = inst.args[0]
    if inst.n_args > 1:
        e.b = inst.args[1]
    if inst.n_args > 2:
        e.c = inst.args[2]
    if EFFECTS[inst.op] & o.E_COMMUTES and e.a > e.b:
        swap = e.a
        e.a = e.b
        e.b = swap
    if inst.op == o.TRAP_IF:
        # Whatever it traps with: it did not.
        e.imm = 0
    elif inst.op == o.CHECK_BOUNDS:
        e.imm = 0
        e.b = 0
    return e


# --- state


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def new_version(n: Numbers, before: uint32_t, store: uint32_t) -> uint32_t:
    """A version that no other is equal to."""
    capacity: uint64_t
    moved: cython.p_void
    if n.n_versions == n.max_versions:
        capacity = n.max_versions * cython.cast(uint64_t, 2)
        moved = resize(n.f.work, n.versions, capacity * cython.sizeof(Version))
        if moved == cython.NULL:
            n.f.failed = 1
            return 0
        n.versions = cython.cast(cython.pointer[Version], moved)
        n.max_versions = cython.cast(uint32_t, capacity)
    n.versions[n.n_versions].before = before
    n.versions[n.n_versions].store = store
    n.n_versions += 1
    return n.n_versions - 1


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def new_row(n: Numbers, row: uint32_t) -> uint32_t:
    """A row of versions as another one."""
    capacity: uint64_t
    moved: cython.p_void
    if n.n_rows == n.max_rows:
        capacity = n.max_rows * cython.cast(uint64_t, 2)
        moved = resize(n.f.work, n.rows, capacity * N_CLASSES * cython.sizeof(uint32_t))
        if moved == cython.NULL:
            n.f.failed = 1
            return 0
        n.rows = cython.cast(Words, moved)
        n.max_rows = cython.cast(uint32_t, capacity)
    memcpy(
        n.rows + n.n_rows * N_CLASSES,
        n.rows + row * N_CLASSES,
        N_CLASSES * cython.cast(cython.size_t, cython.sizeof(uint32_t)),
    )
    n.n_rows += 1
    return n.n_rows - 1


@cython.cfunc
@cython.inline
@cython.nogil
@cython.exceptval(check=False)
def differences(n: Numbers, row: uint32_t, other: uint32_t) -> uint32_t:
    """The classes whose versions differ in two rows."""
    mask: uint32_t = 0
    c: uint32_t
    for c in range(N_CLASSES):
        if n.rows[row * N_CLASSES + c] != n.rows[other * N_CLASSES + c]:
            mask |= cython.cast(uint32_t, 1) << c
    return mask


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def enter_state(n: Numbers) -> cython.void:
    """The versions at the start of the current block. Where they are those of its predecessors, so is the
    row.
    """
    f: Func = n.f
    b: cython.pointer[Block] = f.blocks + n.block
    fresh: uint32_t = n.written[n.block] if b.flags & B_LOOP else 0
    row: uint32_t = 0
    source: uint32_t
    c: uint32_t
    k: uint32_t
    for k in range(b.n_preds):
        source = f.edges[f.preds[b.preds + k]].source
        if f.blocks[source].order >= b.order:
            continue
        if row == 0:
            row = n.state[source]
        elif n.state[source] != row:
            fresh |= differences(n, row, n.state[source])
    if row == 0:
        fresh = ALL_CLASSES
    n.is_own = fresh != 0
    if fresh != 0:
        row = new_row(n, row)
        for c in range(N_CLASSES):
            if fresh >> c & 1:
                n.rows[row * N_CLASSES + c] = new_version(n, 0, 0)
    n.state[n.block] = row


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def own_row(n: Numbers) -> Words:
    """The versions of the current block, to be written: from here on it shares them with no block before."""
    if not n.is_own:
        n.state[n.block] = new_row(n, n.state[n.block])
        n.is_own = True
    return n.rows + n.state[n.block] * N_CLASSES


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def is_other_part(f: Func, store: cython.pointer[Inst], read: cython.pointer[Inst]) -> cython.bint:
    """Whether a store to a GC object and a read of one are of different parts, whether or not the objects are
    the same.

    A structure is no array, and the elements of an array have one size.
    """
    element: cython.bint = is_element(store.op)
    if element != is_element(read.op):
        return True
    if not element:
        return store.imm + WIDTH[store.op] <= read.imm or read.imm + WIDTH[read.op] <= store.imm
    return WIDTH[store.op] != WIDTH[read.op] or (
        is_const(f, store.args[1])
        and is_const(f, read.args[1])
        and f.insts[store.args[1]].imm != f.insts[read.args[1]].imm
    )


@cython.cfunc
@cython.inline
@cython.nogil
@cython.exceptval(check=False)
def is_element(op: uint32_t) -> cython.bint:
    """Whether an op accesses an element of an array."""
    return (op >= o.ELEMENT_LOAD8_S and op <= o.ELEMENT_LOAD128) or (
        op >= o.ELEMENT_STORE8 and op <= o.ELEMENT_STORE128
    )


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def is_elsewhere(n: Numbers, version: uint32_t, read: cython.pointer[Inst]) -> cython.bint:
    """Whether the store that made a version is known not to write what an instruction reads."""
    f: Func = n.f
    store: cython.pointer[Inst]
    end: uint64_t
    low: uint64_t
    address: uint64_t
    if n.versions[version].store == 0:
        return False
    store = f.insts + n.versions[version].store
    if store.op == o.GLOBAL_SET:
        return store.aux != read.aux and not (store.imm and read.imm)
    if EFFECTS[store.op] & o.E_WRITES_OBJECTS:
        return is_other_part(f, store, read)
    if store.aux & 0xFFFFFF != read.aux & 0xFFFFFF:
        # Two memories of a module may be one and the same, imported twice.
        return False
    low = store.imm
    address = read.imm
    if store.args[0] != read.args[0]:
        if not is_const(f, store.args[0]) or not is_const(f, read.args[0]):
            return False
        low += f.insts[store.args[0]].imm
        address += f.insts[read.args[0]].imm
        if low < store.imm or address < read.imm:
            return False
    end = low + WIDTH[store.op]
    if end < low or address + WIDTH[read.op] < address:
        return False
    return end <= address or address + WIDTH[read.op] <= low


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def load_of(op: uint32_t) -> uint32_t:
    """The load that gives back what a store has written, or 0."""
    if op == o.I32_STORE:
        return o.I32_LOAD
    elif op == o.I64_STORE:
        return o.I64_LOAD
    elif op == o.F32_STORE:
        return o.F32_LOAD
    elif op == o.F64_STORE:
        return o.F64_LOAD
    elif op == o.V128_STORE:
        return o.V128_LOAD
    elif op == o.GLOBAL_SET:
        return o.GLOBAL_GET
    elif op == o.OBJECT_STORE32:
        return o.OBJECT_LOAD32
    elif op == o.OBJECT_STORE64:
        return o.OBJECT_LOAD64
    elif op == o.OBJECT_STORE128:
        return o.OBJECT_LOAD128
    elif op == o.ELEMENT_STORE32:
        return o.ELEMENT_LOAD32
    elif op == o.ELEMENT_STORE64:
        return o.ELEMENT_LOAD64
    elif op == o.ELEMENT_STORE128:
        return o.ELEMENT_LOAD128
    return 0


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def note_write(n: Numbers, id: uint32_t) -> cython.void:
    """New versions of what an instruction writes; what a load finds behind a store."""
    f: Func = n.f
    inst: cython.pointer[Inst] = f.insts + id
    mask: uint32_t = written_by(inst)
    state: Words
    is_store: cython.bint = WIDTH[inst.op] != 0 and not EFFECTS[inst.op] & o.E_FENCES
    c: uint32_t
    key: Entry
    value: uint32_t
    if mask == 0:
        return
    is_store = is_store or inst.op == o.GLOBAL_SET
    state = own_row(n)
    for c in range(N_CLASSES):
        if not mask >> c & 1:
            continue
        state[c] = new_version(n, state[c], id if is_store else 0)
        if is_store and load_of(inst.op) != 0:
            memset(cython.address(key), 0, cython.sizeof(Entry))
            key.op = load_of(inst.op)
            key.aux = inst.aux
            key.version = state[c]
            key.imm = inst.imm
            value = inst.args[0]
            if inst.op != o.GLOBAL_SET:
                key.a = inst.args[0]
                value = inst.args[1]
                if inst.n_args > 2:
                    # The index of an element is before the value, the base of a memory behind it.
                    key.b = inst.args[1] if is_element(inst.op) else inst.args[2]
                    value = inst.args[2] if is_element(inst.op) else inst.args[1]
            enter(n, cython.address(key), value)


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def note_structure(n: Numbers, id: uint32_t) -> cython.void:
    """What loads find in a new structure."""
    f: Func = n.f
    code: cython.pointer[ModuleCode]
    type: cython.pointer[TypeDef]
    key: Entry
    i: uint32_t
    if f.ir == cython.NULL:
        return
    code = cython.cast(cython.pointer[ModuleCode], f.ir.code_module)
    type = code.defs[cython.cast(uint32_t, f.insts[id].imm)]
    memset(cython.address(key), 0, cython.sizeof(Entry))
    key.a = id
    key.version = version_of(n, CLASS_OBJECTS)
    for i in range(type.n_fields):
        if type.fields[i].size < 4:
            continue  # the load extends what the store cut off
        key.op = o.OBJECT_LOAD32
        if type.fields[i].size != 4:
            key.op = o.OBJECT_LOAD64 if type.fields[i].size == 8 else o.OBJECT_LOAD128
        key.imm = OBJECT_HEADER + type.fields[i].offset
        enter(n, cython.address(key), args_of(f, f.insts + id)[i])
