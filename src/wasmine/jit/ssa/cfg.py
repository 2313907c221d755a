"""Control flow made simpler.

A block that only goes on is skipped by those that lead to it; what its parameters receive is passed on
directly. A block whose only predecessor leads nowhere else is joined to it. The entry, handlers, and headers
of loops stay: a header, so that flow stays reducible and loops keep the one block where they are entered.
"""

import cython
from cython.cimports.libc.stdint import uint32_t
from cython.cimports.wasmine.jit.ssa import ops as o
from cython.cimports.wasmine.jit.ssa.dce import rewrite_and_count
from cython.cimports.wasmine.jit.ssa.flow import (
    analyse,
    count_uses,
    find_dominators,
    find_loops,
    link_preds,
    order_blocks,
)
from cython.cimports.wasmine.jit.ssa.function import (
    B_HANDLER,
    B_LOOP,
    CATCH_NOTHING,
    Block,
    Edge,
    Inst,
    SsaFunc,
    append_inst,
    new_alias,
    new_inst,
    resolve,
    take_pool,
    unlink_inst,
)
from cython.cimports.wasmine.jit.ssa.rules import is_const
from cython.cimports.wasmine.jit.workspace import put_back

Func = cython.typedef(cython.pointer[SsaFunc])
Words = cython.typedef(cython.pointer[uint32_t])


# --- branches that are decided


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def keep_edge(f: Func, block: uint32_t, e: uint32_t) -> cython.void:
    """Makes the last instruction of a block a jump along one of its edges."""
    b: cython.pointer[Block] = f.blocks + block
    inst: cython.pointer[Inst] = f.insts + b.last
    if e != b.first_edge:
        f.edges[b.first_edge] = f.edges[e]
    b.n_succs = 1
    inst.op = o.BR
    inst.n_args = 0
    inst.imm = 0
    inst.aux = 0
    inst.flags = 0


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def same_edges(f: Func, first: uint32_t, second: uint32_t) -> cython.bint:
    """Whether two edges lead to the same block with the same values."""
    a: cython.pointer[Edge] = f.edges + first
    b: cython.pointer[Edge] = f.edges + second
    k: uint32_t
    if a.target != b.target:
        return False
    for k in range(a.n_args):
        if f.pool[a.args + k] != f.pool[b.args + k]:
            return False
    return True


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def decide(f: Func, block: uint32_t) -> cython.bint:
    """A branch whose condition is known, or whose edges do not differ, is a jump. Whether this one was."""
    b: cython.pointer[Block] = f.blocks + block
    inst: cython.pointer[Inst] = f.insts + b.last
    index: uint32_t
    if inst.op == o.BR_IF:
        if is_const(f, inst.args[0]):
            keep_edge(f, block, b.first_edge + (f.insts[inst.args[0]].imm == 0))
            return True
        elif same_edges(f, b.first_edge, b.first_edge + 1):
            keep_edge(f, block, b.first_edge)
            return True
    elif inst.op == o.BR_TABLE:
        if is_const(f, inst.args[0]):
            index = inst.aux
            if f.insts[inst.args[0]].imm < index:
                index = cython.cast(uint32_t, f.insts[inst.args[0]].imm)
            keep_edge(f, block, b.first_edge + f.pool[inst.imm + index])
            return True
        elif b.n_succs == 1:
            keep_edge(f, block, b.first_edge)
            return True
    return False


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def cut_behind_trap(f: Func, block: uint32_t) -> cython.bint:
    """A `trap_if` whose condition is a constant other than zero ends its block. Whether there was one."""
    b: cython.pointer[Block] = f.blocks + block
    id: uint32_t = b.first
    trap: uint32_t
    while id != 0:
        if (
            f.insts[id].op == o.TRAP_IF
            and is_const(f, f.insts[id].args[0])
            and f.insts[f.insts[id].args[0]].imm != 0
        ):
            break
        id = f.insts[id].next
    if id == 0:
        return False
    while f.blocks[block].last != id:
        unlink_inst(f, f.blocks[block].last)
    trap = new_inst(f, o.TRAP, 0)
    f.insts[trap].imm = f.insts[id].imm
    f.insts[trap].pos = f.insts[id].pos
    f.insts[trap].site = f.insts[id].site
    unlink_inst(f, id)
    append_inst(f, block, trap)
    f.blocks[block].n_succs = 0
    return True


