"""How often loops poll.

A loop that counts has, in the low bits of its counter, something at hand that is zero once in so many turns:
it polls then. A loop that only clears bits of a value until none is left ends soon, and leaves polling to the
loop around; so does one whose turns are known to be few.

What bounds the time between two polls is the number of instructions: a turn weighs its own, and for each loop
inside as many of that loop's turns as pass without a poll. Not where something is called, which may take any
time.
"""

import cython
from cython.cimports.libc.stdint import uint32_t, uint64_t
from cython.cimports.wasmine.ir.scalar import clz64
from cython.cimports.wasmine.jit.ssa import ops as o
from cython.cimports.wasmine.jit.ssa.function import (
    B_LOOP,
    TYPE_VOID,
    Block,
    Edge,
    Inst,
    SsaFunc,
    insert_before,
    new_inst,
    unlink_inst,
)
from cython.cimports.wasmine.jit.ssa.info import EFFECTS
from cython.cimports.wasmine.jit.ssa.rules import is_const, known_bits
from cython.cimports.wasmine.jit.ssa.turns import is_back_edge, steady_step, turns_of
from cython.cimports.wasmine.jit.workspace import put_back, take_zeros

Func = cython.typedef(cython.pointer[SsaFunc])

# Instructions between two polls: well below a millisecond, and tens of them if each misses the cache.
BUDGET = cython.declare(cython.const[uint64_t], 0x40000)
# As many in a loop whose turns are known, which seldom executes all that it could.
KNOWN = cython.declare(cython.const[uint64_t], 0x80000)
# Turns between two polls at most, a power of two.
MAX_TURNS = cython.declare(cython.const[uint64_t], 1024)
# Instructions that a function may execute without a poll in a loop that no other is around.
SMALL = cython.declare(cython.const[uint64_t], 0x1000)
# The steps whose low zero bits leave room for the turns in an immediate of 31 bits.
MAX_STEP_BITS = cython.declare(cython.const[uint32_t], 20)


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def find_poll(f: Func, block: uint32_t) -> uint32_t:
    id: uint32_t = f.blocks[block].first
    while id != 0 and f.insts[id].op != o.POLL:
        id = f.insts[id].next
    return id


# --- loops that count


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def poll_counted(f: Func, header: uint32_t, poll: uint32_t, turns: uint64_t) -> cython.bint:
    """Moves the poll of a loop to the ends of its turns, where a counter's next value is known.

    The value that a counter starts from is often zero: a loop of few turns never polls that way.
    """
    param: uint32_t = f.blocks[header].first_param
    step: uint64_t = 0
    shift: uint32_t = 0
    k: uint32_t
    e: uint32_t
    while param != 0:
        step = steady_step(f, header, param)
        if step != 0:
            break
        param = f.insts[param].next
    if step == 0:
        return False
    while not step >> shift & 1:
        shift += 1
    if shift > MAX_STEP_BITS:
        return False
    for k in range(f.blocks[header].n_preds):
        e = f.preds[f.blocks[header].preds + k]
        if is_back_edge(f, f.edges + e, header):
            poll_at_end(f, e, param, poll, (turns - 1) << shift)
    return True


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


