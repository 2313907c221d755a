"""Calls replaced by what they call.

A callee is built as a function of its own, cleaned, and copied to each place where it is called; what was built is kept while the caller is
compiled. The block of the call is split: what follows becomes a block whose parameters are the results, and a return becomes a jump there. A
tail call in the callee becomes a call: the frame of the caller is below it as before.

    b1: ...                          b1: ...
        v3 = call v1, v2                 br b5
        ... v3 ...            =>     b5: (callee, its arguments are v1 and v2) ... br b6(v9)
                                     b6(v3): ... v3 ...

Fuel, polls and traps are the callee's own, at its positions: `site` tells whose code it is and where it was called, for backtraces. Small
callees, larger ones in loops; a function into itself a few levels deep; all within a budget, so that code grows by a bounded factor.
"""

import cython
from cython.cimports.libc.stdint import uint32_t, uint64_t
from cython.cimports.libc.stdlib import calloc, free, malloc, realloc
from cython.cimports.libc.string import memset
from cython.cimports.wasmine.ir.func import FRAME_NOT_LOWERED, IrFunc
from cython.cimports.wasmine.ir.lower import lower
from cython.cimports.wasmine.jit.ssa import ops as o
from cython.cimports.wasmine.jit.ssa.build import BUILD_DONE, NO_ENTRY, BuildOptions, build, type_of
from cython.cimports.wasmine.jit.ssa.cfg import analyse, clean_flow
from cython.cimports.wasmine.jit.ssa.dce import remove_dead, rewrite
from cython.cimports.wasmine.jit.ssa.function import (
    B_HANDLER,
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
    count_uses,
    free_func,
    init_func,
    new_alias,
    new_block,
    new_edges,
    new_inst,
    set_arg_count,
    take_pool,
    unlink_inst,
)
from cython.cimports.wasmine.jit.ssa.info import EFFECTS
from cython.cimports.wasmine.runtime.vm import ModuleCode
from cython.cimports.wasmine.spec.traps import TRAP_NONE
from cython.cimports.wasmine.spec.types import TypeDef

Func = cython.typedef(cython.pointer[SsaFunc])
Words = cython.typedef(cython.pointer[uint32_t])

# Sizes are instructions of register IR; a byte of a body is at most about one of them.
SMALL = cython.declare(cython.const[uint32_t], 24)
SMALL_IN_LOOP = cython.declare(cython.const[uint32_t], 60)
# Into itself, and levels of different functions.
SELF_DEPTH = cython.declare(cython.const[uint32_t], 2)
DEPTH = cython.declare(cython.const[uint32_t], 6)
# What a function may grow by: a constant, and as many instructions as it had.
GROWTH = cython.declare(cython.const[uint32_t], 600)
# Different functions that are looked at for one caller.
CALLEES = cython.declare(cython.const[uint32_t], 200)

# A callee that has been built; `func` is NULL when it cannot be inlined.
Callee = cython.struct(ir=cython.pointer[IrFunc], func=cython.pointer[SsaFunc])

Inlining = cython.struct(
    f=cython.pointer[SsaFunc],
    code=cython.pointer[ModuleCode],
    options=cython.pointer[BuildOptions],
    callees=cython.pointer[Callee],
    n_callees=uint32_t,
    max_callees=uint32_t,
    calls=cython.pointer[uint32_t],
    n_calls=uint32_t,
    max_calls=uint32_t,
    values=cython.pointer[uint32_t],
    blocks=cython.pointer[uint32_t],
    budget=uint32_t,
)
Work = cython.typedef(cython.pointer[Inlining])


