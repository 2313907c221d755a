"""Slots become values: SSA construction on the fly (after Braun and others, 2013), for register IR.

A block's value of a slot is what its last instruction that writes it gives, else what its predecessors have
at their end. Blocks are built in reverse postorder, so that those are known, but for back edges: the header
of a loop that writes the slot gets a parameter, whose operands are completed when all blocks are built. Any
other block gets one only where its predecessors differ.

Register IR has no types: a copy is the same value, `i64.extend_i32_u` and reinterpretations are nothing,
constants are bits. So a parameter's type is open until the end. Who needs a type asks `as_type`: of an open
value it gets a proxy, which in the end becomes the value itself or a conversion (settle.py).

Work is bounded by a budget: a function in which blocks times slots exceed it is refused, and stays in the
interpreter.
"""

import cython
from cython.cimports.libc.stdint import uint8_t, uint32_t, uint64_t
from cython.cimports.wasmine.jit.ssa import ops as o
from cython.cimports.wasmine.jit.ssa.build import (
    BUILD_NO_MEMORY,
    BUILD_TOO_LARGE,
    BUILD_UNSUPPORTED,
    GROUP,
    NO_ENTRY,
    Build,
    Exits,
    type_of,
)
from cython.cimports.wasmine.jit.ssa.function import (
    TYPE_F32,
    TYPE_F64,
    TYPE_I32,
    TYPE_I64,
    TYPE_REF,
    TYPE_V128,
    TYPE_VOID,
    Block,
    Inst,
    SsaFunc,
    append_inst,
    append_param,
    const128_of,
    const_of,
    insert_before,
    new_inst,
    take_pool,
)
from cython.cimports.wasmine.jit.ssa.scan import loop_writes
from cython.cimports.wasmine.jit.ssa.simplify import Cursor, emit1
from cython.cimports.wasmine.jit.workspace import put_back, resize, take, take_zeros
from cython.cimports.wasmine.spec.types import TypeDef, slots_of

Building = cython.typedef(cython.pointer[Build])
Words = cython.typedef(cython.pointer[uint32_t])


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def init_slots(b: Building) -> cython.bint:
    n: uint64_t = cython.cast(uint64_t, b.ir.frame_slots) + 1
    b.value = cython.cast(Words, take(b.f.work, n * cython.sizeof(uint32_t)))
    b.seen = cython.cast(Words, take_zeros(b.f.work, n, cython.sizeof(uint32_t)))
    b.touched = cython.cast(Words, take(b.f.work, n * cython.sizeof(uint32_t)))
    b.slot_types = cython.cast(cython.pointer[uint8_t], take_zeros(b.f.work, n, 1))
    b.max_exits = 256
    while b.max_exits < b.f.n_blocks:
        b.max_exits *= 2
    b.exits = cython.cast(cython.pointer[Exits], take_zeros(b.f.work, b.max_exits, cython.sizeof(Exits)))
    if b.slot_types != cython.NULL and b.options.enter_at != NO_ENTRY:
        find_slot_types(b)
    return (
        b.value != cython.NULL
        and b.seen != cython.NULL
        and b.touched != cython.NULL
        and b.slot_types != cython.NULL
        and b.exits != cython.NULL
    )


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def find_slot_types(b: Building) -> cython.void:
    """Types of the slots of locals, for code that is entered in the middle: what is loaded from the frame has
    no definition that tells.

    They are read from the declarations in the body, which register IR does not repeat. Slots of operands stay
    open.
    """
    type: cython.pointer[TypeDef] = b.code.defs[b.ir.type_id]
    at: cython.pointer[cython.const[uint8_t]] = (
        b.code.desc.base + b.code.desc.bodies[b.ir.index - b.code.n_imported_funcs].start
    )
    groups: uint64_t
    count: uint64_t
    kind: uint32_t
    slot: uint32_t = 0
    i: uint32_t
    for i in range(type.n_params):
        b.slot_types[slot] = type_of(type.params[i])
        slot += slots_of(type.params[i])
    groups = read_leb(cython.address(at))
    while groups > 0:
        groups -= 1
        count = read_leb(cython.address(at))
        kind = at[0]
        at += 1
        if kind == 0x63 or kind == 0x64:
            # A heap type follows.
            read_leb(cython.address(at))
        while count > 0:
            count -= 1
            b.slot_types[slot] = type_of(kind)
            slot += slots_of(kind)


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def read_leb(at: cython.pointer[cython.pointer[cython.const[uint8_t]]]) -> uint64_t:
    """A LEB128, which the validator has checked; the pointer moves behind it."""
    value: uint64_t = 0
    shift: uint32_t = 0
    byte: uint8_t
    while True:
        byte = at[0][0]
        at[0] += 1
        value |= cython.cast(uint64_t, byte & 0x7F) << shift
        shift += 7
        if byte < 0x80:
            return value


