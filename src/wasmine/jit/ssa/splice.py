"""The code of a callee put in the place of a call.

The block of the call is split: what follows becomes a block whose parameters are the results, and a return
becomes a jump there. A tail call in the callee becomes a call: the frame of the caller is below it as before.

    b1: ...                          b1: ...
        v3 = call v1, v2                 br b5
        ... v3 ...            =>     b5: (callee, its arguments are v1 and v2) ... br b6(v9)
                                     b6(v3): ... v3 ...

Fuel, polls and traps are the callee's own, at its positions: `site` tells whose code it is and where it was
called, for backtraces.
"""

import cython
from cython.cimports.libc.stdint import uint32_t, uint64_t
from cython.cimports.libc.string import memset
from cython.cimports.wasmine.jit.ssa import ops as o
from cython.cimports.wasmine.jit.ssa.build import type_of
from cython.cimports.wasmine.jit.ssa.function import (
    TYPE_VOID,
    Block,
    Inst,
    Site,
    SsaFunc,
    append_inst,
    append_param,
    args_of,
    const128_of,
    const_of,
    new_block,
    new_edges,
    new_inst,
    set_arg_count,
    take_pool,
    unlink_inst,
)
from cython.cimports.wasmine.jit.ssa.info import EFFECTS
from cython.cimports.wasmine.jit.ssa.splice import Copying
from cython.cimports.wasmine.jit.workspace import put_back, resize, take_zeros
from cython.cimports.wasmine.spec.types import TypeDef

Func = cython.typedef(cython.pointer[SsaFunc])
Words = cython.typedef(cython.pointer[uint32_t])

Work = cython.typedef(cython.pointer[Copying])


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def jump_with(w: Work, block: uint32_t, target: uint32_t, like: uint32_t) -> cython.void:
    """Ends a block with a jump that takes along the operands of an instruction."""
    f: Func = w.f
    first: uint32_t = new_edges(f, block, 1)
    n: uint32_t = f.insts[like].n_args
    place: uint32_t = take_pool(f, n)
    jump: uint32_t = new_inst(f, o.BR, TYPE_VOID)
    k: uint32_t
    if first == 0 or place == 0 or jump == 0:
        return
    for k in range(n):
        f.pool[place + k] = args_of(f, f.insts + like)[k]
    f.edges[first].target = target
    f.edges[first].args = place
    f.edges[first].n_args = n
    f.insts[jump].pos = f.insts[like].pos
    f.insts[jump].site = f.insts[like].site
    append_inst(f, block, jump)


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def split(w: Work, id: uint32_t, alias: Words) -> uint32_t:
    """Cuts the block of a call behind it; the new block has the results as parameters, those too that nobody
    asks for.

    The call and its projections are taken out.
    """
    f: Func = w.f
    above: uint32_t = f.insts[id].block
    below: uint32_t = new_block(f)
    following: uint32_t = f.insts[id].next
    last: uint32_t = f.insts[id].prev
    e: uint32_t
    k: uint32_t
    param: uint32_t
    a: cython.pointer[Block]
    b: cython.pointer[Block]
    if below == 0:
        return 0
    for k in range(w.type.n_results):
        param = append_param(f, below, type_of(w.type.results[k]))
        if k == 0:
            alias[id] = param
        elif f.insts[following].op == o.RESULT and f.insts[following].imm == k:
            alias[following] = param
            f.insts[following].block = 0
            following = f.insts[following].next
    a = f.blocks + above
    b = f.blocks + below
    b.first = following
    b.last = a.last
    b.first_edge = a.first_edge
    b.n_succs = a.n_succs
    b.loop = a.loop
    b.pos = f.insts[id].pos
    for e in range(b.first_edge, b.first_edge + b.n_succs):
        f.edges[e].source = below
    f.insts[following].prev = 0
    while following != 0:
        f.insts[following].block = below
        following = f.insts[following].next
    a.last = last
    if last != 0:
        f.insts[last].next = 0
    else:
        a.first = 0
    f.insts[id].block = 0
    return below


