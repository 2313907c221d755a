"""Making instructions, and simplifying those that are there. The rules are in `rules`."""

import cython
from cython.cimports.libc.stdint import uint32_t
from cython.cimports.wasmine.jit.ssa import ops as o
from cython.cimports.wasmine.jit.ssa.flow import count_uses
from cython.cimports.wasmine.jit.ssa.function import (
    F_LIKELY,
    F_UNLIKELY,
    TYPE_VOID,
    Block,
    Edge,
    Inst,
    SsaFunc,
    append_inst,
    args_of,
    insert_before,
    new_alias,
    new_inst,
    resolve,
    unlink_inst,
)
from cython.cimports.wasmine.jit.ssa.info import EFFECTS, SWAPPED
from cython.cimports.wasmine.jit.ssa.rules import (
    condition_of,
    is_const,
    reduce_binary,
    reduce_select,
    reduce_unary,
)
from cython.cimports.wasmine.jit.workspace import put_back

Func = cython.typedef(cython.pointer[SsaFunc])
At = cython.typedef(cython.pointer[Cursor])
Words = cython.typedef(cython.pointer[uint32_t])


# --- making


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def put(c: At, id: uint32_t) -> uint32_t:
    """Gives a new instruction its place, and counts what it uses."""
    f: Func = c.f
    inst: cython.pointer[Inst] = f.insts + id
    k: uint32_t
    for k in range(inst.n_args):
        f.insts[inst.args[k]].uses += 1
    inst.pos = c.pos
    inst.site = c.site
    if c.before != 0:
        insert_before(f, id, c.before)
    else:
        append_inst(f, c.block, id)
    return id


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def emit1(c: At, op: uint32_t, type: uint32_t, a: uint32_t) -> uint32_t:
    """See simplify.pxd."""
    id: uint32_t = reduce_unary(c, op, type, a)
    if id != 0:
        return id
    id = new_inst(c.f, op, type)
    c.f.insts[id].n_args = 1
    c.f.insts[id].args[0] = a
    return put(c, id)


@cython.cfunc
@cython.inline
@cython.nogil
@cython.exceptval(check=False)
def turned(f: Func, op: uint32_t, a: uint32_t, b: uint32_t) -> uint32_t:
    """The op to take with a and b exchanged, when that brings a constant to the right; else 0."""
    if not is_const(f, a) or is_const(f, b):
        return 0
    if EFFECTS[op] & o.E_COMMUTES:
        return op
    return SWAPPED[op]


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def emit2(c: At, op: uint32_t, type: uint32_t, a: uint32_t, b: uint32_t) -> uint32_t:
    """See simplify.pxd."""
    id: uint32_t = turned(c.f, op, a, b)
    if id != 0:
        op = id
        id = a
        a = b
        b = id
    id = reduce_binary(c, op, type, a, b)
    if id != 0:
        return id
    id = new_inst(c.f, op, type)
    c.f.insts[id].n_args = 2
    c.f.insts[id].args[0] = a
    c.f.insts[id].args[1] = b
    return put(c, id)


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def emit3(c: At, op: uint32_t, type: uint32_t, x: uint32_t, y: uint32_t, z: uint32_t) -> uint32_t:
    """See simplify.pxd."""
    id: uint32_t
    negated: cython.bint = False
    x = condition_of(c.f, x, cython.address(negated))
    if negated:
        id = y
        y = z
        z = id
    id = reduce_select(c, type, x, y, z)
    if id != 0:
        return id
    id = new_inst(c.f, op, type)
    c.f.insts[id].n_args = 3
    c.f.insts[id].args[0] = x
    c.f.insts[id].args[1] = y
    c.f.insts[id].args[2] = z
    return put(c, id)


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def emit_trap_if(c: At, condition: uint32_t, trap: uint32_t) -> cython.void:
    """See simplify.pxd."""
    id: uint32_t
    if is_const(c.f, condition) and c.f.insts[condition].imm == 0:
        return
    id = new_inst(c.f, o.TRAP_IF, TYPE_VOID)
    c.f.insts[id].n_args = 1
    c.f.insts[id].args[0] = condition
    c.f.insts[id].imm = trap
    put(c, id)