# --- callees


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def body_bytes(w: Work, callee: cython.pointer[IrFunc]) -> uint32_t:
    """Bytes of a function's body."""
    index: uint32_t = callee.index - w.code.n_imported_funcs
    return w.code.desc.bodies[index].end - w.code.desc.bodies[index].start


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def is_inlinable(g: Func) -> cython.bint:
    """Whether the code of a function can stand in another's: it has no handlers, which would have to be merged."""
    i: uint32_t
    for i in range(g.n_order):
        if g.blocks[g.order[i]].flags & B_HANDLER:
            return False
    return True


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def build_callee(w: Work, callee: cython.pointer[IrFunc]) -> Func:
    """A function built and cleaned, or NULL."""
    g: Func
    options: BuildOptions = w.options[0]
    options.enter_at = NO_ENTRY
    if callee.frame_slots == FRAME_NOT_LOWERED and lower(w.code, callee) != TRAP_NONE:
        return cython.NULL
    if callee.n_instrs > SMALL_IN_LOOP or callee.n_handlers != 0:
        return cython.NULL
    g = cython.cast(Func, malloc(cython.sizeof(SsaFunc)))
    if g == cython.NULL:
        return g
    init_func(g)
    if (
        build(g, w.code, callee, cython.address(options)) == BUILD_DONE
        and clean_flow(g)
        and remove_dead(g)
        and is_inlinable(g)
    ):
        return g
    free_func(g)
    free(g)
    return cython.NULL


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def callee_of(w: Work, callee: cython.pointer[IrFunc]) -> Func:
    """What a function is as a callee, from the list of those that were asked for, or new in it."""
    i: uint32_t
    capacity: uint64_t
    moved: cython.p_void
    for i in range(w.n_callees):
        if w.callees[i].ir == callee:
            return w.callees[i].func
    if w.n_callees == CALLEES:
        return cython.NULL
    if w.n_callees == w.max_callees:
        capacity = w.max_callees * cython.cast(uint64_t, 2) if w.max_callees else 8
        moved = realloc(w.callees, capacity * cython.sizeof(Callee))
        if moved == cython.NULL:
            w.f.failed = 1
            return cython.NULL
        w.callees = cython.cast(cython.pointer[Callee], moved)
        w.max_callees = cython.cast(uint32_t, capacity)
    w.callees[w.n_callees].ir = callee
    w.callees[w.n_callees].func = build_callee(w, callee)
    w.n_callees += 1
    return w.callees[w.n_callees - 1].func


# --- which calls


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def is_shallow(w: Work, id: uint32_t, callee: cython.pointer[IrFunc]) -> cython.bint:
    """Whether the code that a call stands in has not been inlined too often into itself, or too deep."""
    f: Func = w.f
    site: uint32_t = f.insts[id].site
    depth: uint32_t = 0
    same: uint32_t = 1 if f.ir == callee else 0
    while site != 0:
        depth += 1
        if f.sites[site].func == callee:
            same += 1
        site = f.sites[site].site
    return depth < DEPTH and same <= SELF_DEPTH


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def wanted(w: Work, id: uint32_t) -> Func:
    """The callee of a call that is to be inlined, or NULL."""
    f: Func = w.f
    inst: cython.pointer[Inst] = f.insts + id
    callee: cython.pointer[IrFunc] = w.code.funcs + inst.aux
    limit: uint32_t = SMALL_IN_LOOP if f.blocks[inst.block].loop != 0 else SMALL
    g: Func
    if callee.frame_slots == FRAME_NOT_LOWERED:
        # Four bytes of body for an instruction, before it is worth lowering.
        if body_bytes(w, callee) > 4 * limit:
            return cython.NULL
    elif callee.n_instrs > limit:
        return cython.NULL
    if f.insts[f.blocks[inst.block].last].op == o.BR_TRY or not is_shallow(w, id, callee):
        return cython.NULL
    g = callee_of(w, callee)
    if g == cython.NULL or g.ir.n_instrs > limit or g.n_insts > w.budget:
        return cython.NULL
    return g


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def note_call(w: Work, id: uint32_t) -> cython.void:
    """Puts a call on the list of those to look at."""
    capacity: uint64_t
    moved: cython.p_void
    if w.n_calls == w.max_calls:
        capacity = w.max_calls * cython.cast(uint64_t, 2) if w.max_calls else 64
        moved = realloc(w.calls, capacity * cython.sizeof(uint32_t))
        if moved == cython.NULL:
            w.f.failed = 1
            return
        w.calls = cython.cast(Words, moved)
        w.max_calls = cython.cast(uint32_t, capacity)
    w.calls[w.n_calls] = id
    w.n_calls += 1


