"""Slots become values: SSA construction on the fly (after Braun and others, 2013), for register IR.

A block's value of a slot is what its last instruction that writes it gives, else what its predecessors have at their end. Blocks are
built in reverse postorder, so that those are known, but for back edges: the header of a loop that writes the slot gets a parameter,
whose operands are completed when all blocks are built. Any other block gets one only where its predecessors differ.

Register IR has no types: a copy is the same value, `i64.extend_i32_u` and reinterpretations are nothing, constants are bits. So
a parameter's type is open until the end. Who needs a type asks `as_type`: of an open value it gets a proxy, which in the end
becomes the value itself or a conversion next to where it is defined. An open value takes the type of what flows into it, else the first that it was asked for.

Work is bounded by a budget: a function in which blocks times slots exceed it is refused, and stays in the interpreter.
"""

import cython
from cython.cimports.libc.stdint import uint32_t, uint64_t
from cython.cimports.libc.stdlib import calloc, free, malloc, realloc
from cython.cimports.wasmine.jit.ssa import ops as o
from cython.cimports.wasmine.jit.ssa.build import BUILD_NO_MEMORY, BUILD_TOO_LARGE, BUILD_UNSUPPORTED, NO_ENTRY, Build
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
    args_of,
    const128_of,
    const_of,
    insert_before,
    new_alias,
    new_inst,
    resolve,
    take_pool,
    unlink_inst,
)
from cython.cimports.wasmine.jit.ssa.scan import loop_writes
from cython.cimports.wasmine.jit.ssa.simplify import Cursor, emit1

Building = cython.typedef(cython.pointer[Build])
Words = cython.typedef(cython.pointer[uint32_t])


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def init_slots(b: Building) -> cython.bint:
    n: uint64_t = cython.cast(uint64_t, b.ir.frame_slots) + 1
    b.value = cython.cast(Words, malloc(n * cython.sizeof(uint32_t)))
    b.seen = cython.cast(Words, calloc(n, cython.sizeof(uint32_t)))
    b.touched = cython.cast(Words, malloc(n * cython.sizeof(uint32_t)))
    b.max_exits = 256
    b.keys = cython.cast(cython.pointer[uint64_t], calloc(b.max_exits, cython.sizeof(uint64_t)))
    b.exits = cython.cast(Words, malloc(b.max_exits * cython.sizeof(uint32_t)))
    return (
        b.value != cython.NULL
        and b.seen != cython.NULL
        and b.touched != cython.NULL
        and b.keys != cython.NULL
        and b.exits != cython.NULL
    )


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
def place_of(b: Building, key: uint64_t) -> uint32_t:
    """Where a key is in the table, or would be."""
    mask: uint32_t = b.max_exits - 1
    at: uint32_t = cython.cast(uint32_t, (key * cython.cast(uint64_t, 0x9E3779B97F4A7C15)) >> 32) & mask
    while b.keys[at] != 0 and b.keys[at] != key:
        at = (at + 1) & mask
    return at


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def grow_exits(b: Building) -> cython.bint:
    """Doubles the table."""
    old: uint32_t = b.max_exits
    keys: cython.pointer[uint64_t] = b.keys
    exits: Words = b.exits
    new_keys: cython.p_void = calloc(2 * cython.cast(uint64_t, old), cython.sizeof(uint64_t))
    new_exits: cython.p_void = malloc(2 * cython.cast(uint64_t, old) * cython.sizeof(uint32_t))
    i: uint32_t
    at: uint32_t
    if new_keys == cython.NULL or new_exits == cython.NULL:
        free(new_keys)
        free(new_exits)
        b.status = BUILD_NO_MEMORY
        return False
    b.keys = cython.cast(cython.pointer[uint64_t], new_keys)
    b.exits = cython.cast(Words, new_exits)
    b.max_exits = 2 * old
    for i in range(old):
        if keys[i] != 0:
            at = place_of(b, keys[i])
            b.keys[at] = keys[i]
            b.exits[at] = exits[i]
    free(keys)
    free(exits)
    return True


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def set_exit(b: Building, block: uint32_t, slot: uint32_t, value: uint32_t) -> cython.void:
    """Records what a slot holds at the end of a block."""
    key: uint64_t = cython.cast(uint64_t, block) << 32 | slot
    at: uint32_t
    if 2 * b.n_exits >= b.max_exits and not grow_exits(b):
        return
    at = place_of(b, key)
    if b.keys[at] == 0:
        b.keys[at] = key
        b.n_exits += 1
    b.exits[at] = value


