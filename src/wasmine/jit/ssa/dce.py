"""Dead code and dead parameters.

Parameters into which one value flows go first: they are that value. Then everything is dead unless it has an
effect or something that is not dead uses it; so a parameter that only feeds itself around a loop is dead,
too.
"""

import cython
from cython.cimports.libc.stdint import uint32_t
from cython.cimports.wasmine.jit.ssa import ops as o
from cython.cimports.wasmine.jit.ssa.flow import count_uses
from cython.cimports.wasmine.jit.ssa.function import (
    F_CHECKED,
    Block,
    Edge,
    Inst,
    SsaFunc,
    args_of,
    new_alias,
    resolve,
    unlink_inst,
)
from cython.cimports.wasmine.jit.ssa.info import EFFECTS
from cython.cimports.wasmine.jit.workspace import put_back, take, take_zeros

Func = cython.typedef(cython.pointer[SsaFunc])
Words = cython.typedef(cython.pointer[uint32_t])

# Rounds over all parameters; what another round would find is rare.
ROUNDS = cython.declare(cython.const[uint32_t], 4)


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def is_removable(inst: cython.pointer[cython.const[Inst]]) -> cython.bint:
    """See dce.pxd."""
    effects: uint32_t = EFFECTS[inst.op]
    if effects & (
        o.E_ENDS
        | o.E_CALL
        | o.E_WRITES_MEMORY
        | o.E_WRITES_OBJECTS
        | o.E_WRITES_GLOBALS
        | o.E_WRITES_STATE
        | o.E_CATCHES
        | o.E_FENCES
    ):
        return False
    if inst.op == o.REF_FUNC:
        # Traps only when memory is exhausted.
        return True
    if effects & o.E_TRAPS:
        return inst.flags & F_CHECKED and effects & o.E_READS_MEMORY
    return inst.op != o.CAUGHT


# --- parameters that are one value


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def only_argument(f: Func, alias: Words, block: uint32_t, param: uint32_t) -> uint32_t:
    """The one value that flows into a parameter, besides itself; 0 when there are several."""
    b: cython.pointer[Block] = f.blocks + block
    k: uint32_t
    only: uint32_t = 0
    value: uint32_t
    edge: cython.pointer[Edge]
    for k in range(b.n_preds):
        edge = f.edges + f.preds[b.preds + k]
        value = resolve(alias, f.pool[edge.args + f.insts[param].imm])
        if value == param or value == only:
            continue
        if only != 0:
            return 0
        only = value
    return only


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def find_copies(f: Func, alias: Words) -> cython.bint:
    """Replaces parameters that are one value; True when there was one."""
    i: uint32_t
    round: uint32_t
    id: uint32_t
    only: uint32_t
    changed: cython.bint = True
    any: cython.bint = False
    for round in range(ROUNDS):
        if not changed:
            break
        changed = False
        for i in range(f.n_order):
            id = f.blocks[f.order[i]].first_param
            while id != 0:
                if alias[id] == id:
                    only = only_argument(f, alias, f.order[i], id)
                    if only != 0:
                        alias[id] = only
                        changed = True
                        any = True
                id = f.insts[id].next
    return any


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def rewrite(f: Func, alias: Words) -> cython.void:
    """Puts what replaces it for every use."""
    i: uint32_t
    k: uint32_t
    e: uint32_t
    id: uint32_t
    b: cython.pointer[Block]
    args: Words
    for i in range(f.n_order):
        b = f.blocks + f.order[i]
        id = b.first
        while id != 0:
            args = args_of(f, f.insts + id)
            for k in range(f.insts[id].n_args):
                args[k] = resolve(alias, args[k])
            id = f.insts[id].next
        for e in range(b.first_edge, b.first_edge + b.n_succs):
            args = f.pool + f.edges[e].args
            for k in range(f.edges[e].n_args):
                args[k] = resolve(alias, args[k])


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def rewrite_and_count(f: Func, alias: Words) -> cython.void:
    """See dce.pxd."""
    i: uint32_t
    k: uint32_t
    e: uint32_t
    id: uint32_t
    b: cython.pointer[Block]
    args: Words
    for i in range(f.n_insts):
        f.insts[i].uses = 0
    for i in range(f.n_order):
        b = f.blocks + f.order[i]
        id = b.first
        while id != 0:
            args = args_of(f, f.insts + id)
            for k in range(f.insts[id].n_args):
                args[k] = resolve(alias, args[k])
                f.insts[args[k]].uses += 1
            id = f.insts[id].next
        for e in range(b.first_edge, b.first_edge + b.n_succs):
            args = f.pool + f.edges[e].args
            for k in range(f.edges[e].n_args):
                args[k] = resolve(alias, args[k])
                f.insts[args[k]].uses += 1