# --- splitting and copying


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def split(w: Work, id: uint32_t, alias: Words) -> uint32_t:
    """Cuts the block of a call behind it; the new block has the results as parameters. The call and its projections are taken out."""
    f: Func = w.f
    above: uint32_t = f.insts[id].block
    below: uint32_t = new_block(f)
    following: uint32_t = f.insts[id].next
    last: uint32_t = f.insts[id].prev
    e: uint32_t
    a: cython.pointer[Block]
    b: cython.pointer[Block]
    if below == 0:
        return 0
    if f.insts[id].type != TYPE_VOID:
        alias[id] = append_param(f, below, f.insts[id].type)
    while f.insts[following].op == o.RESULT:
        alias[following] = append_param(f, below, f.insts[following].type)
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
def copied_value(w: Work, g: Func, id: uint32_t) -> uint32_t:
    """What stands for a value of the callee."""
    if EFFECTS[g.insts[id].op] & o.E_FLOATS:
        return copied_const(w.f, g, id)
    return w.values[id]


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def copied_words(w: Work, g: Func, place: uint64_t, n: uint32_t) -> uint32_t:
    """Words of the callee's pool."""
    to: uint32_t = take_pool(w.f, n)
    k: uint32_t
    if to != 0:
        for k in range(n):
            w.f.pool[to + k] = g.pool[place + k]
    return to


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def declare_copies(w: Work, g: Func, call: uint32_t, site: uint32_t) -> cython.void:
    """First, a new instruction for each value of the callee, and for its arguments those of the call."""
    f: Func = w.f
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
def copy_inst(w: Work, g: Func, block: uint32_t, id: uint32_t) -> uint32_t:
    """Then, an instruction with its operands, in its place."""
    f: Func = w.f
    from_: cython.pointer[Inst] = g.insts + id
    copy: uint32_t = w.values[id]
    value: uint32_t
    k: uint32_t
    set_arg_count(f, copy, from_.n_args)
    for k in range(from_.n_args):
        value = copied_value(w, g, args_of(g, from_)[k])
        args_of(f, f.insts + copy)[k] = value
    f.insts[copy].flags = from_.flags
    f.insts[copy].pos = from_.pos
    f.insts[copy].imm = from_.imm
    f.insts[copy].aux = from_.aux
    if from_.op == o.I8X16_SHUFFLE:
        f.insts[copy].imm = copied_words(w, g, from_.imm, 4)
    elif from_.op == o.BR_TABLE:
        f.insts[copy].imm = copied_words(w, g, from_.imm, from_.aux + 1)
    append_inst(f, block, copy)
    return copy


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def copy_edges(w: Work, g: Func, from_: cython.pointer[Block], block: uint32_t) -> cython.void:
    """The edges of a block."""
    f: Func = w.f
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
            value = copied_value(w, g, g.pool[g.edges[from_.first_edge + e].args + k])
            f.pool[place + k] = value
        f.edges[first + e].target = w.blocks[g.edges[from_.first_edge + e].target]
        f.edges[first + e].args = place
        f.edges[first + e].n_args = n


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
def call_instead(w: Work, block: uint32_t, copy: uint32_t, type: cython.pointer[TypeDef], below: uint32_t) -> cython.void:
    """A tail call of the callee becomes a call and a jump with its results."""
    f: Func = w.f
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
def copy_body(w: Work, g: Func, below: uint32_t) -> cython.void:
    """The instructions and edges of the callee; its returns go to `below`."""
    f: Func = w.f
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
                copy = copy_inst(w, g, block, id)
                if op == o.RETURN:
                    unlink_inst(f, copy)
                    jump_with(w, block, below, copy)
                elif EFFECTS[op] & o.E_CALL and EFFECTS[op] & o.E_ENDS and op != o.THROW and op != o.THROW_REF:
                    call_instead(w, block, copy, w.code.defs[g.type_id], below)
                if f.insts[copy].op == o.CALL:
                    note_call(w, copy)
            id = g.insts[id].next
        if g.blocks[g.order[i]].n_succs != 0:
            copy_edges(w, g, g.blocks + g.order[i], block)


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def new_site(w: Work, g: Func, call: uint32_t) -> uint32_t:
    """Where the code of a callee stands."""
    f: Func = w.f
    moved: cython.p_void
    if f.n_sites == f.max_sites:
        moved = realloc(f.sites, 2 * f.max_sites * cython.cast(uint64_t, cython.sizeof(Site)))
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
def inline_one(w: Work, call: uint32_t, g: Func, alias: Words) -> cython.void:
    """Replaces a call by its callee."""
    f: Func = w.f
    above: uint32_t = f.insts[call].block
    site: uint32_t = new_site(w, g, call)
    below: uint32_t
    nothing: uint32_t
    w.values = cython.cast(Words, calloc(g.n_insts, cython.sizeof(uint32_t)))
    w.blocks = cython.cast(Words, calloc(g.n_blocks, cython.sizeof(uint32_t)))
    if w.values == cython.NULL or w.blocks == cython.NULL:
        f.failed = 1
    if not f.failed:
        declare_copies(w, g, call, site)
    below = split(w, call, alias)
    if not f.failed:
        nothing = new_inst(f, o.NOP, TYPE_VOID)
        f.insts[nothing].pos = f.insts[call].pos
        f.insts[nothing].site = f.insts[call].site
        jump_with(w, above, w.blocks[g.entry], nothing)
        copy_body(w, g, below)
    free(w.values)
    free(w.blocks)
    w.values = cython.NULL
    w.blocks = cython.NULL
    w.budget -= g.n_insts