@cython.cfunc
@cython.inline
@cython.nogil
@cython.exceptval(check=False)
def exit_of(b: Building, block: uint32_t, slot: uint32_t) -> uint32_t:
    """What a slot holds at the end of a block, 0 when it has not been looked up."""
    key: uint64_t = cython.cast(uint64_t, block) << 32 | slot
    at: uint32_t = place_of(b, key)
    return b.exits[at] if b.keys[at] == key else 0


# --- looking up


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def keep_open(b: Building, value: uint32_t) -> cython.void:
    capacity: uint32_t
    moved: cython.p_void
    if b.n_open == b.max_open:
        capacity = b.max_open * 2 if b.max_open else 64
        moved = realloc(b.open, capacity * cython.cast(uint64_t, cython.sizeof(uint32_t)))
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
    """What a slot holds when the function is entered: locals are zero, and code entered in the middle takes over the frame."""
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
        moved = realloc(b.walk, capacity * cython.cast(uint64_t, cython.sizeof(uint32_t)))
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
    """The value at the start of a block from those at the ends of its predecessors: the same, or a parameter."""
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
    """What a slot holds at the start of a block. Walks against the flow, with a stack of its own, until every value is known."""
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
    """Notes that the current block has a value for a slot. `seen` is era + half of the range while the block is built."""
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
    """What stands for an open value as one of a type, until that is decided; the proxies of a value are chained from its `aux`."""
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
    """Gives every parameter the values at the ends of its predecessors. Looking for them may make new parameters."""
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


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def only_operand(f: cython.pointer[SsaFunc], alias: Words, param: uint32_t) -> uint32_t:
    """The one value that flows into a parameter, besides itself; 0 when there are several."""
    place: uint32_t = f.insts[param].args[0]
    only: uint32_t = 0
    value: uint32_t
    i: uint32_t
    for i in range(f.insts[param].args[1]):
        value = resolve(alias, f.pool[place + i])
        if value == param or value == only:
            continue
        if only != 0:
            return 0
        only = value
    return only


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def link_readers(b: Building, first: Words, chain: Words) -> cython.void:
    """`first[v]` starts the chain of parameters that v flows into; a link is an operand's place, `chain` gives the next."""
    f: cython.pointer[SsaFunc] = b.f
    i: uint32_t
    k: uint32_t
    link: uint32_t = 1
    param: uint32_t
    value: uint32_t
    for i in range(b.n_open):
        param = b.open[i]
        if f.insts[param].op != o.PARAM:
            continue
        for k in range(f.insts[param].args[1]):
            value = f.pool[f.insts[param].args[0] + k]
            chain[2 * link] = param
            chain[2 * link + 1] = first[value]
            first[value] = link
            link += 1


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def operand_count(b: Building) -> uint64_t:
    """Operands of all parameters."""
    count: uint64_t = 0
    i: uint32_t
    for i in range(b.n_open):
        if b.f.insts[b.open[i]].op == o.PARAM:
            count += b.f.insts[b.open[i]].args[1]
    return count


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def drop_trivial(b: Building, alias: Words) -> cython.bint:
    """Replaces parameters into which one value flows by that value; what they flow into is looked at again."""
    f: cython.pointer[SsaFunc] = b.f
    first: Words = cython.cast(Words, calloc(f.n_insts, cython.sizeof(uint32_t)))
    chain: Words = cython.cast(Words, malloc((2 * operand_count(b) + 2) * cython.sizeof(uint32_t)))
    work: Words = cython.cast(Words, malloc((cython.cast(uint64_t, b.n_open) + 1) * cython.sizeof(uint32_t)))
    height: uint32_t = 0
    i: uint32_t
    param: uint32_t
    only: uint32_t
    link: uint32_t
    if first == cython.NULL or chain == cython.NULL or work == cython.NULL:
        free(first)
        free(chain)
        free(work)
        return False
    link_readers(b, first, chain)
    # `uses` of a parameter says, here only, that it is on the work list.
    for i in range(b.n_open, 0, -1):
        param = b.open[i - 1]
        if f.insts[param].op == o.PARAM:
            work[height] = param
            f.insts[param].uses = 1
            height += 1
    while height > 0:
        height -= 1
        param = work[height]
        f.insts[param].uses = 0
        if alias[param] != param:
            continue
        if not pay(b, f.insts[param].args[1]):
            break
        only = only_operand(f, alias, param)
        if only == 0:
            continue
        alias[param] = only
        unlink_inst(f, param)
        # The readers of the parameter are now also readers of `only`.
        link = first[param]
        while link != 0 and pay(b, 1):
            i = chain[2 * link]
            if alias[i] == i and f.insts[i].uses == 0:
                f.insts[i].uses = 1
                work[height] = i
                height += 1
            if chain[2 * link + 1] == 0:
                chain[2 * link + 1] = first[only]
                first[only] = first[param]
                break
            link = chain[2 * link + 1]
    free(first)
    free(chain)
    free(work)
    return True


