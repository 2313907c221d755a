"""Indirect calls whose callees are known become a choice of direct ones, which may be inlined.

The table is one that never changes (runtime/fixed.pxd), and few of its elements have the type of the call:

    v3 = call_indirect v1, v2   =>   br_if (v1 == 4) b5, b6
    ... v3 ...                       b5: v4 = call 7, v2; br b8(v4)
                                     b6: v5 = call_indirect v1, v2; br b8(v5)
                                     b8(v3): ... v3 ...

The indirect call stays for all other elements: mostly it traps.
"""

import cython
from cython.cimports.libc.stdint import uint32_t
from cython.cimports.libc.string import memset
from cython.cimports.wasmine.jit.ssa import ops as o
from cython.cimports.wasmine.jit.ssa.function import (
    TYPE_I32,
    TYPE_VOID,
    SsaFunc,
    append_inst,
    args_of,
    const_of,
    new_block,
    new_edges,
    new_inst,
    set_arg_count,
    take_pool,
)
from cython.cimports.wasmine.jit.ssa.splice import Copying, call_instead, split
from cython.cimports.wasmine.runtime.vm import ModuleCode

Func = cython.typedef(cython.pointer[SsaFunc])
Words = cython.typedef(cython.pointer[uint32_t])
Code = cython.typedef(cython.pointer[ModuleCode])

# Callees of one call; so many are asked for in turn, more by a jump table, whose start they have to be near.
MOST = cython.declare(cython.const[uint32_t], 8)
IN_TURN = cython.declare(cython.const[uint32_t], 3)
TABLE = cython.declare(cython.const[uint32_t], 64)

# A call that is replaced, and the elements of the table that it may mean.
Spread = cython.struct(
    w=Copying,
    code=cython.pointer[ModuleCode],
    call=uint32_t,
    above=uint32_t,
    n=uint32_t,
    places=uint32_t[8],
)
Work = cython.typedef(cython.pointer[Spread])


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def find_places(s: Work, type_id: uint32_t) -> cython.bint:
    """Finds the elements that the call may mean; False when there are none, or too many."""
    code: Code = s.code
    i: uint32_t
    func: uint32_t
    for i in range(code.n_fixed):
        func = code.fixed[i]
        if func == 0 or code.desc.func_types[func - 1] != type_id:
            continue
        # Imported functions are called in another way.
        if s.n == MOST or func - 1 < code.n_imported_funcs:
            return False
        s.places[s.n] = i
        s.n += 1
    return s.n != 0 and (s.n <= IN_TURN or s.places[s.n - 1] < TABLE)


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def put_here(s: Work, block: uint32_t, id: uint32_t) -> cython.void:
    """Puts an instruction at the end of a block, as one of the call."""
    f: Func = s.w.f
    f.insts[id].pos = f.insts[s.call].pos
    f.insts[id].site = f.insts[s.call].site
    append_inst(f, block, id)


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def new_beside(s: Work) -> uint32_t:
    """A block that belongs to where the call is."""
    f: Func = s.w.f
    block: uint32_t = new_block(f)
    f.blocks[block].loop = f.blocks[s.above].loop
    f.blocks[block].pos = f.insts[s.call].pos
    return block


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def calling(s: Work, op: uint32_t, aux: uint32_t, first: uint32_t, below: uint32_t) -> uint32_t:
    """A block with a call that has the operands from `first` on."""
    f: Func = s.w.f
    block: uint32_t = new_beside(s)
    id: uint32_t = new_inst(f, op, TYPE_VOID)
    n: uint32_t = f.insts[s.call].n_args - first
    k: uint32_t
    set_arg_count(f, id, n)
    if f.failed:
        return 0
    for k in range(n):
        args_of(f, f.insts + id)[k] = args_of(f, f.insts + s.call)[first + k]
    f.insts[id].aux = aux
    if first == 0:
        f.insts[id].imm = f.insts[s.call].imm
    put_here(s, block, id)
    call_instead(cython.address(s.w), block, id, below)
    return block


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def ask(s: Work, block: uint32_t, place: uint32_t, hit: uint32_t, miss: uint32_t) -> cython.void:
    """Ends a block with the question whether the index is a certain one."""
    f: Func = s.w.f
    edge: uint32_t = new_edges(f, block, 2)
    equal: uint32_t = new_inst(f, o.I32_EQ, TYPE_I32)
    branch: uint32_t = new_inst(f, o.BR_IF, TYPE_VOID)
    number: uint32_t = const_of(f, TYPE_I32, place)
    if f.failed:
        return
    f.insts[equal].n_args = 2
    f.insts[equal].args[0] = args_of(f, f.insts + s.call)[0]
    f.insts[equal].args[1] = number
    f.insts[branch].n_args = 1
    f.insts[branch].args[0] = equal
    put_here(s, block, equal)
    put_here(s, block, branch)
    f.edges[edge].target = hit
    f.edges[edge + 1].target = miss


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def jump_to(s: Work, hits: Words, miss: uint32_t) -> cython.void:
    """Ends the block of the call with a jump table over the index."""
    f: Func = s.w.f
    labels: uint32_t = s.places[s.n - 1] + 2
    edge: uint32_t = new_edges(f, s.above, s.n + 1)
    place: uint32_t = take_pool(f, labels)
    table: uint32_t = new_inst(f, o.BR_TABLE, TYPE_VOID)
    k: uint32_t
    if f.failed:
        return
    for k in range(labels):
        f.pool[place + k] = s.n
    for k in range(s.n):
        f.pool[place + s.places[k]] = k
        f.edges[edge + k].target = hits[k]
    f.edges[edge + s.n].target = miss
    f.insts[table].n_args = 1
    f.insts[table].args[0] = args_of(f, f.insts + s.call)[0]
    f.insts[table].imm = place
    f.insts[table].aux = labels - 1
    put_here(s, s.above, table)


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def spread(f: Func, code: Code, call: uint32_t, alias: Words) -> cython.bint:
    """See indirect.pxd."""
    s: Spread
    hits = cython.declare(uint32_t[8])
    miss: uint32_t
    block: uint32_t
    below: uint32_t
    k: uint32_t
    memset(cython.address(s), 0, cython.sizeof(Spread))
    s.code = code
    s.call = call
    s.above = f.insts[call].block
    s.w.f = f
    s.w.type = code.defs[f.insts[call].aux]
    if f.insts[f.blocks[s.above].last].op == o.BR_TRY or not find_places(cython.address(s), s.w.type.id):
        return False
    below = split(cython.address(s.w), call, alias)
    miss = calling(cython.address(s), o.RETURN_CALL_INDIRECT, f.insts[call].aux, 0, below)
    for k in range(s.n):
        hits[k] = calling(
            cython.address(s), o.RETURN_CALL, code.fixed[s.places[k]] - 1 - code.n_imported_funcs, 1, below
        )
    if f.failed:
        return True
    if s.n > IN_TURN:
        jump_to(cython.address(s), hits, miss)
        return True
    block = s.above
    for k in range(s.n):
        below = miss if k + 1 == s.n else new_beside(cython.address(s))
        ask(cython.address(s), block, s.places[k], hits[k], below)
        block = below
    return True
