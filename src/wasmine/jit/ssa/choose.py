"""Branches that choose between two values.

Where each way of a branch computes a value in an instruction or two, and nothing else, both are computed and
one is selected:

    br_if v1 b2, b3                         v2 = i64.shr_u v0, 1
  b2: v2 = i64.shr_u v0, 1                  v3 = i64.add v0, 1
      br b4(v2)                             v4 = select v1, v2, v3
  b3: v3 = i64.add v0, 1                    br b4(v4)
      br b4(v3)

That takes two or three cycles more than a branch that is foreseen, and a tenth of those that one takes which
is not. It is what compilers from C do, so their code has hardly any such branches left. One that has a hint
is foreseen; outside of loops it does not matter.
"""

import cython
from cython.cimports.libc.stdint import uint32_t
from cython.cimports.wasmine.jit.ssa import ops as o
from cython.cimports.wasmine.jit.ssa.function import (
    B_HANDLER,
    B_LOOP,
    F_LIKELY,
    F_UNLIKELY,
    TYPE_I32,
    TYPE_I64,
    Block,
    Edge,
    Inst,
    SsaFunc,
    args_of,
    insert_before,
    new_inst,
    unlink_inst,
)
from cython.cimports.wasmine.jit.ssa.info import EFFECTS

Func = cython.typedef(cython.pointer[SsaFunc])
Words = cython.typedef(cython.pointer[uint32_t])

# Instructions of one way.
MOST = cython.declare(cython.const[uint32_t], 2)


@cython.cfunc
@cython.inline
@cython.nogil
@cython.exceptval(check=False)
def is_integer(f: Func, value: uint32_t) -> cython.bint:
    return f.insts[value].type == TYPE_I32 or f.insts[value].type == TYPE_I64


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def is_cheap(f: Func, id: uint32_t) -> cython.bint:
    """Whether an instruction computes an integer from integers, whatever they are."""
    args: Words = args_of(f, f.insts + id)
    k: uint32_t
    if not EFFECTS[f.insts[id].op] & o.E_TOTAL or not is_integer(f, id):
        return False
    for k in range(f.insts[id].n_args):
        if not is_integer(f, args[k]):
            return False
    # Further results would have to follow it.
    return f.insts[f.insts[id].next].op != o.RESULT


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def is_way(f: Func, block: uint32_t) -> cython.bint:
    """Whether a block only computes a little, then jumps."""
    b: cython.pointer[Block] = f.blocks + block
    id: uint32_t = b.first
    n: uint32_t = 0
    if b.n_preds != 1 or b.n_params != 0 or b.flags & (B_HANDLER | B_LOOP):
        return False
    while id != b.last and n <= MOST:
        if not is_cheap(f, id):
            return False
        n += 1
        id = f.insts[id].next
    return 1 <= n <= MOST and f.insts[b.last].op == o.BR


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def chosen(f: Func, yes: cython.pointer[Edge], no: cython.pointer[Edge]) -> uint32_t:
    """Which argument it is that two edges to one block do not agree on; the number of arguments if it is not
    one integer.
    """
    found: uint32_t = yes.n_args
    k: uint32_t
    for k in range(yes.n_args):
        if f.pool[yes.args + k] != f.pool[no.args + k]:
            if found != yes.n_args or not is_integer(f, f.pool[yes.args + k]):
                return yes.n_args
            found = k
    return found


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def move_up(f: Func, way: uint32_t, above: uint32_t) -> cython.void:
    """Moves what a way computes to the end of the block above."""
    id: uint32_t = f.blocks[way].first
    next: uint32_t
    while id != f.blocks[way].last:
        next = f.insts[id].next
        unlink_inst(f, id)
        insert_before(f, id, f.blocks[above].last)
        id = next


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def choose(f: Func, block: uint32_t, yes: uint32_t, no: uint32_t, k: uint32_t) -> cython.void:
    """Makes one block of a branch and its two ways, which agree on what they pass on but for argument k."""
    select: uint32_t = new_inst(f, o.SELECT, f.insts[f.pool[f.edges[f.blocks[yes].first_edge].args + k]].type)
    branch: cython.pointer[Inst] = f.insts + f.blocks[block].last
    onward: cython.pointer[Edge] = f.edges + f.blocks[yes].first_edge
    other: cython.pointer[Edge] = f.edges + f.blocks[no].first_edge
    i: uint32_t
    if select == 0:
        return
    for i in range(onward.n_args):
        if i != k:
            f.insts[f.pool[other.args + i]].uses -= 1
    f.insts[select].n_args = 3
    f.insts[select].args[0] = branch.args[0]
    f.insts[select].args[1] = f.pool[onward.args + k]
    f.insts[select].args[2] = f.pool[other.args + k]
    f.insts[select].uses = 1
    f.insts[select].pos = branch.pos
    f.insts[select].site = branch.site
    f.pool[onward.args + k] = select
    move_up(f, yes, block)
    move_up(f, no, block)
    insert_before(f, select, f.blocks[block].last)
    branch.op = o.BR
    branch.n_args = 0
    f.moved = 1
    f.blocks[block].n_succs = 1
    f.edges[f.blocks[block].first_edge] = onward[0]
    f.edges[f.blocks[block].first_edge].source = block


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def choose_values(f: Func) -> cython.void:
    """See choose.pxd."""
    i: uint32_t
    b: cython.pointer[Block]
    branch: cython.pointer[Inst]
    yes: uint32_t
    no: uint32_t
    k: uint32_t
    for i in range(f.n_order):
        b = f.blocks + f.order[i]
        branch = f.insts + b.last
        if branch.op != o.BR_IF or b.loop == 0 or branch.flags & (F_LIKELY | F_UNLIKELY):
            continue
        yes = f.edges[b.first_edge].target
        no = f.edges[b.first_edge + 1].target
        if yes == no or not is_way(f, yes) or not is_way(f, no):
            continue
        if f.edges[f.blocks[yes].first_edge].target != f.edges[f.blocks[no].first_edge].target:
            continue
        k = chosen(f, f.edges + f.blocks[yes].first_edge, f.edges + f.blocks[no].first_edge)
        if k != f.edges[f.blocks[yes].first_edge].n_args:
            choose(f, f.order[i], yes, no, k)
