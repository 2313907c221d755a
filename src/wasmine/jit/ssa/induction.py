"""Counters of loops.

A loop whose end compares a counter with a constant, then passes on the counter's next value, keeps both alive
at once: the next value cannot take the register of the old one. Where only equality counts, the next value
serves as well, and the old one ends before it starts:

    v2 = i32.add v1, 4                      v2 = i32.add v1, 4
    v3 = i32.ne v1, 60                      v3 = i32.ne v2, 64
    br_if v3 b1(v2), b2                     br_if v3 b1(v2), b2

So it does where the counter is below the bound in each turn but the last, and cannot wrap around.

Compilers like to compute the next value early in a turn, too. Where only the turn's end uses it, it is
computed there, behind all uses of the old one.
"""

import cython
from cython.cimports.libc.stdint import uint32_t, uint64_t
from cython.cimports.wasmine.jit.ssa import ops as o
from cython.cimports.wasmine.jit.ssa.function import (
    Block,
    Edge,
    Inst,
    SsaFunc,
    args_of,
    const_of,
    insert_before,
    unlink_inst,
)
from cython.cimports.wasmine.jit.ssa.rules import is_const
from cython.cimports.wasmine.jit.workspace import put_back, take_zeros

Func = cython.typedef(cython.pointer[SsaFunc])
Words = cython.typedef(cython.pointer[uint32_t])

# Sums of three of these are positive whatever the type.
MAX_BOUND = cython.declare(cython.const[uint64_t], 0x20000000)
# Edges to a header that are looked at.
MAX_WAYS_IN = cython.declare(cython.const[uint32_t], 8)


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
def keeps_order(f: Func, block: uint32_t, counter: uint32_t, next: uint32_t) -> cython.bint:
    """Whether a counter is below a bound, at the end of its loop's turn, exactly if its next value is below
    the bound plus the step: it starts below that, and goes on only if it is below the bound.
    """
    edge: cython.pointer[Edge] = f.edges + f.blocks[block].first_edge
    header: cython.pointer[Block] = f.blocks + edge.target
    bound: uint64_t = f.insts[f.insts[f.insts[f.blocks[block].last].args[0]].args[1]].imm
    step: uint64_t = f.insts[f.insts[next].args[1]].imm
    k: uint32_t
    e: uint32_t
    value: uint32_t
    if f.insts[counter].op != o.PARAM or f.insts[counter].block != edge.target:
        return False
    if bound > MAX_BOUND or step > MAX_BOUND or header.n_preds > MAX_WAYS_IN:
        return False
    for k in range(header.n_preds):
        e = f.preds[header.preds + k]
        value = f.pool[f.edges[e].args + f.insts[counter].imm]
        if e != f.blocks[block].first_edge and not (is_const(f, value) and f.insts[value].imm < bound + step):
            return False
        if e == f.blocks[block].first_edge and value != next:
            return False
    return True


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
    ordered: cython.bint = op == o.I32_LT_S or op == o.I32_LT_U or op == o.I64_LT_S or op == o.I64_LT_U
    if not ordered and op != o.I32_EQ and op != o.I32_NE and op != o.I64_EQ and op != o.I64_NE:
        return
    counter = inst.args[0]
    if inst.uses != 1 or not is_const(f, inst.args[1]):
        return
    next = next_value(f, block, counter)
    if next == 0 or (ordered and not keeps_order(f, block, counter, next)):
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


# --- where the next value is computed


@cython.cfunc
@cython.inline
@cython.nogil
@cython.exceptval(check=False)
def is_next(f: Func, value: uint32_t, param: uint32_t) -> cython.bint:
    """Whether a value is a parameter and a constant added up."""
    inst: cython.pointer[Inst] = f.insts + value
    return (
        (inst.op == o.I32_ADD or inst.op == o.I64_ADD) and inst.args[0] == param and is_const(f, inst.args[1])
    )


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def count_here(f: Func, block: uint32_t, used: Words, first: Words, on: uint32_t) -> cython.void:
    """Counts, for each value, the operands and edge arguments in a block, and notes the first instruction
    that uses it; or sets all that back.
    """
    b: cython.pointer[Block] = f.blocks + block
    id: uint32_t = b.first
    args: Words
    k: uint32_t
    e: uint32_t
    while id != 0:
        args = args_of(f, f.insts + id)
        for k in range(f.insts[id].n_args):
            if on and used[args[k]] == 0:
                first[args[k]] = id
            used[args[k]] = used[args[k]] + 1 if on else 0
        id = f.insts[id].next
    for e in range(b.first_edge, b.first_edge + b.n_succs):
        args = f.pool + f.edges[e].args
        for k in range(f.edges[e].n_args):
            if on and used[args[k]] == 0:
                first[args[k]] = b.last
            used[args[k]] = used[args[k]] + 1 if on else 0


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def sink_in(f: Func, edge: cython.pointer[Edge], used: Words, first: Words) -> cython.void:
    """Moves next values that an edge back passes on down to their first use, if all are in its block."""
    param: uint32_t = f.blocks[edge.target].first_param
    value: uint32_t
    while param != 0:
        value = f.pool[edge.args + f.insts[param].imm]
        if is_next(f, value, param) and used[value] == f.insts[value].uses and first[value] != value:
            unlink_inst(f, value)
            insert_before(f, value, first[value])
        param = f.insts[param].next


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def sink_next(f: Func) -> cython.void:
    """See induction.pxd."""
    words: Words = cython.cast(
        Words, take_zeros(f.work, 2 * cython.cast(cython.size_t, f.n_insts), cython.sizeof(uint32_t))
    )
    i: uint32_t
    e: uint32_t
    counted: cython.bint
    b: cython.pointer[Block]
    if words == cython.NULL:
        f.failed = 1
        return
    for i in range(f.n_order):
        b = f.blocks + f.order[i]
        counted = False
        for e in range(b.first_edge, b.first_edge + b.n_succs):
            if f.edges[e].n_args == 0 or f.blocks[f.edges[e].target].order > b.order:
                continue
            if not counted:
                count_here(f, f.order[i], words, words + f.n_insts, 1)
                counted = True
            sink_in(f, f.edges + e, words, words + f.n_insts)
        if counted:
            count_here(f, f.order[i], words, words + f.n_insts, 0)
    put_back(f.work, words)