# --- loops that end soon


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def dwindles(f: Func, param: uint32_t, value: uint32_t) -> cython.bint:
    """Whether a value is the parameter with bits taken away, unless it is zero: x & (x - 1), x >> c."""
    inst: cython.pointer[Inst] = f.insts + value
    k: uint32_t
    if inst.op == o.I32_AND or inst.op == o.I64_AND:
        for k in range(2):
            if inst.args[k] == param:
                inst = f.insts + inst.args[1 - k]
                return (
                    (inst.op == o.I32_ADD or inst.op == o.I64_ADD)
                    and inst.args[0] == param
                    and is_const(f, inst.args[1])
                    and f.insts[inst.args[1]].imm + 1
                    == (0 if inst.op == o.I64_ADD else cython.cast(uint64_t, 1) << 32)
                )
        return False
    if inst.op == o.I32_SHR_U or inst.op == o.I64_SHR_U:
        return (
            inst.args[0] == param
            and is_const(f, inst.args[1])
            and f.insts[inst.args[1]].imm & (31 if inst.op == o.I32_SHR_U else 63) != 0
        )
    return False


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def bits_at_start(f: Func, header: uint32_t, param: uint32_t) -> uint64_t:
    """How many low bits of a parameter may be set when a loop is entered."""
    b: cython.pointer[Block] = f.blocks + header
    mask: uint64_t = 1
    k: uint32_t
    e: uint32_t
    for k in range(b.n_preds):
        e = f.preds[b.preds + k]
        if not is_back_edge(f, f.edges + e, header):
            mask |= known_bits(f, f.pool[f.edges[e].args + f.insts[param].imm])
    return 64 - clz64(mask)


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def turns_of_bits(f: Func, header: uint32_t) -> uint64_t:
    """Turns, at most, of a loop that goes on only while a parameter which dwindles is not zero; else 0."""
    b: cython.pointer[Block] = f.blocks + header
    edge: cython.pointer[Edge]
    branch: cython.pointer[Inst]
    e: uint32_t
    k: uint32_t
    value: uint32_t
    param: uint32_t
    turns: uint64_t = 0
    for k in range(b.n_preds):
        e = f.preds[b.preds + k]
        edge = f.edges + e
        if not is_back_edge(f, edge, header):
            continue
        branch = f.insts + f.blocks[edge.source].last
        if branch.op != o.BR_IF or e != f.blocks[edge.source].first_edge:
            return 0
        value = branch.args[0]
        if f.insts[value].op == o.I64_NE and is_const(f, f.insts[value].args[1]):
            if f.insts[f.insts[value].args[1]].imm != 0:
                return 0
            value = f.insts[value].args[0]
        param = dwindled(f, edge, header, value)
        if param == 0:
            return 0
        turns += bits_at_start(f, header, param)
    return turns


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def dwindled(f: Func, edge: cython.pointer[Edge], header: uint32_t, value: uint32_t) -> uint32_t:
    """The parameter that dwindles to the value which an edge passes for it, or 0."""
    param: uint32_t = f.blocks[header].first_param
    while param != 0:
        if f.pool[edge.args + f.insts[param].imm] == value and dwindles(f, param, value):
            return param
        param = f.insts[param].next
    return 0


# --- all loops


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def weight_of(f: Func, block: uint32_t) -> uint64_t:
    """Instructions of a block; more than any loop may have between polls if one of them can take long."""
    id: uint32_t = f.blocks[block].first
    n: uint64_t = 0
    while id != 0:
        if EFFECTS[f.insts[id].op] & (o.E_CALL | o.E_HELPER):
            return BUDGET
        id = f.insts[id].next
        n += 1
    return n


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def few_turns(f: Func, header: uint32_t, weight: uint64_t) -> uint64_t:
    """How many turns a loop takes at most if it needs no poll for them, else 0.

    One that no other loop is around may be in a function that is called time and again.
    """
    turns: uint64_t = turns_of(f, header)
    most: uint64_t = KNOWN if f.blocks[header].outer != 0 else SMALL
    if turns == 0 or turns > most // weight:
        turns = turns_of_bits(f, header)
    return turns if turns <= most // weight else 0


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def thin_poll(f: Func, header: uint32_t, weight: uint64_t) -> uint64_t:
    """Polls more seldom in a loop whose turns have a weight; returns how much it adds to the loop around."""
    poll: uint32_t = find_poll(f, header)
    turns: uint64_t
    if poll == 0 or weight * 2 > BUDGET:
        return weight
    turns = few_turns(f, header, weight)
    if turns != 0:
        unlink_inst(f, poll)
        return weight * turns
    turns = MAX_TURNS
    while turns * weight > BUDGET:
        turns >>= 1
    if not poll_counted(f, header, poll, turns):
        return weight
    unlink_inst(f, poll)
    return weight * turns


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def thin_polls(f: Func) -> cython.void:
    """See polls.pxd."""
    weights: cython.pointer[uint64_t] = cython.cast(
        cython.pointer[uint64_t], take_zeros(f.work, f.n_blocks, cython.sizeof(uint64_t))
    )
    i: uint32_t
    at: uint32_t
    b: cython.pointer[Block]
    if weights == cython.NULL:
        f.failed = 1
        return
    # All blocks of a loop are behind its header.
    for i in range(f.n_order, 0, -1):
        at = f.order[i - 1]
        b = f.blocks + at
        if b.loop == 0:
            continue
        weights[b.loop] = min(weights[b.loop] + weight_of(f, at), BUDGET)
        if b.flags & B_LOOP:
            weights[b.outer] = min(weights[b.outer] + thin_poll(f, at, weights[at]), BUDGET)
    put_back(f.work, weights)


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def remove_polls(f: Func) -> cython.void:
    """See polls.pxd."""
    i: uint32_t
    poll: uint32_t
    for i in range(f.n_order):
        poll = find_poll(f, f.order[i])
        if poll != 0:
            unlink_inst(f, poll)
