"""Counters of loops.

A loop whose end compares a counter with a constant, then passes on the counter's next value, keeps both alive
at once: the next value cannot take the register of the old one. Where only equality counts, the next value
serves as well, and the old one ends before it starts:

    v2 = i32.add v1, 4                      v2 = i32.add v1, 4
    v3 = i32.ne v1, 60                      v3 = i32.ne v2, 64
    br_if v3 b1(v2), b2                     br_if v3 b1(v2), b2

A poll reads two words of memory. A loop that counts has, in the low bits of its counter, something at hand
that is zero once in so many turns: it polls then. Not where a turn may take long: in loops that call, or have
loops inside.
"""

import cython
from cython.cimports.libc.stdint import uint32_t, uint64_t
from cython.cimports.libc.stdlib import calloc, free
from cython.cimports.wasmine.jit.ssa import ops as o
from cython.cimports.wasmine.jit.ssa.function import (
    B_LOOP,
    TYPE_VOID,
    Block,
    Edge,
    Inst,
    SsaFunc,
    const_of,
    insert_before,
    new_inst,
    unlink_inst,
)
from cython.cimports.wasmine.jit.ssa.info import EFFECTS
from cython.cimports.wasmine.jit.ssa.rules import is_const

Func = cython.typedef(cython.pointer[SsaFunc])

# Turns between polls: a power of two. A turn without calls takes microseconds at most.
TURNS = cython.declare(cython.const[uint64_t], 1024)
# The steps whose low zero bits leave room for that in an immediate of 31 bits.
MAX_STEP_BITS = cython.declare(cython.const[uint32_t], 20)


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def next_value(f: Func, block: uint32_t, counter: uint32_t) -> uint32_t:
    """A sum of the counter and a constant that the block passes on, or 0."""
    e: uint32_t
    k: uint32_t
    value: uint32_t
    edge: cython.pointer[Edge]
    inst: cython.pointer[Inst]
    for e in range(f.blocks[block].first_edge, f.blocks[block].first_edge + f.blocks[block].n_succs):
        edge = f.edges + e
        for k in range(edge.n_args):
            value = f.pool[edge.args + k]
            inst = f.insts + value
            if inst.op == o.I32_ADD or inst.op == o.I64_ADD:
                if inst.args[0] == counter and is_const(f, inst.args[1]):
                    return value
    return 0


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def compare_in(f: Func, block: uint32_t) -> cython.void:
    branch: uint32_t = f.blocks[block].last
    relation: uint32_t = f.insts[branch].args[0]
    inst: cython.pointer[Inst] = f.insts + relation
    op: uint32_t = inst.op
    counter: uint32_t
    next: uint32_t
    bound: uint32_t
    if op != o.I32_EQ and op != o.I32_NE and op != o.I64_EQ and op != o.I64_NE:
        return
    counter = inst.args[0]
    if inst.uses != 1 or not is_const(f, inst.args[1]):
        return
    next = next_value(f, block, counter)
    if next == 0:
        return
    bound = const_of(f, f.insts[next].type, f.insts[inst.args[1]].imm + f.insts[f.insts[next].args[1]].imm)
    if bound == 0:
        return
    inst = f.insts + relation
    f.insts[counter].uses -= 1
    f.insts[inst.args[1]].uses -= 1
    inst.args[0] = next
    inst.args[1] = bound
    f.insts[next].uses += 1
    f.insts[bound].uses += 1
    # The next value may be computed behind the comparison.
    unlink_inst(f, relation)
    insert_before(f, relation, branch)


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def compare_next(f: Func) -> cython.void:
    """See induction.pxd."""
    i: uint32_t
    for i in range(f.n_order):
        if f.insts[f.blocks[f.order[i]].last].op == o.BR_IF:
            compare_in(f, f.order[i])