# --- blocks that only go on


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def only_goes_on(f: Func, block: uint32_t) -> cython.bint:
    """Whether a block is one jump, which those that lead here may take themselves: nothing else uses its
    parameters.
    """
    b: cython.pointer[Block] = f.blocks + block
    param: uint32_t = b.first_param
    used: uint32_t = 0
    k: uint32_t
    edge: cython.pointer[Edge]
    if f.insts[b.first].op != o.BR or block == f.entry or b.flags & (B_HANDLER | B_LOOP):
        return False
    edge = f.edges + b.first_edge
    if edge.target == block:
        return False
    while param != 0:
        used += f.insts[param].uses
        param = f.insts[param].next
    for k in range(edge.n_args):
        param = f.pool[edge.args + k]
        if f.insts[param].op == o.PARAM and f.insts[param].block == block:
            used -= 1
    return used == 0


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def retarget(f: Func, e: uint32_t) -> cython.void:
    """Sends an edge past a block that only goes on."""
    middle: uint32_t = f.edges[e].target
    onward: uint32_t = f.blocks[middle].first_edge
    n: uint32_t = f.edges[onward].n_args
    place: uint32_t = take_pool(f, n)
    value: uint32_t
    k: uint32_t
    if place == 0:
        return
    for k in range(n):
        value = f.pool[f.edges[onward].args + k]
        if f.insts[value].op == o.PARAM and f.insts[value].block == middle:
            value = f.pool[f.edges[e].args + f.insts[value].imm]
        f.pool[place + k] = value
        f.insts[value].uses += 1
    for k in range(f.edges[e].n_args):
        f.insts[f.pool[f.edges[e].args + k]].uses -= 1
    f.edges[e].target = f.edges[onward].target
    f.edges[e].args = place
    f.edges[e].n_args = n


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def skip_empty(f: Func) -> cython.bint:
    """Sends edges past blocks that only go on; whether there were any.

    From the last block on, so that a chain of them is passed in one step each.
    """
    i: uint32_t
    k: uint32_t
    e: uint32_t
    b: cython.pointer[Block]
    any: cython.bint = False
    for i in range(f.n_order, 0, -1):
        if not only_goes_on(f, f.order[i - 1]):
            continue
        any = True
        b = f.blocks + f.order[i - 1]
        for k in range(b.n_preds):
            e = f.preds[b.preds + k]
            if f.edges[e].catches == CATCH_NOTHING:
                retarget(f, e)
    return any


# --- blocks that follow each other


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def join(f: Func, above: uint32_t, below: uint32_t, alias: Words) -> cython.void:
    """Appends a block to its only predecessor."""
    a: cython.pointer[Block] = f.blocks + above
    b: cython.pointer[Block] = f.blocks + below
    id: uint32_t = b.first_param
    e: uint32_t = a.first_edge
    k: uint32_t
    unlink_inst(f, a.last)
    while id != 0:
        alias[id] = resolve(alias, f.pool[f.edges[e].args + f.insts[id].imm])
        id = f.insts[id].next
    id = b.first
    while id != 0:
        f.insts[id].block = above
        id = f.insts[id].next
    f.insts[b.first].prev = a.last
    if a.last != 0:
        f.insts[a.last].next = b.first
    else:
        a.first = b.first
    a.last = b.last
    a.first_edge = b.first_edge
    a.n_succs = b.n_succs
    for k in range(b.first_edge, b.first_edge + b.n_succs):
        f.edges[k].source = above
    b.n_succs = 0
    b.first = 0
    b.last = 0


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def follower(f: Func, block: uint32_t) -> uint32_t:
    """The block that may be joined to this one, or 0."""
    b: cython.pointer[Block] = f.blocks + block
    below: uint32_t
    if b.n_succs != 1 or b.last == 0:
        return 0
    below = f.edges[b.first_edge].target
    if f.blocks[below].n_preds != 1 or below == block or f.insts[b.last].op != o.BR:
        return 0
    return below


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def join_all(f: Func) -> cython.bint:
    """Joins blocks that follow each other; whether there were any. Uses are counted then."""
    alias: Words = cython.NULL
    i: uint32_t = 0
    below: uint32_t
    while i < f.n_order and follower(f, f.order[i]) == 0:
        i += 1
    if i == f.n_order:
        return False
    alias = new_alias(f)
    if alias == cython.NULL:
        return False
    while i < f.n_order:
        below = follower(f, f.order[i])
        while below != 0:
            join(f, f.order[i], below, alias)
            below = follower(f, f.order[i])
        i += 1
    rewrite_and_count(f, alias)
    put_back(f.work, alias)
    return True


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def decide_all(f: Func, cut: cython.bint) -> cython.bint:
    """Whether a branch was decided, or cut off behind a trap."""
    i: uint32_t
    any: cython.bint = False
    for i in range(f.n_order):
        if cut and cut_behind_trap(f, f.order[i]):
            any = True
        if decide(f, f.order[i]):
            any = True
    return any


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def clean_flow(f: Func) -> cython.bint:
    """See cfg.pxd. Uses are those of the function when it comes in; what has changed is found anew."""
    changed: cython.bint = decide_all(f, True)
    moved: cython.bint = changed
    found: cython.bint = not f.moved and not changed
    joined: cython.bint
    if not found and not (order_blocks(f) and link_preds(f) and find_loops(f)):
        return False
    if changed and not count_uses(f):
        return False
    if skip_empty(f):
        # Edges of a branch may lead to one block now.
        moved = True
        if not (order_blocks(f) and link_preds(f)):
            return False
        if decide_all(f, False) and not (order_blocks(f) and link_preds(f)):
            return False
    joined = join_all(f)
    if f.failed:
        return False
    if joined:
        return analyse(f)
    if moved:
        return analyse(f) and count_uses(f)
    f.moved = 0
    return found or find_dominators(f)
