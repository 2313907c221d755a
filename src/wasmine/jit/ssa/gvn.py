"""Global value numbering: equal values are computed once, where the first of them dominates the others.

Blocks are visited in preorder of the dominator tree, with one hash table: an entry from a block that does not
dominate the current one is from a subtree that is done with, and gives way.

Reads of state are values, too, of operands and a version of the state (state.pxd). A write makes a new
version; a block whose predecessors come with different ones, or the header of a loop that writes, starts with
a new one. A store leaves its value as what a load from there gives at the new version. A load may look past
stores that provably went elsewhere: the same address with a disjoint range of offsets, which cannot wrap
around; another field; another global.

What traps is done again no more when it has been done: the same condition, bounds checked at least as far (a
memory never shrinks). Behind a branch, its condition is known, and what it says of a reference: that it is
not null, that it is of a type.
"""

import cython
from cython.cimports.libc.stdint import uint32_t, uint64_t
from cython.cimports.libc.stdlib import calloc, free, malloc, realloc
from cython.cimports.libc.string import memset
from cython.cimports.wasmine.jit.ssa import ops as o
from cython.cimports.wasmine.jit.ssa.dce import rewrite_and_count
from cython.cimports.wasmine.jit.ssa.function import (
    B_LOOP,
    TYPE_I32,
    TYPE_I64,
    TYPE_REF,
    TYPE_VOID,
    Block,
    Edge,
    Inst,
    SsaFunc,
    args_of,
    const_of,
    dominates,
    new_alias,
    resolve,
    unlink_inst,
)
from cython.cimports.wasmine.jit.ssa.info import EFFECTS, WIDTH
from cython.cimports.wasmine.jit.ssa.rules import is_const
from cython.cimports.wasmine.jit.ssa.state import (
    CLASS_OBJECTS,
    N_CLASSES,
    read_by,
    written_by,
    written_classes,
)
from cython.cimports.wasmine.runtime.heap import OBJECT_HEADER
from cython.cimports.wasmine.runtime.vm import ModuleCode
from cython.cimports.wasmine.spec.types import TypeDef

Func = cython.typedef(cython.pointer[SsaFunc])
Words = cython.typedef(cython.pointer[uint32_t])

# Stores that a load looks past.
REACH = cython.declare(cython.const[uint32_t], 12)
# Entry.version of what is known of a value; no version of the state has this number.
FACT = cython.declare(cython.const[uint32_t], 0xFFFFFFFF)

# What is the same is equal in all of this, and then has `value`, valid where `block` dominates.
Entry = cython.struct(
    op=uint32_t,
    a=uint32_t,
    b=uint32_t,
    c=uint32_t,
    imm=uint64_t,
    aux=uint32_t,
    version=uint32_t,
    value=uint32_t,
    block=uint32_t,
)

# A version of the state: the store that made it, and the version before; `store` is 0 for others.
Version = cython.struct(before=uint32_t, store=uint32_t)