# --- copying


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def copied_const(f: Func, g: Func, id: uint32_t) -> uint32_t:
    """A constant of another function."""
    inst: cython.pointer[Inst] = g.insts + id
    words: Words
    if inst.op != o.V128_CONST:
        return const_of(f, inst.type, inst.imm)
    words = g.pool + inst.imm
    return const128_of(
        f,
        words[0] | cython.cast(uint64_t, words[1]) << 32,
        words[2] | cython.cast(uint64_t, words[3]) << 32,
    )


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def copied_value(w: Work, id: uint32_t) -> uint32_t:
    """What stands for a value of the callee."""
    g: Func = w.g
    if EFFECTS[g.insts[id].op] & o.E_FLOATS:
        return copied_const(w.f, g, id)
    return w.values[id]


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def copied_words(w: Work, place: uint64_t, n: uint32_t) -> uint32_t:
    """Words of the callee's pool."""
    g: Func = w.g
    to: uint32_t = take_pool(w.f, n)
    k: uint32_t
    if to != 0:
        for k in range(n):
            w.f.pool[to + k] = g.pool[place + k]
    return to


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def declare_copies(w: Work, call: uint32_t, site: uint32_t) -> cython.void:
    """First, a new instruction for each value of the callee, and for its arguments those of the call."""
    f: Func = w.f
    g: Func = w.g
    i: uint32_t
    id: uint32_t
    copy: uint32_t
    b: cython.pointer[Block]
    for i in range(g.n_order):
        w.blocks[g.order[i]] = new_block(f)
        if f.failed:
            return
        f.blocks[w.blocks[g.order[i]]].loop = f.blocks[f.insts[call].block].loop
        if g.blocks[g.order[i]].loop != 0:
            # Of a loop or not is what counts while calls are looked for.
            f.blocks[w.blocks[g.order[i]]].loop = w.blocks[g.order[i]]
        f.blocks[w.blocks[g.order[i]]].pos = g.blocks[g.order[i]].pos
        b = g.blocks + g.order[i]
        id = b.first_param
        while id != 0:
            w.values[id] = append_param(f, w.blocks[g.order[i]], g.insts[id].type)
            id = g.insts[id].next
        id = b.first
        while id != 0:
            if g.insts[id].op == o.ARG:
                w.values[id] = args_of(f, f.insts + call)[g.insts[id].imm]
            else:
                copy = new_inst(f, g.insts[id].op, g.insts[id].type)
                w.values[id] = copy
                f.insts[copy].site = site
            id = g.insts[id].next


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def copy_inst(w: Work, block: uint32_t, id: uint32_t) -> uint32_t:
    """Then, an instruction with its operands, in its place."""
    f: Func = w.f
    g: Func = w.g
    from_: cython.pointer[Inst] = g.insts + id
    copy: uint32_t = w.values[id]
    value: uint32_t
    k: uint32_t
    set_arg_count(f, copy, from_.n_args)
    for k in range(from_.n_args):
        value = copied_value(w, args_of(g, from_)[k])
        args_of(f, f.insts + copy)[k] = value
    f.insts[copy].flags = from_.flags
    f.insts[copy].pos = from_.pos
    f.insts[copy].imm = from_.imm
    f.insts[copy].aux = from_.aux
    if from_.op == o.I8X16_SHUFFLE:
        f.insts[copy].imm = copied_words(w, from_.imm, 4)
    elif from_.op == o.BR_TABLE:
        f.insts[copy].imm = copied_words(w, from_.imm, from_.aux + 1)
    append_inst(f, block, copy)
    return copy


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def copy_edges(w: Work, from_: cython.pointer[Block], block: uint32_t) -> cython.void:
    """The edges of a block."""
    f: Func = w.f
    g: Func = w.g
    first: uint32_t = new_edges(f, block, from_.n_succs)
    e: uint32_t
    k: uint32_t
    n: uint32_t
    place: uint32_t
    value: uint32_t
    if f.failed:
        return
    for e in range(from_.n_succs):
        n = g.edges[from_.first_edge + e].n_args
        place = take_pool(f, n)
        if place == 0:
            return
        for k in range(n):
            value = copied_value(w, g.pool[g.edges[from_.first_edge + e].args + k])
            f.pool[place + k] = value
        f.edges[first + e].target = w.blocks[g.edges[from_.first_edge + e].target]
        f.edges[first + e].args = place
        f.edges[first + e].n_args = n


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def call_instead(w: Work, block: uint32_t, copy: uint32_t, below: uint32_t) -> cython.void:
    """A tail call of the callee becomes a call and a jump with its results."""
    f: Func = w.f
    type: cython.pointer[TypeDef] = w.type
    op: uint32_t = f.insts[copy].op
    k: uint32_t
    value: uint32_t
    jump: uint32_t = new_inst(f, o.NOP, TYPE_VOID)
    if op == o.RETURN_CALL:
        f.insts[copy].op = o.CALL
    elif op == o.RETURN_CALL_IMPORT:
        f.insts[copy].op = o.CALL_IMPORT
    elif op == o.RETURN_CALL_INDIRECT:
        f.insts[copy].op = o.CALL_INDIRECT
    else:
        f.insts[copy].op = o.CALL_REF
    set_arg_count(f, jump, type.n_results)
    for k in range(type.n_results):
        value = copy
        if k > 0:
            value = new_inst(f, o.RESULT, type_of(type.results[k]))
            set_arg_count(f, value, 1)
            f.insts[value].args[0] = copy
            f.insts[value].imm = k
            f.insts[value].pos = f.insts[copy].pos
            f.insts[value].site = f.insts[copy].site
            append_inst(f, block, value)
        else:
            f.insts[copy].type = type_of(type.results[0])
        args_of(f, f.insts + jump)[k] = value
    f.insts[jump].pos = f.insts[copy].pos
    f.insts[jump].site = f.insts[copy].site
    jump_with(w, block, below, jump)


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def copy_body(w: Work, below: uint32_t) -> cython.void:
    """The instructions and edges of the callee; its returns go to `below`."""
    f: Func = w.f
    g: Func = w.g
    i: uint32_t
    id: uint32_t
    copy: uint32_t
    block: uint32_t
    op: uint32_t
    for i in range(g.n_order):
        block = w.blocks[g.order[i]]
        id = g.blocks[g.order[i]].first
        while id != 0 and not f.failed:
            op = g.insts[id].op
            if op != o.ARG:
                copy = copy_inst(w, block, id)
                if op == o.RETURN:
                    unlink_inst(f, copy)
                    jump_with(w, block, below, copy)
                elif (
                    EFFECTS[op] & o.E_CALL and EFFECTS[op] & o.E_ENDS and op != o.THROW and op != o.THROW_REF
                ):
                    call_instead(w, block, copy, below)
            id = g.insts[id].next
        if g.blocks[g.order[i]].n_succs != 0:
            copy_edges(w, g.blocks + g.order[i], block)


