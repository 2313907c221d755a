"""The end of SSA construction: parameters that are one value go, types that were left open are decided, edges
get their arguments.

An open value (slots.py) takes a type from what flows into it, with as many bits as the widest of that, else
the last that it was asked for. Its proxies become the value itself, or a conversion behind its definition.
"""

import cython
from cython.cimports.libc.stdint import uint32_t, uint64_t
from cython.cimports.wasmine.jit.ssa import ops as o
from cython.cimports.wasmine.jit.ssa.build import BUILD_UNSUPPORTED, Build
from cython.cimports.wasmine.jit.ssa.function import (
    TYPE_F32,
    TYPE_I32,
    TYPE_I64,
    TYPE_V128,
    TYPE_VOID,
    Inst,
    SsaFunc,
    args_of,
    new_alias,
    resolve,
    take_pool,
    unlink_inst,
)
from cython.cimports.wasmine.jit.ssa.simplify import Cursor
from cython.cimports.wasmine.jit.ssa.slots import complete_params, convert, pay, same_type, typed_const
from cython.cimports.wasmine.jit.workspace import put_back, take, take_zeros

Building = cython.typedef(cython.pointer[Build])
Words = cython.typedef(cython.pointer[uint32_t])

ROUNDS = cython.declare(cython.const[uint32_t], 4)

# --- parameters that are one value


@cython.cfunc
@cython.inline
@cython.nogil
@cython.exceptval(check=False)
def operands_of(f: cython.pointer[SsaFunc], id: uint32_t, n: Words) -> Words:
    """What flows into an open value: the operands of a parameter, the two of a select, nothing into a
    frame load.
    """
    inst: cython.pointer[Inst] = f.insts + id
    if inst.op == o.PARAM:
        n[0] = inst.args[1]
        return f.pool + inst.args[0]
    n[0] = 2 if inst.op == o.SELECT else 0
    return inst.args + 1


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
def link_readers(b: Building, alias: Words, first: Words) -> Words:
    """`first[v]` starts the chain of open values that v flows into; the result holds pairs of a reader and
    the next link. NULL when memory is exhausted.
    """
    f: cython.pointer[SsaFunc] = b.f
    i: uint32_t
    k: uint32_t
    n: uint32_t = 0
    link: uint32_t = 1
    value: uint32_t
    operands: Words
    count: uint64_t = 0
    chain: Words
    for i in range(b.n_open):
        operands_of(f, b.open[i], cython.address(n))
        count += n
    chain = cython.cast(Words, take(f.work, (2 * count + 2) * cython.sizeof(uint32_t)))
    if chain == cython.NULL:
        return chain
    for i in range(b.n_open):
        if alias[b.open[i]] != b.open[i]:
            continue
        operands = operands_of(f, b.open[i], cython.address(n))
        for k in range(n):
            value = resolve(alias, operands[k])
            chain[2 * link] = b.open[i]
            chain[2 * link + 1] = first[value]
            first[value] = link
            link += 1
    return chain


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def drop_trivial(b: Building, alias: Words) -> cython.bint:
    """Replaces parameters into which one value flows by that value; what they flow into is looked at
    again.
    """
    f: cython.pointer[SsaFunc] = b.f
    first: Words = cython.cast(Words, take_zeros(f.work, f.n_insts, cython.sizeof(uint32_t)))
    chain: Words = cython.NULL
    work: Words = cython.cast(
        Words, take(f.work, (cython.cast(uint64_t, b.n_open) + 1) * cython.sizeof(uint32_t))
    )
    height: uint32_t = 0
    i: uint32_t
    param: uint32_t
    only: uint32_t
    link: uint32_t
    if first != cython.NULL:
        chain = link_readers(b, alias, first)
    if chain == cython.NULL or work == cython.NULL:
        put_back(f.work, first)
        put_back(f.work, chain)
        put_back(f.work, work)
        return False
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
            if alias[i] == i and f.insts[i].op == o.PARAM and f.insts[i].uses == 0:
                f.insts[i].uses = 1
                work[height] = i
                height += 1
            if chain[2 * link + 1] == 0:
                chain[2 * link + 1] = first[only]
                first[only] = first[param]
                break
            link = chain[2 * link + 1]
    put_back(f.work, first)
    put_back(f.work, chain)
    put_back(f.work, work)
    return True


# --- types


