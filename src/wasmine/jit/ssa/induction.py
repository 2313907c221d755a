"""Counters of loops.

A loop whose end compares a counter with a constant, then passes on the counter's next value, keeps both alive
at once: the next value cannot take the register of the old one. Where only equality counts, the next value
serves as well, and the old one ends before it starts:

    v2 = i32.add v1, 4                      v2 = i32.add v1, 4
    v3 = i32.ne v1, 60                      v3 = i32.ne v2, 64
    br_if v3 b1(v2), b2                     br_if v3 b1(v2), b2
"""

import cython
from cython.cimports.libc.stdint import uint32_t, uint64_t
from cython.cimports.wasmine.jit.ssa import ops as o
from cython.cimports.wasmine.jit.ssa.function import (
    Edge,
    Inst,
    SsaFunc,
    const_of,
    insert_before,
    unlink_inst,
)
from cython.cimports.wasmine.jit.ssa.rules import is_const

Func = cython.typedef(cython.pointer[SsaFunc])


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