@cython.cfunc
@cython.inline
@cython.nogil
@cython.exceptval(check=False)
def pay(b: Building, steps: uint64_t) -> cython.bint:
    """Takes steps from the budget; False, with `status` set, when too few are left."""
    if b.budget < steps:
        b.status = BUILD_TOO_LARGE
        return False
    b.budget -= steps
    return True


# --- values at the ends of blocks


@cython.cfunc
@cython.inline
@cython.nogil
@cython.exceptval(check=False)
def record_of(b: Building, group: uint32_t, slot: uint32_t) -> cython.pointer[Exits]:
    """The record of a slot and a group of blocks, or the free one that would be."""
    mask: uint32_t = b.max_exits - 1
    key: uint64_t = cython.cast(uint64_t, group) << 32 | slot
    at: uint32_t = cython.cast(uint32_t, (key * cython.cast(uint64_t, 0x9E3779B97F4A7C15)) >> 32) & mask
    while b.exits[at].group != 0 and (b.exits[at].group != group or b.exits[at].slot != slot):
        at = (at + 1) & mask
    return b.exits + at


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def grow_exits(b: Building) -> cython.bint:
    """Doubles the table."""
    old: uint32_t = b.max_exits
    exits: cython.pointer[Exits] = b.exits
    new: cython.p_void = take_zeros(b.f.work, 2 * cython.cast(uint64_t, old), cython.sizeof(Exits))
    i: uint32_t
    if new == cython.NULL:
        b.status = BUILD_NO_MEMORY
        return False
    b.exits = cython.cast(cython.pointer[Exits], new)
    b.max_exits = 2 * old
    for i in range(old):
        if exits[i].group != 0:
            record_of(b, exits[i].group, exits[i].slot)[0] = exits[i]
    put_back(b.f.work, exits)
    return True


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def set_exit(b: Building, block: uint32_t, slot: uint32_t, value: uint32_t) -> cython.void:
    """Records what a slot holds at the end of a block."""
    group: uint32_t = block // GROUP + 1
    record: cython.pointer[Exits]
    if 2 * b.n_exits >= b.max_exits and not grow_exits(b):
        return
    record = record_of(b, group, slot)
    if record.group == 0:
        record.group = group
        record.slot = slot
        b.n_exits += 1
    record.values[block % GROUP] = value