# --- the end: types


@cython.cfunc
@cython.inline
@cython.nogil
@cython.exceptval(check=False)
def operands_of(f: cython.pointer[SsaFunc], id: uint32_t, n: Words) -> Words:
    """What flows into an open value: the operands of a parameter, the two of a select, nothing into a frame load."""
    inst: cython.pointer[Inst] = f.insts + id
    if inst.op == o.PARAM:
        n[0] = inst.args[1]
        return f.pool + inst.args[0]
    n[0] = 2 if inst.op == o.SELECT else 0
    return inst.args + 1


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def flowing_type(f: cython.pointer[SsaFunc], alias: Words, id: uint32_t) -> uint32_t:
    """The type that operands of an open value have: the one that it was asked for if any has it, else the first."""
    n: uint32_t = 0
    operands: Words = operands_of(f, id, cython.address(n))
    asked: uint32_t = f.insts[f.insts[id].aux].type if f.insts[id].aux != 0 else TYPE_VOID
    found: uint32_t = TYPE_VOID
    type: uint32_t
    i: uint32_t
    for i in range(n):
        type = f.insts[resolve(alias, operands[i])].type
        if type == TYPE_VOID:
            continue
        if type == asked:
            return type
        if found == TYPE_VOID:
            found = type
    return found


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def decide_types(b: Building, alias: Words) -> cython.void:
    """Decides the open types, in rounds over all of them, forwards along the flow.

    Only parameters of loops whose operands are all parameters of loops inside need a further round. After a few, and where nothing typed flows in, what was
    asked for decides.
    """
    f: cython.pointer[SsaFunc] = b.f
    round: uint32_t
    i: uint32_t
    id: uint32_t
    open: cython.bint = True
    type: uint32_t
    for round in range(8):
        if not open:
            return
        open = False
        for i in range(b.n_open):
            id = b.open[i]
            if alias[id] != id or f.insts[id].type != TYPE_VOID:
                continue
            type = flowing_type(f, alias, id)
            if type == TYPE_VOID and round >= 4 and f.insts[id].aux != 0:
                type = f.insts[f.insts[id].aux].type
            f.insts[id].type = type
            open = open or type == TYPE_VOID
    for i in range(b.n_open):
        if f.insts[b.open[i]].type == TYPE_VOID:
            f.insts[b.open[i]].type = TYPE_I64


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def behind(b: Building, value: uint32_t) -> Cursor:
    """The first place where a value is there: behind its definition, at the start of its block if it is a parameter."""
    f: cython.pointer[SsaFunc] = b.f
    at: Cursor
    inst: cython.pointer[Inst] = f.insts + value
    next: uint32_t = f.blocks[inst.block].first if inst.op == o.PARAM else inst.next
    # The projections of a call stay with it, and the exception comes first in its block.
    while next != 0 and (f.insts[next].op == o.RESULT or f.insts[next].op == o.CAUGHT):
        next = f.insts[next].next
    at.f = f
    at.block = inst.block
    at.before = next
    at.pos = inst.pos if inst.op != o.PARAM else f.blocks[inst.block].pos
    at.site = 0
    return at


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def settled(b: Building, value: uint32_t, type: uint32_t) -> uint32_t:
    """A value, now that all types are decided, as one of a type."""
    f: cython.pointer[SsaFunc] = b.f
    at: Cursor
    if same_type(f.insts[value].type, type):
        return value
    if f.insts[value].op == o.CONST and f.insts[value].type == TYPE_VOID:
        return typed_const(b, value, type)
    at = behind(b, value)
    value = convert(cython.address(at), value, type)
    if value == 0 and not f.failed:
        b.status = BUILD_UNSUPPORTED
    return value


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def settle_proxies(b: Building, alias: Words) -> cython.void:
    """Every proxy becomes its value, or a conversion of it."""
    id: uint32_t
    f: cython.pointer[SsaFunc] = b.f
    for id in range(1, alias[0]):
        if f.insts[id].op == o.NOP and f.insts[id].n_args == 1:
            alias[id] = settled(b, resolve(alias, f.insts[id].args[0]), f.insts[id].type)


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def rewrite_operands(b: Building, alias: Words) -> cython.void:
    """Puts what replaces it for every operand. A conversion that was made at the end may read a proxy, too."""
    f: cython.pointer[SsaFunc] = b.f
    inst: cython.pointer[Inst]
    args: Words
    id: uint32_t
    i: uint32_t
    k: uint32_t
    value: uint32_t
    for i in range(f.n_order):
        id = f.blocks[f.order[i]].first
        while id != 0:
            inst = f.insts + id
            for k in range(inst.n_args):
                args = args_of(f, f.insts + id)
                value = resolve(alias, args[k])
                if inst.op == o.SELECT and k > 0:
                    value = resolve(alias, settled(b, value, f.insts[id].type))
                    args = args_of(f, f.insts + id)
                args[k] = value
                inst = f.insts + id
            id = f.insts[id].next


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def number_params(f: cython.pointer[SsaFunc], block: uint32_t) -> uint32_t:
    """Numbers the parameters that are left; how many they are."""
    id: uint32_t = f.blocks[block].first_param
    n: uint32_t = 0
    while id != 0:
        f.insts[id].imm = n
        n += 1
        id = f.insts[id].next
    f.blocks[block].n_params = n
    return n


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def pass_arguments(b: Building, alias: Words) -> cython.void:
    """Moves the operands of parameters to the edges."""
    f: cython.pointer[SsaFunc] = b.f
    home: uint32_t
    id: uint32_t
    i: uint32_t
    k: uint32_t
    n: uint32_t
    e: uint32_t
    place: uint32_t
    value: uint32_t
    for i in range(f.n_order):
        home = f.order[i]
        n = number_params(f, home)
        if n == 0:
            continue
        for k in range(f.blocks[home].n_preds):
            place = take_pool(f, n)
            e = f.preds[f.blocks[home].preds + k]
            if place == 0:
                return
            f.edges[e].args = place
            f.edges[e].n_args = n
            id = f.blocks[home].first_param
            while id != 0:
                value = resolve(alias, f.pool[f.insts[id].args[0] + k])
                f.pool[place] = value
                place += 1
                id = f.insts[id].next
    for i in range(f.n_order):
        settle_arguments(b, f.order[i])


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def settle_arguments(b: Building, home: uint32_t) -> cython.void:
    """Gives the arguments of a block its parameters' types."""
    f: cython.pointer[SsaFunc] = b.f
    k: uint32_t
    id: uint32_t
    place: uint32_t
    value: uint32_t
    for k in range(f.blocks[home].n_preds):
        place = f.edges[f.preds[f.blocks[home].preds + k]].args
        id = f.blocks[home].first_param
        while id != 0:
            value = settled(b, f.pool[place], f.insts[id].type)
            f.pool[place] = value
            place += 1
            id = f.insts[id].next
    id = f.blocks[home].first_param
    while id != 0:
        f.insts[id].pos = f.blocks[home].pos
        f.insts[id].aux = 0
        f.insts[id].args[0] = 0
        f.insts[id].args[1] = 0
        id = f.insts[id].next


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def close_slots(b: Building) -> cython.bint:
    f: cython.pointer[SsaFunc] = b.f
    i: uint32_t
    alias: Words
    complete_params(b)
    if b.status or f.failed:
        return False
    alias = new_alias(f)
    if alias == cython.NULL:
        return False
    if drop_trivial(b, alias):
        decide_types(b, alias)
        settle_proxies(b, alias)
        if not b.status and not f.failed:
            rewrite_operands(b, alias)
            pass_arguments(b, alias)
            for i in range(b.n_open):
                f.insts[b.open[i]].aux = 0
    else:
        f.failed = 1
    free(alias)
    return not b.status and not f.failed
