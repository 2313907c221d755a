"""How many turns a loop takes at most: a counter steps from a constant to a constant.

    b1:
        br b2(0:i32)
    b2(v1:i32):
        v2:i32 = i32.add v1, 4:i32
        v3:i32 = i32.lt_u v2, 64:i32
        br_if v3 b2(v2), b3

A branch that is in every turn, and leaves the loop on one side, looks at the counter, or at a sum of it and a
constant. What it lets pass is an interval; the counter leaves that after so many steps, and must not wrap
around into it again. Where a loop has several such branches, the one that leaves first counts.
"""

import cython
from cython.cimports.libc.stdint import uint32_t, uint64_t
from cython.cimports.wasmine.jit.ssa import ops as o
from cython.cimports.wasmine.jit.ssa.function import (
    TYPE_I32,
    Block,
    Edge,
    Inst,
    SsaFunc,
    dominates,
)
from cython.cimports.wasmine.jit.ssa.info import INVERSE
from cython.cimports.wasmine.jit.ssa.rules import is_const
from cython.cimports.wasmine.jit.ssa.turns import is_back_edge

Func = cython.typedef(cython.pointer[SsaFunc])

# Blocks of a loop, edges to its header, and levels of nesting that are looked at.
REACH = cython.declare(cython.const[uint32_t], 8)

# The values for which a turn goes on, from `low` to `high` as unsigned numbers; `but`: all but `low`.
Range = cython.struct(low=uint64_t, high=uint64_t, but=cython.bint)


# --- counters


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
    """See turns.pxd."""
    b: cython.pointer[Block] = f.blocks + header
    edge: cython.pointer[Edge]
    step: uint64_t = 0
    this: uint64_t
    k: uint32_t
    for k in range(b.n_preds):
        edge = f.edges + f.preds[b.preds + k]
        if not is_back_edge(f, edge, header):
            continue
        this = step_of(f, param, f.pool[edge.args + f.insts[param].imm])
        if this == 0 or (step != 0 and this != step):
            return 0
        step = this
    return step


# --- numbers


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def range_of(op: uint32_t, bound: uint64_t, most: uint64_t, r: cython.pointer[Range]) -> cython.bint:
    """What a relation (of 32 bits) with `bound` lets pass; False if that is nothing, or not one range."""
    r.low = 0
    r.high = most
    r.but = False
    if op == o.I32_LT_S or op == o.I32_LT_U:
        r.high = bound - 1
        return bound != 0
    elif op == o.I32_LE_S or op == o.I32_LE_U:
        r.high = bound
    elif op == o.I32_GT_S or op == o.I32_GT_U:
        r.low = bound + 1
        return bound != most
    elif op == o.I32_GE_S or op == o.I32_GE_U:
        r.low = bound
    elif op == o.I32_NE:
        r.low = bound
        r.but = True
    else:
        return False
    return True


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def turns_in(r: cython.pointer[Range], first: uint64_t, step: uint64_t, most: uint64_t) -> uint64_t:
    """Turns until a counter that begins with `first` leaves a range, 0 if it may step over its end and come
    back. All numbers are up to `most`, and wrap around there.
    """
    down: cython.bint = step > most >> 1
    if down:
        step = (0 - step) & most
    if r.but:
        first = ((first - r.low) if down else (r.low - first)) & most
        return 0 if first % step else first // step + 1
    if not r.low <= first <= r.high:
        return 1
    if down:
        return 0 if step > r.low else (first - r.low) // step + 2
    return 0 if step > most - r.high else (r.high - first) // step + 2