Numbering = cython.struct(
    f=cython.pointer[SsaFunc],
    alias=cython.pointer[uint32_t],
    table=cython.pointer[uint32_t],
    mask=uint32_t,
    entries=cython.pointer[Entry],
    n_entries=uint32_t,
    max_entries=uint32_t,
    versions=cython.pointer[Version],
    n_versions=uint32_t,
    max_versions=uint32_t,
    state=cython.pointer[uint32_t],
    written=cython.pointer[uint32_t],
    block=uint32_t,
)
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
    entries: cython.p_void = realloc(n.entries, capacity * cython.sizeof(Entry))
    table: Words
    i: uint32_t
    at: uint32_t
    if entries == cython.NULL:
        n.f.failed = 1
        return False
    n.entries = cython.cast(cython.pointer[Entry], entries)
    table = cython.cast(Words, calloc(2 * capacity, cython.sizeof(uint32_t)))
    if table == cython.NULL:
        n.f.failed = 1
        return False
    free(n.table)
    n.table = table
    n.max_entries = cython.cast(uint32_t, capacity)
    n.mask = 2 * n.max_entries - 1
    for i in range(1, n.n_entries):
        at = hash_of(n.entries + i) & n.mask
        while table[at] != 0:
            at = (at + 1) & n.mask
        table[at] = i
    return True


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def find(n: Numbers, key: cython.pointer[Entry]) -> cython.pointer[Entry]:
    """The entry of the same, or NULL. It may be from a block that does not dominate."""
    at: uint32_t = hash_of(key) & n.mask
    while n.table[at] != 0:
        if same(n.entries + n.table[at], key):
            return n.entries + n.table[at]
        at = (at + 1) & n.mask
    return cython.NULL


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def enter(n: Numbers, key: cython.pointer[Entry], value: uint32_t) -> cython.void:
    """Sets the value of an entry, new or old, in the current block."""
    at: uint32_t
    entry: cython.pointer[Entry] = find(n, key)
    if entry == cython.NULL:
        if n.n_entries == n.max_entries and not grow(n):
            return
        at = hash_of(key) & n.mask
        while n.table[at] != 0:
            at = (at + 1) & n.mask
        n.table[at] = n.n_entries
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
    entry: cython.pointer[Entry] = find(n, key)
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
        moved = realloc(n.versions, capacity * cython.sizeof(Version))
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
def enter_state(n: Numbers) -> cython.void:
    """The versions at the start of the current block."""
    f: Func = n.f
    b: cython.pointer[Block] = f.blocks + n.block
    state: Words = n.state + n.block * N_CLASSES
    came: Words
    source: uint32_t
    c: uint32_t
    k: uint32_t
    fresh: cython.bint
    first: cython.bint
    for c in range(N_CLASSES):
        fresh = (b.flags & B_LOOP) != 0 and (n.written[n.block] >> c & 1) != 0
        first = True
        for k in range(b.n_preds):
            if fresh:
                break
            source = f.edges[f.preds[b.preds + k]].source
            if f.blocks[source].order >= b.order:
                continue
            came = n.state + source * N_CLASSES
            if first:
                state[c] = came[c]
                first = False
            elif state[c] != came[c]:
                fresh = True
        if fresh or first:
            state[c] = new_version(n, 0, 0)


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
    state: Words = n.state + n.block * N_CLASSES
    is_store: cython.bint = WIDTH[inst.op] != 0 and not EFFECTS[inst.op] & o.E_FENCES
    c: uint32_t
    key: Entry
    value: uint32_t
    is_store = is_store or inst.op == o.GLOBAL_SET
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
    key.version = n.state[n.block * N_CLASSES + CLASS_OBJECTS]
    for i in range(type.n_fields):
        if type.fields[i].size < 4:
            continue  # the load extends what the store cut off
        key.op = o.OBJECT_LOAD32
        if type.fields[i].size != 4:
            key.op = o.OBJECT_LOAD64 if type.fields[i].size == 8 else o.OBJECT_LOAD128
        key.imm = OBJECT_HEADER + type.fields[i].offset
        enter(n, cython.address(key), args_of(f, f.insts + id)[i])


# --- instructions


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def is_numbered(inst: cython.pointer[Inst]) -> cython.bint:
    """Whether an equal instruction before can stand for this one.

    Not those whose further results follow them.
    """
    op: uint32_t = inst.op
    if inst.n_args > 3 or EFFECTS[op] & (
        o.E_ENDS
        | o.E_CALL
        | o.E_WRITES_MEMORY
        | o.E_WRITES_OBJECTS
        | o.E_WRITES_GLOBALS
        | o.E_WRITES_STATE
        | o.E_CATCHES
        | o.E_FENCES
    ):
        return False
    return not (
        op == o.ARG
        or op == o.FRAME_LOAD
        or op == o.CAUGHT
        or op == o.RESULT
        or op == o.I8X16_SHUFFLE
        or op == o.I64_MUL_WIDE_S
        or op == o.I64_MUL_WIDE_U
        or op == o.NOP
    )


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def fact(op: uint32_t, value: uint32_t, aux: uint32_t) -> Entry:
    """The entry for what is known of a value. BR_IF: whether it is zero; REF_IS: a type that it has, if it is
    not null; TRAP_IF: that it is not null.
    """
    e: Entry
    memset(cython.address(e), 0, cython.sizeof(Entry))
    e.op = op
    e.a = value
    e.aux = aux
    e.version = FACT
    return e