# --- what is used


@cython.cfunc
@cython.inline
@cython.nogil
@cython.exceptval(check=False)
def mark(live: Words, work: Words, height: uint32_t, value: uint32_t) -> uint32_t:
    """Marks a value that is used; the new height of the work list."""
    if live[value]:
        return height
    live[value] = 1
    work[height] = value
    return height + 1


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def mark_operands(f: Func, id: uint32_t, live: Words, work: Words, height: uint32_t) -> uint32_t:
    """Marks what a value that is used comes from: its operands, or the arguments of a parameter."""
    inst: cython.pointer[Inst] = f.insts + id
    b: cython.pointer[Block]
    args: Words
    k: uint32_t
    if inst.op == o.PARAM:
        b = f.blocks + inst.block
        for k in range(b.n_preds):
            args = f.pool + f.edges[f.preds[b.preds + k]].args
            height = mark(live, work, height, args[inst.imm])
        return height
    args = args_of(f, inst)
    for k in range(inst.n_args):
        height = mark(live, work, height, args[k])
    return height


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def mark_all(f: Func, live: Words, work: Words) -> cython.void:
    """Marks everything that has an effect, and all that it uses."""
    i: uint32_t
    id: uint32_t
    height: uint32_t = 0
    for i in range(f.n_order):
        id = f.blocks[f.order[i]].first
        while id != 0:
            if not is_removable(f.insts + id):
                height = mark(live, work, height, id)
            id = f.insts[id].next
    while height > 0:
        height -= 1
        height = mark_operands(f, work[height], live, work, height)


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def sweep(f: Func, live: Words) -> cython.void:
    """Removes instructions that are not marked; `live` becomes the opposite for parameters, for
    `drop_params`.
    """
    i: uint32_t
    id: uint32_t
    next: uint32_t
    for i in range(f.n_order):
        id = f.blocks[f.order[i]].first
        while id != 0:
            next = f.insts[id].next
            if not live[id]:
                unlink_inst(f, id)
            id = next
        id = f.blocks[f.order[i]].first_param
        while id != 0:
            live[id] = not live[id]
            id = f.insts[id].next


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def drop_params(f: Func, gone: cython.pointer[cython.const[uint32_t]]) -> cython.void:
    """See dce.pxd."""
    i: uint32_t
    k: uint32_t
    kept: uint32_t
    id: uint32_t
    next: uint32_t
    b: cython.pointer[Block]
    args: Words
    for i in range(f.n_order):
        b = f.blocks + f.order[i]
        if b.n_params == 0:
            continue
        for k in range(b.n_preds):
            args = f.pool + f.edges[f.preds[b.preds + k]].args
            kept = 0
            id = b.first_param
            while id != 0:
                if not gone[id]:
                    args[kept] = args[f.insts[id].imm]
                    kept += 1
                id = f.insts[id].next
            f.edges[f.preds[b.preds + k]].n_args = kept
        kept = 0
        id = b.first_param
        while id != 0:
            next = f.insts[id].next
            if gone[id]:
                unlink_inst(f, id)
            else:
                f.insts[id].imm = kept
                kept += 1
            id = next
        b.n_params = kept


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def remove_dead(f: Func) -> cython.bint:
    """See dce.pxd."""
    alias: Words = new_alias(f)
    live: Words = cython.cast(Words, take_zeros(f.work, f.n_insts, cython.sizeof(uint32_t)))
    work: Words = cython.cast(Words, take(f.work, f.n_insts * cython.sizeof(uint32_t)))
    done: cython.bint = alias != cython.NULL and live != cython.NULL and work != cython.NULL
    if done:
        if find_copies(f, alias):
            rewrite(f, alias)
        mark_all(f, live, work)
        sweep(f, live)
        drop_params(f, live)
        done = count_uses(f)
    put_back(f.work, alias)
    put_back(f.work, live)
    put_back(f.work, work)
    if not done:
        f.failed = 1
    return done