# --- the pass


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def simplify_branch(f: Func, id: uint32_t) -> cython.void:
    """br_if on the negation of a condition: the edges change places."""
    negated: cython.bint = False
    edge: Edge
    inst: cython.pointer[Inst] = f.insts + id
    first: uint32_t = f.blocks[inst.block].first_edge
    inst.args[0] = condition_of(f, inst.args[0], cython.address(negated))
    if negated:
        f.moved = 1
        edge = f.edges[first]
        f.edges[first] = f.edges[first + 1]
        f.edges[first + 1] = edge
        if inst.flags & (F_LIKELY | F_UNLIKELY):
            inst.flags ^= F_LIKELY | F_UNLIKELY


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def store_as_it_is(f: Func, id: uint32_t) -> cython.void:
    """A store of reinterpreted bits stores the value that they came from."""
    inst: cython.pointer[Inst] = f.insts + id
    bits: cython.pointer[Inst]
    op: uint32_t = inst.op
    wanted: uint32_t
    if op == o.I32_STORE:
        wanted = o.I32_REINTERPRET_F32
        op = o.F32_STORE
    elif op == o.I64_STORE:
        wanted = o.I64_REINTERPRET_F64
        op = o.F64_STORE
    elif op == o.F32_STORE:
        wanted = o.F32_REINTERPRET_I32
        op = o.I32_STORE
    elif op == o.F64_STORE:
        wanted = o.F64_REINTERPRET_I64
        op = o.I64_STORE
    else:
        return
    bits = f.insts + inst.args[1]
    if bits.op == wanted:
        inst.op = op
        bits.uses -= 1
        inst.args[1] = bits.args[0]
        f.insts[bits.args[0]].uses += 1


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def load_as_wanted(f: Func, inst: cython.pointer[Inst]) -> cython.bint:
    """Makes the load whose bits an instruction reinterprets one of the other type, if nobody else uses it."""
    load: cython.pointer[Inst] = f.insts + inst.args[0]
    op: uint32_t
    if load.uses != 1:
        return False
    if inst.op == o.F64_REINTERPRET_I64 and load.op == o.I64_LOAD:
        op = o.F64_LOAD
    elif inst.op == o.I64_REINTERPRET_F64 and load.op == o.F64_LOAD:
        op = o.I64_LOAD
    elif inst.op == o.F32_REINTERPRET_I32 and load.op == o.I32_LOAD:
        op = o.F32_LOAD
    elif inst.op == o.I32_REINTERPRET_F32 and load.op == o.F32_LOAD:
        op = o.I32_LOAD
    else:
        return False
    load.op = op
    load.type = inst.type
    return True


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def simplify_one(c: At, id: uint32_t) -> uint32_t:
    """What an instruction is equal to, or 0."""
    f: Func = c.f
    inst: cython.pointer[Inst] = f.insts + id
    swap: uint32_t
    op: uint32_t
    negated: cython.bint = False
    if inst.op == o.BR_IF:
        simplify_branch(f, id)
    elif inst.op == o.TRAP_IF:
        swap = condition_of(f, inst.args[0], cython.address(negated))
        if not negated:
            inst.args[0] = swap
    elif inst.op == o.SELECT:
        swap = condition_of(f, inst.args[0], cython.address(negated))
        inst.args[0] = swap
        if negated:
            swap = inst.args[1]
            inst.args[1] = inst.args[2]
            inst.args[2] = swap
        return reduce_select(c, inst.type, inst.args[0], inst.args[1], inst.args[2])
    elif EFFECTS[inst.op] & o.E_WRITES_MEMORY:
        store_as_it_is(f, id)
    elif EFFECTS[inst.op] & o.E_PURE:
        if inst.n_args == 1:
            if load_as_wanted(f, inst):
                return inst.args[0]
            return reduce_unary(c, inst.op, inst.type, inst.args[0])
        if inst.n_args == 2:
            op = turned(f, inst.op, inst.args[0], inst.args[1])
            if op != 0:
                inst.op = op
                swap = inst.args[0]
                inst.args[0] = inst.args[1]
                inst.args[1] = swap
            return reduce_binary(c, inst.op, inst.type, inst.args[0], inst.args[1])
    return 0


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def simplify_block(f: Func, block: uint32_t, alias: Words) -> cython.void:
    """The instructions of a block, in order."""
    id: uint32_t = f.blocks[block].first
    next: uint32_t
    value: uint32_t
    k: uint32_t
    inst: cython.pointer[Inst]
    args: Words
    c: Cursor
    c.f = f
    c.block = block
    while id != 0 and not f.failed:
        inst = f.insts + id
        next = inst.next
        args = args_of(f, inst)
        for k in range(inst.n_args):
            args[k] = resolve(alias, args[k])
        c.before = id
        c.pos = inst.pos
        c.site = inst.site
        value = simplify_one(cython.address(c), id)
        if value != 0:
            alias[id] = value
            # What used the one uses the other; rules ask for how many there are before all of them are seen.
            f.insts[value].uses += f.insts[id].uses
            unlink_inst(f, id)
        elif f.insts[id].op == o.TRAP_IF and is_const(f, f.insts[id].args[0]):
            if f.insts[f.insts[id].args[0]].imm == 0:
                unlink_inst(f, id)
        id = next


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def simplify(f: Func) -> cython.bint:
    """See simplify.pxd."""
    alias: Words = new_alias(f)
    i: uint32_t
    e: uint32_t
    k: uint32_t
    b: cython.pointer[Block]
    args: Words
    if alias == cython.NULL:
        return False
    for i in range(f.n_order):
        simplify_block(f, f.order[i], alias)
    for i in range(f.n_order):
        b = f.blocks + f.order[i]
        for e in range(b.first_edge, b.first_edge + b.n_succs):
            args = f.pool + f.edges[e].args
            for k in range(f.edges[e].n_args):
                args[k] = resolve(alias, args[k])
    put_back(f.work, alias)
    return not f.failed and count_uses(f)