@cython.cfunc
@cython.inline
@cython.nogil
@cython.exceptval(check=False)
def breadth(type: uint32_t) -> uint32_t:
    """How many bits a value of a type has: 1 for 32, 2 for 64, 3 for 128; 0 when the type is open."""
    if type == TYPE_I32 or type == TYPE_F32:
        return 1
    if type == TYPE_VOID:
        return 0
    return 3 if type == TYPE_V128 else 2


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def breadth_of(f: cython.pointer[SsaFunc], value: uint32_t) -> uint32_t:
    """How many bits of a value may count.

    A constant without type has those that it needs; of an open value `uses` says it, here only.
    """
    inst: cython.pointer[Inst] = f.insts + value
    if inst.type != TYPE_VOID:
        return breadth(inst.type)
    if inst.op == o.CONST:
        return 2 if inst.imm >> 32 else 0
    return inst.uses


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def find_breadths(b: Building, alias: Words) -> cython.bint:
    """Gives every open value at least the bits of what flows into it, in `uses`.

    False when memory is exhausted.
    """
    f: cython.pointer[SsaFunc] = b.f
    first: Words = cython.cast(Words, take_zeros(f.work, f.n_insts, cython.sizeof(uint32_t)))
    work: Words = cython.cast(
        Words, take(f.work, (3 * cython.cast(uint64_t, b.n_open) + 1) * cython.sizeof(uint32_t))
    )
    chain: Words = cython.NULL
    operands: Words
    height: uint32_t = 0
    i: uint32_t
    k: uint32_t
    n: uint32_t = 0
    id: uint32_t
    link: uint32_t
    if first != cython.NULL:
        chain = link_readers(b, alias, first)
    if chain == cython.NULL or work == cython.NULL:
        put_back(f.work, first)
        put_back(f.work, chain)
        put_back(f.work, work)
        return False
    for i in range(b.n_open):
        id = b.open[i]
        f.insts[id].uses = 0
        if f.insts[id].op == o.FRAME_LOAD:
            f.insts[id].uses = breadth(b.slot_types[f.insts[id].imm])
    for i in range(b.n_open):
        id = b.open[i]
        operands = operands_of(f, id, cython.address(n))
        for k in range(n):
            f.insts[id].uses = max(f.insts[id].uses, breadth_of(f, resolve(alias, operands[k])))
        if f.insts[id].uses != 0 and alias[id] == id:
            work[height] = id
            height += 1
    while height > 0:
        height -= 1
        id = work[height]
        link = first[id]
        while link != 0:
            i = chain[2 * link]
            if f.insts[i].uses < f.insts[id].uses:
                f.insts[i].uses = f.insts[id].uses
                work[height] = i
                height += 1
            link = chain[2 * link + 1]
    put_back(f.work, first)
    put_back(f.work, chain)
    put_back(f.work, work)
    return True


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def flowing_type(f: cython.pointer[SsaFunc], alias: Words, id: uint32_t) -> uint32_t:
    """The type that operands of an open value have, among those with its number of bits: the one that it was
    asked for if any has it, else the first.
    """
    n: uint32_t = 0
    operands: Words = operands_of(f, id, cython.address(n))
    asked: uint32_t = f.insts[f.insts[id].aux].type if f.insts[id].aux != 0 else TYPE_VOID
    found: uint32_t = TYPE_VOID
    type: uint32_t
    i: uint32_t
    for i in range(n):
        type = f.insts[resolve(alias, operands[i])].type
        if type == TYPE_VOID or breadth(type) != f.insts[id].uses:
            continue
        if type == asked:
            return type
        if found == TYPE_VOID:
            found = type
    return found


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def fallback_type(b: Building, id: uint32_t) -> uint32_t:
    """The type of an open value into which no typed one flows: what it was asked for, if that has its
    number of bits.
    """
    f: cython.pointer[SsaFunc] = b.f
    bits: uint32_t = f.insts[id].uses
    asked: uint32_t = f.insts[f.insts[id].aux].type if f.insts[id].aux != 0 else TYPE_VOID
    if f.insts[id].op == o.FRAME_LOAD and b.slot_types[f.insts[id].imm] != TYPE_VOID:
        return b.slot_types[f.insts[id].imm]
    if asked != TYPE_VOID and breadth(asked) >= bits:
        return asked
    return TYPE_I32 if bits == 1 else TYPE_I64


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def decide_types(b: Building, alias: Words) -> cython.bint:
    """Decides the open types: first how many bits each has, so that none is lost; then which type, in rounds
    along the flow.

    The rounds are for better code only: where they do not reach, what was asked for decides. False when
    memory is exhausted.
    """
    f: cython.pointer[SsaFunc] = b.f
    round: uint32_t
    i: uint32_t
    id: uint32_t
    open: cython.bint = True
    if not find_breadths(b, alias):
        return False
    for round in range(ROUNDS):
        if not open:
            return True
        open = False
        for i in range(b.n_open):
            id = b.open[i]
            if alias[id] != id or f.insts[id].type != TYPE_VOID:
                continue
            f.insts[id].type = flowing_type(f, alias, id)
            open = open or f.insts[id].type == TYPE_VOID
    for i in range(b.n_open):
        if f.insts[b.open[i]].type == TYPE_VOID:
            f.insts[b.open[i]].type = fallback_type(b, b.open[i])
    return True


# --- values of the decided types


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def behind(b: Building, value: uint32_t) -> Cursor:
    """The first place where a value is there: behind its definition, at the start of its block if it is a
    parameter.
    """
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
    """Puts what replaces it for every operand.

    A conversion that was made at the end may read a proxy, too.
    """
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


# --- arguments


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


# --- the whole


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
    if drop_trivial(b, alias) and decide_types(b, alias):
        settle_proxies(b, alias)
        if not b.status and not f.failed:
            rewrite_operands(b, alias)
            pass_arguments(b, alias)
            for i in range(b.n_open):
                f.insts[b.open[i]].aux = 0
    else:
        f.failed = 1
    put_back(f.work, alias)
    return not b.status and not f.failed
