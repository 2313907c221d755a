"""Dead code and dead parameters.

Parameters into which one value flows go first: they are that value. Then everything is dead unless it has an
effect or something that is not dead uses it; so a parameter that only feeds itself around a loop is dead,
too.
"""

import cython
from cython.cimports.libc.stdint import uint8_t, uint32_t
from cython.cimports.wasmine.jit.ssa import ops as o
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

# Liveness.state
PASSED = cython.declare(cython.const[uint8_t], 1)  # nobody has used it so far
LIVE = cython.declare(cython.const[uint8_t], 2)

# The search for what is used: lists of values to go on from, and of those that were passed.
Liveness = cython.struct(
    f=Func,
    alias=Words,
    state=cython.pointer[uint8_t],
    work=Words,
    height=uint32_t,
    passed=Words,
    n_passed=uint32_t,
)
Search = cython.typedef(cython.pointer[Liveness])

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
def find_copies(f: Func, alias: Words) -> cython.void:
    """Replaces parameters that are one value."""
    i: uint32_t
    round: uint32_t
    id: uint32_t
    only: uint32_t
    changed: cython.bint = True
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
                id = f.insts[id].next


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
def use(d: Search, value: uint32_t) -> uint32_t:
    """Counts a use; the value that is used, by another name if it has been replaced."""
    inst: cython.pointer[Inst]
    value = resolve(d.alias, value)
    inst = d.f.insts + value
    if inst.uses == 0 and (inst.op == o.PARAM or d.state[value] == PASSED):
        d.state[value] = LIVE
        d.work[d.height] = value
        d.height += 1
    inst.uses += 1
    return value


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def use_operands(d: Search, id: uint32_t) -> cython.void:
    """Counts the uses in an instruction that is live: of its operands, or of the arguments of a parameter."""
    f: Func = d.f
    inst: cython.pointer[Inst] = f.insts + id
    b: cython.pointer[Block]
    args: Words
    k: uint32_t
    if inst.op == o.PARAM:
        b = f.blocks + inst.block
        for k in range(b.n_preds):
            args = f.pool + f.edges[f.preds[b.preds + k]].args + inst.imm
            args[0] = use(d, args[0])
        return
    args = args_of(f, inst)
    for k in range(inst.n_args):
        args[k] = use(d, args[k])


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def search(d: Search) -> cython.void:
    """Backwards over all instructions: those that have an effect, or have been used, are live.

    What is used only around a loop has been passed by then; it goes to the work list, as parameters do.
    """
    f: Func = d.f
    i: uint32_t
    id: uint32_t
    for i in range(f.n_order, 0, -1):
        id = f.blocks[f.order[i - 1]].last
        while id != 0:
            if f.insts[id].uses != 0 or not is_removable(f.insts + id):
                d.state[id] = LIVE
                use_operands(d, id)
            else:
                d.state[id] = PASSED
                d.passed[d.n_passed] = id
                d.n_passed += 1
            while d.height > 0:
                d.height -= 1
                use_operands(d, d.work[d.height])
            id = f.insts[id].prev


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def sweep(d: Search) -> cython.void:
    """Removes what has been passed and not been used since."""
    i: uint32_t
    id: uint32_t
    for i in range(d.n_passed):
        id = d.passed[i]
        if d.state[id] == PASSED:
            unlink_inst(d.f, id)


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def drop_params(d: Search) -> cython.void:
    """Removes the parameters that are not live, and their arguments."""
    f: Func = d.f
    i: uint32_t
    k: uint32_t
    kept: uint32_t
    id: uint32_t
    next: uint32_t
    b: cython.pointer[Block]
    args: Words
    for i in range(f.n_order):
        b = f.blocks + f.order[i]
        if b.n_params == 0 or keeps_all(d, b):
            continue
        for k in range(b.n_preds):
            args = f.pool + f.edges[f.preds[b.preds + k]].args
            kept = 0
            id = b.first_param
            while id != 0:
                if d.state[id] == LIVE:
                    args[kept] = args[f.insts[id].imm]
                    kept += 1
                id = f.insts[id].next
            f.edges[f.preds[b.preds + k]].n_args = kept
        kept = 0
        id = b.first_param
        while id != 0:
            next = f.insts[id].next
            if d.state[id] == LIVE:
                f.insts[id].imm = kept
                kept += 1
            else:
                unlink_inst(f, id)
            id = next
        b.n_params = kept


@cython.cfunc
@cython.inline
@cython.nogil
@cython.exceptval(check=False)
def keeps_all(d: Search, b: cython.pointer[Block]) -> cython.bint:
    """Whether all parameters of a block are live."""
    id: uint32_t = b.first_param
    while id != 0 and d.state[id] == LIVE:
        id = d.f.insts[id].next
    return id == 0


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def remove_dead(f: Func) -> cython.bint:
    """See dce.pxd."""
    d = cython.declare(Liveness)
    size: cython.size_t = f.n_insts * cython.cast(cython.size_t, cython.sizeof(uint32_t))
    id: uint32_t
    done: cython.bint
    d.f = f
    d.alias = new_alias(f)
    d.state = cython.cast(cython.pointer[uint8_t], take_zeros(f.work, f.n_insts, 1))
    d.work = cython.cast(Words, take(f.work, size))
    d.passed = cython.cast(Words, take(f.work, size))
    d.height = d.n_passed = 0
    done = (
        d.alias != cython.NULL
        and d.state != cython.NULL
        and d.work != cython.NULL
        and d.passed != cython.NULL
    )
    if done:
        find_copies(f, d.alias)
        for id in range(f.n_insts):
            f.insts[id].uses = 0
        search(cython.address(d))
        sweep(cython.address(d))
        drop_params(cython.address(d))
    put_back(f.work, d.alias)
    put_back(f.work, d.state)
    put_back(f.work, d.work)
    put_back(f.work, d.passed)
    if not done:
        f.failed = 1
    return done