@cython.cfunc
@cython.inline
@cython.nogil
@cython.exceptval(check=False)
def exit_of(b: Building, block: uint32_t, slot: uint32_t) -> uint32_t:
    """What a slot holds at the end of a block, 0 when it has not been looked up."""
    return record_of(b, block // GROUP + 1, slot).values[block % GROUP]


# --- looking up


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def keep_open(b: Building, value: uint32_t) -> cython.void:
    capacity: uint32_t
    moved: cython.p_void
    if b.n_open == b.max_open:
        capacity = b.max_open * 2 if b.max_open else 64
        moved = resize(b.f.work, b.open, capacity * cython.cast(uint64_t, cython.sizeof(uint32_t)))
        if moved == cython.NULL:
            b.status = BUILD_NO_MEMORY
            return
        b.open = cython.cast(Words, moved)
        b.max_open = capacity
    b.open[b.n_open] = value
    b.n_open += 1


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def new_param(b: Building, block: uint32_t, slot: uint32_t) -> uint32_t:
    """A parameter for a slot; its operands follow. Until then `pos` is the slot."""
    param: uint32_t = append_param(b.f, block, TYPE_VOID)
    b.f.insts[param].pos = slot
    keep_open(b, param)
    return param


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def initial(b: Building, slot: uint32_t) -> uint32_t:
    """What a slot holds when the function is entered: locals are zero, and code entered in the middle
    takes over the frame.
    """
    f: cython.pointer[SsaFunc] = b.f
    id: uint32_t
    if b.options.enter_at == NO_ENTRY:
        return const_of(f, TYPE_VOID, 0)
    id = new_inst(f, o.FRAME_LOAD, TYPE_VOID)
    f.insts[id].imm = slot
    if f.blocks[f.entry].first != 0:
        insert_before(f, id, f.blocks[f.entry].first)
    else:
        append_inst(f, f.entry, id)
    keep_open(b, id)
    return id


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def push_block(b: Building, height: uint32_t, block: uint32_t) -> cython.bint:
    """Puts a block on the stack of the walk."""
    capacity: uint32_t
    moved: cython.p_void
    if 2 * height == b.max_walk:
        capacity = b.max_walk * 2 if b.max_walk else 64
        moved = resize(b.f.work, b.walk, capacity * cython.cast(uint64_t, cython.sizeof(uint32_t)))
        if moved == cython.NULL:
            b.status = BUILD_NO_MEMORY
            return False
        b.walk = cython.cast(Words, moved)
        b.max_walk = capacity
    b.walk[2 * height] = block
    b.walk[2 * height + 1] = 0
    return True


@cython.cfunc
@cython.inline
@cython.nogil
@cython.exceptval(check=False)
def is_back_edge(f: cython.pointer[SsaFunc], e: uint32_t) -> cython.bint:
    """Whether an edge goes back in the order of blocks."""
    return f.blocks[f.edges[e].target].order <= f.blocks[f.edges[e].source].order


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def missing_pred(b: Building, block: uint32_t, slot: uint32_t, next: Words) -> uint32_t:
    """The next predecessor, but for back edges, whose value at its end is not known; 0 when all are."""
    f: cython.pointer[SsaFunc] = b.f
    home: cython.pointer[Block] = f.blocks + block
    e: uint32_t
    while next[0] < home.n_preds:
        e = f.preds[home.preds + next[0]]
        next[0] += 1
        if not is_back_edge(f, e) and exit_of(b, f.edges[e].source, slot) == 0:
            return f.edges[e].source
    return 0


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def joined(b: Building, block: uint32_t, slot: uint32_t) -> uint32_t:
    """The value at the start of a block from those at the ends of its predecessors: the same, or a
    parameter.
    """
    f: cython.pointer[SsaFunc] = b.f
    home: cython.pointer[Block] = f.blocks + block
    i: uint32_t
    e: uint32_t
    value: uint32_t
    same: uint32_t = 0
    for i in range(home.n_preds):
        e = f.preds[home.preds + i]
        if is_back_edge(f, e):
            continue
        value = exit_of(b, f.edges[e].source, slot)
        if same != 0 and value != same:
            return new_param(b, block, slot)
        same = value
    return same


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def look_up(b: Building, start: uint32_t, slot: uint32_t) -> uint32_t:
    """What a slot holds at the start of a block.

    Walks against the flow, with a stack of its own, until every value is known.
    """
    f: cython.pointer[SsaFunc] = b.f
    height: uint32_t = 1
    block: uint32_t
    above: uint32_t
    value: uint32_t
    if not push_block(b, 0, start):
        return 0
    while True:
        block = b.walk[2 * height - 2]
        if not pay(b, 1):
            return 0
        if block == f.entry:
            value = initial(b, slot)
        elif b.extent[block] != 0 and loop_writes(b, block, slot):
            value = new_param(b, block, slot)
        else:
            above = missing_pred(b, block, slot, b.walk + (2 * height - 1))
            if above != 0:
                if not push_block(b, height, above):
                    return 0
                height += 1
                continue
            value = joined(b, block, slot)
        height -= 1
        if height == 0:
            return value
        set_exit(b, block, slot, value)
        if b.status or f.failed:
            return 0


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def begin_block(b: Building, block: uint32_t, follows: cython.bint) -> cython.void:
    """A block that is reached only from the one that was just built goes on with its values."""
    b.at.block = block
    b.n_touched = 0
    if not follows:
        b.era += 1


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def end_block(b: Building) -> cython.void:
    i: uint32_t
    for i in range(b.n_touched):
        set_exit(b, b.at.block, b.touched[i], b.value[b.touched[i]])
    for i in range(b.n_touched):
        # Written again in a block that follows, it counts again.
        b.seen[b.touched[i]] = b.era


@cython.cfunc
@cython.inline
@cython.nogil
@cython.exceptval(check=False)
def touch(b: Building, slot: uint32_t) -> cython.void:
    """Notes that the current block has a value for a slot.

    `seen` is era + half of the range while the block is built.
    """
    if b.seen[slot] != b.era + cython.cast(uint32_t, 0x80000000):
        b.seen[slot] = b.era + cython.cast(uint32_t, 0x80000000)
        b.touched[b.n_touched] = slot
        b.n_touched += 1


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def read_slot(b: Building, slot: uint32_t) -> uint32_t:
    value: uint32_t
    if (b.seen[slot] & 0x7FFFFFFF) == b.era:
        return b.value[slot]
    value = look_up(b, b.at.block, slot)
    b.value[slot] = value
    touch(b, slot)
    return value


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def write_slot(b: Building, slot: uint32_t, value: uint32_t) -> cython.void:
    b.value[slot] = value
    touch(b, slot)


# --- types


@cython.cfunc
@cython.inline
@cython.nogil
@cython.exceptval(check=False)
def same_type(a: uint32_t, b: uint32_t) -> cython.bint:
    """Whether a value of one type may stand for one of the other."""
    return a == b or (a == TYPE_REF and b == TYPE_I64) or (a == TYPE_I64 and b == TYPE_REF)


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def proxy(b: Building, value: uint32_t, type: uint32_t) -> uint32_t:
    """What stands for an open value as one of a type, until that is decided; the proxies of a value are
    chained from its `aux`.
    """
    f: cython.pointer[SsaFunc] = b.f
    id: uint32_t = f.insts[value].aux
    if type == TYPE_REF:
        type = TYPE_I64
    while id != 0:
        if f.insts[id].type == type:
            return id
        id = f.insts[id].aux
    id = new_inst(f, o.NOP, type)
    f.insts[id].n_args = 1
    f.insts[id].args[0] = value
    f.insts[id].aux = f.insts[value].aux
    f.insts[value].aux = id
    return id


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def load_as(op: uint32_t, type: uint32_t) -> uint32_t:
    """The load that gives the bits of another one as another type, or 0."""
    if op == o.I32_LOAD:
        return o.F32_LOAD if type == TYPE_F32 else (o.I64_LOAD32_U if type == TYPE_I64 else 0)
    elif op == o.I64_LOAD:
        return o.F64_LOAD if type == TYPE_F64 else 0
    elif op == o.OBJECT_LOAD32 or op == o.ELEMENT_LOAD32:
        return op if type == TYPE_F32 else 0
    elif op == o.OBJECT_LOAD64 or op == o.ELEMENT_LOAD64:
        return op if type == TYPE_F64 else 0
    elif op == o.I32_LOAD8_U:
        return o.I64_LOAD8_U if type == TYPE_I64 else 0
    elif op == o.I32_LOAD16_U:
        return o.I64_LOAD16_U if type == TYPE_I64 else 0
    return 0


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def convert(at: cython.pointer[Cursor], value: uint32_t, type: uint32_t) -> uint32_t:
    """The bits of a value as another type; 0 when there is no such thing."""
    source: uint32_t = at.f.insts[value].type
    if source == TYPE_V128 or type == TYPE_V128 or source == TYPE_VOID:
        return 0
    if source == TYPE_F32:
        value = emit1(at, o.I32_REINTERPRET_F32, TYPE_I32, value)
        source = TYPE_I32
    elif source == TYPE_F64:
        value = emit1(at, o.I64_REINTERPRET_F64, TYPE_I64, value)
        source = TYPE_I64
    if type == TYPE_I32 or type == TYPE_F32:
        if source != TYPE_I32:
            value = emit1(at, o.I32_WRAP_I64, TYPE_I32, value)
        return value if type == TYPE_I32 else emit1(at, o.F32_REINTERPRET_I32, TYPE_F32, value)
    if source == TYPE_I32:
        value = emit1(at, o.I64_EXTEND_I32_U, TYPE_I64, value)
    return emit1(at, o.F64_REINTERPRET_I64, TYPE_F64, value) if type == TYPE_F64 else value


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def typed_const(b: Building, value: uint32_t, type: uint32_t) -> uint32_t:
    """A constant without type as one of a type. A v128 is never written as bits, only found zero."""
    bits: uint64_t = b.f.insts[value].imm
    return const128_of(b.f, 0, 0) if type == TYPE_V128 else const_of(b.f, type, bits)


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def as_type(b: Building, value: uint32_t, type: uint32_t) -> uint32_t:
    inst: cython.pointer[Inst] = b.f.insts + value
    op: uint32_t
    if same_type(inst.type, type):
        return value
    if inst.type == TYPE_VOID:
        return typed_const(b, value, type) if inst.op == o.CONST else proxy(b, value, type)
    if inst.uses == 0:
        op = load_as(inst.op, type)
        if op != 0:
            inst.op = op
            inst.type = type
            return value
    value = convert(cython.address(b.at), value, type)
    if value == 0 and b.status == 0:
        b.status = BUILD_UNSUPPORTED
    return value


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def read_as(b: Building, slot: uint32_t, type: uint32_t) -> uint32_t:
    return as_type(b, read_slot(b, slot), type)


# --- the end: operands


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def complete_params(b: Building) -> cython.void:
    """Gives every parameter the values at the ends of its predecessors.

    Looking for them may make new parameters.
    """
    f: cython.pointer[SsaFunc] = b.f
    param: uint32_t
    home: cython.pointer[Block]
    slot: uint32_t
    source: uint32_t
    value: uint32_t
    place: uint32_t
    i: uint32_t
    while b.completed < b.n_open and not b.status and not f.failed:
        param = b.open[b.completed]
        b.completed += 1
        if f.insts[param].op != o.PARAM:
            continue
        home = f.blocks + f.insts[param].block
        slot = f.insts[param].pos
        if not pay(b, home.n_preds):
            return
        place = take_pool(f, home.n_preds)
        if place == 0:
            return
        # In the pool, however few.
        f.insts[param].args[0] = place
        f.insts[param].args[1] = home.n_preds
        for i in range(home.n_preds):
            source = f.edges[f.preds[home.preds + i]].source
            value = exit_of(b, source, slot)
            if value == 0:
                value = look_up(b, source, slot)
                if b.status:
                    return
                set_exit(b, source, slot, value)
            f.pool[place + i] = value