# --- polls


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def step_of(f: Func, param: uint32_t, value: uint32_t) -> uint64_t:
    """What is added to a parameter to get its next value, 0 if that is no constant."""
    inst: cython.pointer[Inst] = f.insts + value
    if inst.op != o.I32_ADD and inst.op != o.I64_ADD:
        return 0
    if inst.args[0] != param or not is_const(f, inst.args[1]):
        return 0
    return f.insts[inst.args[1]].imm


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def steady_step(f: Func, header: uint32_t, param: uint32_t) -> uint64_t:
    """What every turn of a loop adds to a parameter, 0 if that is not one constant."""
    b: cython.pointer[Block] = f.blocks + header
    edge: cython.pointer[Edge]
    step: uint64_t = 0
    this: uint64_t
    k: uint32_t
    for k in range(b.n_preds):
        edge = f.edges + f.preds[b.preds + k]
        if f.blocks[edge.source].order < b.order:
            continue
        this = step_of(f, param, f.pool[edge.args + f.insts[param].imm])
        if this == 0 or (step != 0 and this != step):
            return 0
        step = this
    return step


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def find_poll(f: Func, block: uint32_t) -> uint32_t:
    id: uint32_t = f.blocks[block].first
    while id != 0 and f.insts[id].op != o.POLL:
        id = f.insts[id].next
    return id


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def thin_poll(f: Func, header: uint32_t) -> cython.void:
    """Moves the poll of a loop to the ends of its turns, where the counter's next value is known.

    The value that a counter starts from is often zero: a loop of few turns never polls that way.
    """
    poll: uint32_t = find_poll(f, header)
    param: uint32_t = f.blocks[header].first_param
    step: uint64_t = 0
    shift: uint32_t = 0
    k: uint32_t
    e: uint32_t
    while poll != 0 and param != 0:
        step = steady_step(f, header, param)
        if step != 0:
            break
        param = f.insts[param].next
    if poll == 0 or step == 0:
        return
    while not step >> shift & 1:
        shift += 1
    if shift > MAX_STEP_BITS:
        return
    for k in range(f.blocks[header].n_preds):
        e = f.preds[f.blocks[header].preds + k]
        if f.blocks[f.edges[e].source].order >= f.blocks[header].order:
            poll_at_end(f, e, param, poll, (TURNS - 1) << shift)
    unlink_inst(f, poll)


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def poll_at_end(f: Func, e: uint32_t, param: uint32_t, poll: uint32_t, mask: uint64_t) -> cython.void:
    """Polls before the block ends that an edge leaves."""
    new: uint32_t = new_inst(f, o.POLL_COUNTED, TYPE_VOID)
    value: uint32_t = f.pool[f.edges[e].args + f.insts[param].imm]
    if new == 0:
        return
    f.insts[new].n_args = 1
    f.insts[new].args[0] = value
    f.insts[new].imm = mask
    f.insts[new].pos = f.insts[poll].pos
    f.insts[new].site = f.insts[poll].site
    f.insts[value].uses += 1
    insert_before(f, new, f.blocks[f.edges[e].source].last)


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def is_quick(f: Func, block: uint32_t) -> cython.bint:
    """Whether nothing in a block can take long."""
    id: uint32_t = f.blocks[block].first
    while id != 0:
        if EFFECTS[f.insts[id].op] & (o.E_CALL | o.E_HELPER):
            return False
        id = f.insts[id].next
    return True


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def thin_polls(f: Func) -> cython.void:
    """See induction.pxd."""
    slow: cython.pointer[cython.uchar] = cython.cast(cython.pointer[cython.uchar], calloc(f.n_blocks, 1))
    i: uint32_t
    at: uint32_t
    b: cython.pointer[Block]
    if slow == cython.NULL:
        f.failed = 1
        return
    for i in range(f.n_order):
        b = f.blocks + f.order[i]
        if b.flags & B_LOOP:
            slow[b.outer] = 1
        if b.loop != 0 and not is_quick(f, f.order[i]):
            slow[b.loop] = 1
    for i in range(f.n_order):
        at = f.order[i]
        if f.blocks[at].flags & B_LOOP and not slow[at]:
            thin_poll(f, at)
    free(slow)