# --- the pass


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def resolve_refs(w: Work, id: uint32_t) -> cython.void:
    """A call through a reference to a known function is a call of that function."""
    f: Func = w.f
    inst: cython.pointer[Inst] = f.insts + id
    args: Words = args_of(f, inst)
    callee: cython.pointer[Inst] = f.insts + args[0]
    n: uint32_t = inst.n_args - 1
    k: uint32_t
    if callee.op != o.REF_FUNC:
        return
    if callee.aux < w.code.n_imported_funcs:
        inst.op = o.CALL_IMPORT
        inst.aux = callee.aux
    else:
        inst.op = o.CALL
        inst.aux = callee.aux - w.code.n_imported_funcs
    for k in range(n):
        args[k] = args[k + 1]
    if n == 3:
        # Operands move from the pool into the instruction.
        for k in range(3):
            inst.args[2 - k] = args[2 - k]
    inst.n_args = n


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def collect(w: Work) -> cython.void:
    """All calls of the function, in order."""
    f: Func = w.f
    i: uint32_t
    id: uint32_t
    for i in range(f.n_order):
        id = f.blocks[f.order[i]].first
        while id != 0:
            if f.insts[id].op == o.CALL_REF:
                resolve_refs(w, id)
            if f.insts[id].op == o.CALL:
                note_call(w, id)
            id = f.insts[id].next


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def release(w: Work) -> cython.void:
    """Frees callees and lists."""
    i: uint32_t
    for i in range(w.n_callees):
        if w.callees[i].func != cython.NULL:
            free_func(w.callees[i].func)
            free(w.callees[i].func)
    free(w.callees)
    free(w.calls)


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def grown_alias(f: Func, alias: Words) -> Words:
    """The table of replacements with room for the values that were made since; NULL when memory is exhausted."""
    n: uint32_t = alias[0]
    i: uint32_t
    moved: cython.p_void = realloc(alias, f.n_insts * cython.cast(uint64_t, cython.sizeof(uint32_t)))
    if moved == cython.NULL:
        free(alias)
        f.failed = 1
        return cython.NULL
    alias = cython.cast(Words, moved)
    for i in range(n, f.n_insts):
        alias[i] = i
    alias[0] = f.n_insts
    return alias


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def inline_all(w: Work) -> cython.bint:
    """Looks at each call, also at those that come in with callees."""
    f: Func = w.f
    at: uint32_t = 0
    g: Func
    alias: Words = new_alias(f)
    any: cython.bint = False
    while alias != cython.NULL and at < w.n_calls and not f.failed:
        g = wanted(w, w.calls[at])
        if g != cython.NULL:
            alias = grown_alias(f, alias)
            if alias != cython.NULL:
                inline_one(w, w.calls[at], g, alias)
                any = True
        at += 1
    if alias != cython.NULL and any and not f.failed and analyse(f):
        rewrite(f, alias)
    free(alias)
    return any


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def inline_calls(f: Func, code: cython.pointer[ModuleCode], options: cython.pointer[BuildOptions]) -> cython.bint:
    """See inline.pxd."""
    w: Inlining
    memset(cython.address(w), 0, cython.sizeof(Inlining))
    w.f = f
    w.code = code
    w.options = options
    w.budget = GROWTH + f.n_insts
    collect(cython.address(w))
    inline_all(cython.address(w))
    release(cython.address(w))
    return not f.failed and count_uses(f)