@cython.cfunc
@cython.inline
@cython.nogil
@cython.exceptval(check=False)
def is_zero(f: Func, value: uint32_t) -> cython.bint:
    return is_const(f, value) and f.insts[value].imm == 0


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def is_not_null(n: Numbers, ref: uint32_t) -> cython.bint:
    """Whether a reference is known not to be null."""
    e: Entry
    op: uint32_t = n.f.insts[ref].op
    if o.STRUCT_NEW <= op <= o.ARRAY_NEW_ELEM or op == o.REF_FUNC:
        return True
    e = fact(o.TRAP_IF, ref, 0)
    return value_of(n, cython.address(e)) != 0


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def known_condition(n: Numbers, condition: uint32_t) -> uint32_t:
    """0 or 1 when what dominates has decided whether a condition is zero, 2 when nothing has."""
    f: Func = n.f
    inst: cython.pointer[Inst] = f.insts + condition
    e: Entry = fact(o.BR_IF, condition, 0)
    value: uint32_t = value_of(n, cython.address(e))
    turned: uint32_t = 0
    if value == 0 and inst.op == o.I32_EQ and is_zero(f, inst.args[1]):
        turned = 1
        e = fact(o.BR_IF, inst.args[0], 0)
        value = value_of(n, cython.address(e))
        inst = f.insts + inst.args[0]
    if value != 0:
        return (value - 1) ^ turned
    if inst.op == o.I64_EQ or inst.op == o.I64_NE:
        if is_zero(f, inst.args[1]) and is_not_null(n, inst.args[0]):
            return (inst.op == o.I64_NE) ^ turned
    elif inst.op == o.REF_IS:
        e = fact(o.REF_IS, inst.args[0], inst.aux)
        if value_of(n, cython.address(e)) != 0 and (inst.imm != 0 or is_not_null(n, inst.args[0])):
            return 1 ^ turned
    return 2


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def note_condition(n: Numbers, condition: uint32_t, truth: uint32_t) -> cython.void:
    """A condition that is decided in what the current block dominates, and what that says of a reference."""
    f: Func = n.f
    inst: cython.pointer[Inst] = f.insts + condition
    e: Entry = fact(o.BR_IF, condition, 0)
    enter(n, cython.address(e), 1 + truth)
    if inst.op == o.I32_EQ and is_zero(f, inst.args[1]):
        truth ^= 1
        e = fact(o.BR_IF, inst.args[0], 0)
        enter(n, cython.address(e), 1 + truth)
        inst = f.insts + inst.args[0]
    if inst.op == o.REF_IS and truth:
        e = fact(o.REF_IS, inst.args[0], inst.aux)
        enter(n, cython.address(e), 1)
        truth = inst.imm == 0
    elif (inst.op == o.I64_EQ or inst.op == o.I64_NE) and is_zero(f, inst.args[1]):
        truth = truth == (inst.op == o.I64_NE)
    else:
        return
    if truth:
        e = fact(o.TRAP_IF, inst.args[0], 0)
        enter(n, cython.address(e), 1)


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def enter_condition(n: Numbers) -> cython.void:
    """Behind one edge of a branch, its condition is known."""
    f: Func = n.f
    b: cython.pointer[Block] = f.blocks + n.block
    edge: cython.pointer[Edge]
    source: cython.pointer[Block]
    if b.n_preds != 1:
        return
    edge = f.edges + f.preds[b.preds]
    source = f.blocks + edge.source
    if f.insts[source.last].op == o.BR_IF:
        note_condition(n, f.insts[source.last].args[0], f.preds[b.preds] == source.first_edge)


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def number_check(n: Numbers, id: uint32_t) -> cython.void:
    """trap_if and check_bounds: gone when they have passed before."""
    f: Func = n.f
    inst: cython.pointer[Inst] = f.insts + id
    key: Entry = key_of(n, inst)
    before: uint32_t = value_of(n, cython.address(key))
    if inst.op == o.TRAP_IF:
        if before != 0 or known_condition(n, inst.args[0]) == 0:
            unlink_inst(f, id)
            return
        enter(n, cython.address(key), id)
        note_condition(n, inst.args[0], 0)
        return
    if before != 0 and f.insts[before].imm >= inst.imm:
        unlink_inst(f, id)
        return
    enter(n, cython.address(key), id)