# --- branches


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def is_inside(f: Func, block: uint32_t, header: uint32_t) -> uint32_t:
    """1 if a block is in a loop or in one inside of it, 0 if it is in neither, 2 if that would take long."""
    loop: uint32_t = f.blocks[block].loop
    k: uint32_t
    for k in range(REACH):
        if loop == header:
            return 1
        # Headers of loops around dominate this one.
        if loop == 0 or dominates(f, loop, header):
            return 0
        loop = f.blocks[loop].outer
    return 2


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def turns_from(
    f: Func, header: uint32_t, param: uint32_t, plus: uint64_t, op: uint32_t, bound: uint64_t
) -> uint64_t:
    """Turns that go on while a relation holds between a parameter with `plus` added to it, and a bound."""
    b: cython.pointer[Block] = f.blocks + header
    narrow: cython.bint = f.insts[param].type == TYPE_I32
    most: uint64_t = cython.cast(uint32_t, -1) if narrow else cython.cast(uint64_t, -1)
    step: uint64_t = steady_step(f, header, param)
    sign: uint64_t = 0
    found: uint64_t = 0
    this: uint64_t
    start: uint32_t
    k: uint32_t
    r: Range
    op = op if narrow else op - o.I64_EQ + o.I32_EQ
    if op == o.I32_LT_S or op == o.I32_LE_S or op == o.I32_GT_S or op == o.I32_GE_S:
        # Signed numbers are in the order of unsigned ones when their sign is turned.
        sign = (most >> 1) + 1
    if step == 0 or not range_of(op, bound ^ sign, most, cython.address(r)):
        return 0
    for k in range(b.n_preds):
        if is_back_edge(f, f.edges + f.preds[b.preds + k], header):
            continue
        start = f.pool[f.edges[f.preds[b.preds + k]].args + f.insts[param].imm]
        if not is_const(f, start):
            return 0
        this = turns_in(cython.address(r), ((f.insts[start].imm + plus) & most) ^ sign, step, most)
        if this == 0:
            return 0
        found = max(found, this)
    return found


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def turns_by(f: Func, header: uint32_t, block: uint32_t) -> uint64_t:
    """What the branch at the end of a block, which is in every turn, says of them; 0 for nothing."""
    b: cython.pointer[Block] = f.blocks + block
    value: uint32_t
    op: uint32_t
    bound: uint64_t = 0
    plus: uint64_t = 0
    stays: uint32_t
    if f.insts[b.last].op != o.BR_IF:
        return 0
    stays = is_inside(f, f.edges[b.first_edge].target, header)
    if stays + is_inside(f, f.edges[b.first_edge + 1].target, header) != 1:
        return 0
    value = f.insts[b.last].args[0]
    op = f.insts[value].op
    if o.I32_EQ <= op <= o.I64_GE_U:
        if not is_const(f, f.insts[value].args[1]):
            return 0
        bound = f.insts[f.insts[value].args[1]].imm
        value = f.insts[value].args[0]
    else:
        op = o.I32_NE
    if stays == 0:
        op = INVERSE[op]
    if f.insts[value].op == o.I32_ADD or f.insts[value].op == o.I64_ADD:
        if not is_const(f, f.insts[value].args[1]):
            return 0
        plus = f.insts[f.insts[value].args[1]].imm
        value = f.insts[value].args[0]
    if f.insts[value].op != o.PARAM or f.insts[value].block != header:
        return 0
    return turns_from(f, header, value, plus, op, bound)


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def last_of_all(f: Func, header: uint32_t) -> uint32_t:
    """The last block that is in every turn of a loop, 0 if that would take long to find.

    What dominates it, up to the header, is in every turn, too.
    """
    b: cython.pointer[Block] = f.blocks + header
    at: uint32_t = 0
    steps: uint32_t = 0
    source: uint32_t
    k: uint32_t
    if b.n_preds > REACH:
        return 0
    for k in range(b.n_preds):
        source = f.edges[f.preds[b.preds + k]].source
        if not is_back_edge(f, f.edges + f.preds[b.preds + k], header):
            continue
        if at == 0:
            at = source
        while not dominates(f, at, source):
            at = f.blocks[at].idom
            steps += 1
            if steps > REACH:
                return 0
    return at


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def turns_of(f: Func, header: uint32_t) -> uint64_t:
    """See turns.pxd."""
    at: uint32_t = last_of_all(f, header)
    k: uint32_t
    found: uint64_t = 0
    this: uint64_t
    for k in range(REACH):
        if at == 0:
            break
        this = turns_by(f, header, at)
        if this != 0 and (found == 0 or this < found):
            found = this
        at = f.blocks[at].idom if at != header else 0
    return found