# --- the whole


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def new_site(w: Work, call: uint32_t) -> uint32_t:
    """Where the code of a callee stands."""
    f: Func = w.f
    g: Func = w.g
    moved: cython.p_void
    if f.n_sites == f.max_sites:
        moved = resize(f.work, f.sites, 2 * f.max_sites * cython.cast(uint64_t, cython.sizeof(Site)))
        if moved == cython.NULL:
            f.failed = 1
            return 0
        f.sites = cython.cast(cython.pointer[Site], moved)
        f.max_sites = 2 * f.max_sites
    f.sites[f.n_sites].func = g.ir
    f.sites[f.n_sites].site = f.insts[call].site
    f.sites[f.n_sites].pos = f.insts[call].pos
    f.n_sites += 1
    return f.n_sites - 1


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def splice(f: Func, g: Func, type: cython.pointer[TypeDef], call: uint32_t, alias: Words) -> cython.void:
    """See splice.pxd."""
    w: Copying
    above: uint32_t = f.insts[call].block
    site: uint32_t
    below: uint32_t
    nothing: uint32_t
    memset(cython.address(w), 0, cython.sizeof(Copying))
    w.f = f
    w.g = g
    w.type = type
    w.values = cython.cast(Words, take_zeros(f.work, g.n_insts, cython.sizeof(uint32_t)))
    w.blocks = cython.cast(Words, take_zeros(f.work, g.n_blocks, cython.sizeof(uint32_t)))
    if w.values == cython.NULL or w.blocks == cython.NULL:
        f.failed = 1
    site = new_site(cython.address(w), call)
    if not f.failed:
        declare_copies(cython.address(w), call, site)
    below = split(cython.address(w), call, alias)
    if not f.failed:
        nothing = new_inst(f, o.NOP, TYPE_VOID)
        f.insts[nothing].pos = f.insts[call].pos
        f.insts[nothing].site = f.insts[call].site
        jump_with(cython.address(w), above, w.blocks[g.entry], nothing)
        copy_body(cython.address(w), below)
    put_back(f.work, w.values)
    put_back(f.work, w.blocks)