@cython.cfunc
@cython.inline
@cython.nogil
@cython.exceptval(check=False)
def is_same_type(a: uint32_t, b: uint32_t) -> cython.bint:
    """References and integers of 64 bits stand for each other."""
    return a == b or (a == TYPE_REF and b == TYPE_I64) or (a == TYPE_I64 and b == TYPE_REF)


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def number_inst(n: Numbers, id: uint32_t) -> cython.void:
    """An instruction that is the same wherever operands and state are."""
    f: Func = n.f
    inst: cython.pointer[Inst] = f.insts + id
    key: Entry = key_of(n, inst)
    reads: uint32_t = read_by(inst)
    version: uint32_t = 0
    value: uint32_t
    steps: uint32_t
    # The value of a trap-free instruction and of one that passed its checks is the same.
    if reads < N_CLASSES:
        version = n.state[n.block * N_CLASSES + reads]
    key.version = version
    value = value_of(n, cython.address(key))
    if value == 0 and reads < N_CLASSES:
        for steps in range(REACH):
            if not is_elsewhere(n, key.version, inst):
                break
            key.version = n.versions[key.version].before
            value = value_of(n, cython.address(key))
            if value != 0:
                break
        key.version = version
    if value != 0 and is_same_type(f.insts[value].type, inst.type):
        n.alias[id] = value
        unlink_inst(f, id)
        return
    enter(n, cython.address(key), id)


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def number_block(n: Numbers) -> cython.void:
    """The instructions of the current block."""
    f: Func = n.f
    id: uint32_t = f.blocks[n.block].first
    next: uint32_t
    k: uint32_t
    known: uint32_t
    inst: cython.pointer[Inst]
    args: Words
    enter_state(n)
    enter_condition(n)
    while id != 0 and not f.failed:
        inst = f.insts + id
        next = inst.next
        args = args_of(f, inst)
        for k in range(inst.n_args):
            args[k] = resolve(n.alias, args[k])
        if inst.op == o.TRAP_IF or inst.op == o.CHECK_BOUNDS:
            number_check(n, id)
        elif inst.op == o.BR_IF or inst.op == o.SELECT:
            known = known_condition(n, inst.args[0])
            if known < 2:
                known = const_of(f, TYPE_I32, known)
                f.insts[id].args[0] = known
            if f.insts[id].op == o.SELECT:
                number_inst(n, id)
        elif is_numbered(inst):
            if inst.type != TYPE_VOID:
                number_inst(n, id)
        else:
            note_write(n, id)
            if inst.op == o.STRUCT_NEW:
                note_structure(n, id)
        id = next


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def preorder(f: Func) -> Words:
    """The blocks in preorder of the dominator tree; NULL when memory is exhausted."""
    blocks: Words = cython.cast(Words, malloc((f.n_order + 1) * cython.sizeof(uint32_t)))
    i: uint32_t
    if blocks != cython.NULL:
        for i in range(f.n_order):
            blocks[f.blocks[f.order[i]].dom_in] = f.order[i]
    return blocks


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def number_values(f: Func) -> cython.bint:
    """See gvn.pxd."""
    n: Numbering
    blocks: Words = preorder(f)
    i: uint32_t
    memset(cython.address(n), 0, cython.sizeof(Numbering))
    n.f = f
    n.alias = new_alias(f)
    n.written = written_classes(f)
    n.n_entries = 1
    n.max_entries = 256
    n.mask = 511
    n.entries = cython.cast(cython.pointer[Entry], malloc(n.max_entries * cython.sizeof(Entry)))
    n.table = cython.cast(Words, calloc(n.mask + 1, cython.sizeof(uint32_t)))
    n.n_versions = 1
    n.max_versions = 256
    n.versions = cython.cast(cython.pointer[Version], calloc(n.max_versions, cython.sizeof(Version)))
    n.state = cython.cast(
        Words, malloc(cython.cast(uint64_t, f.n_blocks) * N_CLASSES * cython.sizeof(uint32_t))
    )
    if (
        blocks == cython.NULL
        or n.alias == cython.NULL
        or n.written == cython.NULL
        or n.entries == cython.NULL
        or n.table == cython.NULL
        or n.versions == cython.NULL
        or n.state == cython.NULL
    ):
        f.failed = 1
    else:
        for i in range(f.n_order):
            n.block = blocks[i]
            number_block(cython.address(n))
        rewrite_and_count(f, n.alias)
    free(blocks)
    free(n.alias)
    free(n.written)
    free(n.entries)
    free(n.table)
    free(n.versions)
    free(n.state)
    return not f.failed
