"""Checks that a function is well formed; see verify.pxd for what may be wrong.

It can run between any two passes.
"""

import cython
from cython.cimports.libc.stdint import uint32_t
from cython.cimports.wasmine.jit.ssa import ops as o
from cython.cimports.wasmine.jit.ssa.flow import find_dominators, link_preds, order_blocks
from cython.cimports.wasmine.jit.ssa.function import (
    B_HANDLER,
    CATCH_NOTHING,
    TYPE_I32,
    TYPE_I64,
    TYPE_REF,
    TYPE_V128,
    TYPE_VOID,
    Block,
    Edge,
    Inst,
    SsaFunc,
    args_of,
    dominates,
)
from cython.cimports.wasmine.jit.ssa.info import EFFECTS, OPERANDS, RESULT
from cython.cimports.wasmine.jit.workspace import put_back, take_zeros

Func = cython.typedef(cython.pointer[SsaFunc])
Words = cython.typedef(cython.pointer[uint32_t])


@cython.cfunc
@cython.inline
@cython.nogil
@cython.exceptval(check=False)
def matches(actual: uint32_t, wanted: uint32_t) -> cython.bint:
    """Whether a type fits a type of a signature; ANY is for the caller to hold together."""
    if actual == TYPE_VOID:
        return False
    if wanted == o.SIG_ANY:
        return True
    if wanted == o.SIG_ADDR:
        return actual == TYPE_I32 or actual == TYPE_I64
    if actual == TYPE_REF:
        return wanted == TYPE_REF or wanted == TYPE_I64
    return actual == wanted or (actual == TYPE_I64 and wanted == TYPE_REF)


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def check_operands(f: Func, inst: cython.pointer[Inst]) -> uint32_t:
    """Number and types of operands and results."""
    args: Words = args_of(f, inst)
    any_type: uint32_t = (
        inst.type
        if RESULT[inst.op] == o.SIG_ANY and inst.op != o.RESULT and inst.op != o.EXN_LOAD
        else TYPE_VOID
    )
    k: uint32_t = 0
    wanted: uint32_t
    type: uint32_t
    rest: cython.bint = False
    while OPERANDS[inst.op][k] != 0:
        wanted = OPERANDS[inst.op][k]
        if wanted == o.SIG_REST:
            rest = True
            break
        if k >= inst.n_args:
            return BAD_OPERAND_COUNT
        type = f.insts[args[k]].type
        if not matches(type, wanted) and not (wanted == o.SIG_ANY and inst.op == o.RESULT):
            return BAD_OPERAND_TYPE
        if wanted == o.SIG_ANY and inst.op != o.RESULT:
            if any_type != TYPE_VOID and not matches(type, any_type):
                return BAD_OPERAND_TYPE
            any_type = type
        k += 1
    if not rest and k < inst.n_args:
        # An access of a memory other than 0 ends with its base.
        if not (
            EFFECTS[inst.op] & (o.E_READS_MEMORY | o.E_WRITES_MEMORY)
            and inst.aux & 0xFFFFFF
            and k + 1 == inst.n_args
            and f.insts[args[k]].type == TYPE_I64
        ):
            return BAD_OPERAND_COUNT
    wanted = RESULT[inst.op]
    if wanted == o.SIG_REST:
        return SOUND
    if wanted == TYPE_VOID:
        return SOUND if inst.type == TYPE_VOID else BAD_RESULT_TYPE
    return SOUND if matches(inst.type, wanted) else BAD_RESULT_TYPE


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def check_value(
    f: Func, place: Words, user_block: uint32_t, user_place: uint32_t, value: uint32_t
) -> uint32_t:
    """An operand of an instruction at a place in a block: it is a constant, or its definition comes
    before.
    """
    inst: cython.pointer[Inst]
    if value == 0 or value >= f.n_insts:
        return BAD_OPERAND
    inst = f.insts + value
    if EFFECTS[inst.op] & o.E_FLOATS:
        return (
            SOUND
            if inst.block == 0 and (inst.type == TYPE_V128) == (inst.op == o.V128_CONST)
            else BAD_OPERAND
        )
    if place[value] == 0:
        return BAD_OPERAND
    if inst.block == user_block:
        return SOUND if place[value] < user_place else NOT_DOMINATED
    return SOUND if dominates(f, inst.block, user_block) else NOT_DOMINATED


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def number_places(f: Func, block: uint32_t, place: Words) -> Fault:
    """Gives every instruction of a block its place, from 1, parameters being all at 1; checks how they are
    linked.
    """
    fault: Fault
    b: cython.pointer[Block] = f.blocks + block
    id: uint32_t = b.first_param
    before: uint32_t = 0
    n: uint32_t = 0
    fault.block = block
    fault.inst = 0
    fault.code = BAD_PARAMETERS
    while id != 0:
        fault.inst = id
        if f.insts[id].op != o.PARAM or f.insts[id].imm != n or f.insts[id].type == TYPE_VOID:
            return fault
        if f.insts[id].block != block or f.insts[id].prev != before or place[id] != 0:
            fault.code = BAD_LINKS
            return fault
        place[id] = 1
        n += 1
        before = id
        id = f.insts[id].next
    if n != b.n_params or b.last_param != before:
        return fault
    id = b.first
    before = 0
    n = 1
    fault.code = BAD_LINKS
    while id != 0:
        fault.inst = id
        if f.insts[id].block != block or f.insts[id].prev != before or place[id] != 0:
            return fault
        n += 1
        place[id] = n
        before = id
        id = f.insts[id].next
    fault.inst = before
    if b.last != before:
        return fault
    if before == 0 or not EFFECTS[f.insts[before].op] & o.E_ENDS:
        fault.code = BAD_END
        return fault
    fault.code = SOUND
    return fault


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def check_end(f: Func, b: cython.pointer[Block]) -> uint32_t:
    """The edges that the last instruction of a block has."""
    inst: cython.pointer[Inst] = f.insts + b.last
    op: uint32_t = inst.op
    k: uint32_t
    plain: uint32_t = 0
    catching: uint32_t = 0
    for k in range(b.first_edge, b.first_edge + b.n_succs):
        if f.edges[k].catches == CATCH_NOTHING:
            # Ordinary edges come first.
            if catching != 0:
                return BAD_CATCH
            plain += 1
        else:
            catching += 1
    if op == o.BR:
        return SOUND if plain == 1 and catching == 0 else BAD_EDGE_COUNT
    elif op == o.BR_IF:
        return SOUND if plain == 2 and catching == 0 else BAD_EDGE_COUNT
    elif op == o.BR_TRY:
        return SOUND if plain == 1 and catching > 0 else BAD_EDGE_COUNT
    elif op == o.THROW or op == o.THROW_REF:
        return SOUND if plain == 0 else BAD_EDGE_COUNT
    elif op == o.BR_TABLE:
        if plain == 0 or catching != 0:
            return BAD_EDGE_COUNT
        for k in range(inst.aux + 1):
            if f.pool[inst.imm + k] >= plain:
                return BAD_TABLE
        return SOUND
    return SOUND if plain == 0 and catching == 0 else BAD_EDGE_COUNT


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def throwing_place(f: Func, b: cython.pointer[Block], place: Words) -> uint32_t:
    """The place in a block of what throws along its edges to handlers: its last call, or its end."""
    id: uint32_t = b.last
    if f.insts[id].op != o.BR_TRY:
        return place[id]
    while id != 0 and not EFFECTS[f.insts[id].op] & o.E_CATCHES:
        id = f.insts[id].prev
    return place[id]


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def check_edges(f: Func, block: uint32_t, place: Words) -> uint32_t:
    """The edges of a block: targets and arguments."""
    b: cython.pointer[Block] = f.blocks + block
    edge: cython.pointer[Edge]
    target: cython.pointer[Block]
    e: uint32_t
    k: uint32_t
    param: uint32_t
    value: uint32_t
    fault: uint32_t = check_end(f, b)
    throws: uint32_t = throwing_place(f, b, place)
    for e in range(b.first_edge, b.first_edge + b.n_succs):
        if fault != SOUND:
            return fault
        edge = f.edges + e
        if edge.source != block or edge.target == 0 or edge.target >= f.n_blocks:
            return BAD_EDGE
        target = f.blocks + edge.target
        if edge.target == f.entry:
            return BAD_ENTRY
        if (edge.catches != CATCH_NOTHING) != ((target.flags & B_HANDLER) != 0):
            return BAD_CATCH
        if edge.n_args != target.n_params:
            return BAD_ARGUMENT_COUNT
        param = target.first_param
        for k in range(edge.n_args):
            value = f.pool[edge.args + k]
            fault = check_value(
                f, place, block, throws if edge.catches != CATCH_NOTHING else place[b.last], value
            )
            if fault != SOUND:
                return fault
            if not matches(f.insts[value].type, f.insts[param].type):
                return BAD_ARGUMENT_TYPE
            param = f.insts[param].next
        if target.order <= b.order and not dominates(f, edge.target, block):
            return IRREDUCIBLE
    return fault


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def check_inst(f: Func, id: uint32_t, place: Words) -> uint32_t:
    """One instruction in its place."""
    inst: cython.pointer[Inst] = f.insts + id
    args: Words = args_of(f, inst)
    k: uint32_t
    before: uint32_t
    fault: uint32_t
    for k in range(inst.n_args):
        fault = check_value(f, place, inst.block, place[id], args[k])
        if fault != SOUND:
            return fault
    if EFFECTS[inst.op] & o.E_ENDS and inst.next != 0:
        return BAD_END
    if inst.op == o.NOP or inst.op == o.PARAM or EFFECTS[inst.op] & o.E_FLOATS:
        return BAD_LINKS
    if inst.op == o.CAUGHT and (inst.prev != 0 or not f.blocks[inst.block].flags & B_HANDLER):
        return BAD_CATCH
    if inst.op == o.RESULT and inst.n_args == 1:
        before = inst.prev
        while before != 0 and f.insts[before].op == o.RESULT:
            before = f.insts[before].prev
        if before != args[0]:
            return BAD_PROJECTION
    return check_operands(f, inst)


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def check_block(f: Func, block: uint32_t, place: Words) -> Fault:
    """Instructions and edges of a block."""
    fault: Fault
    b: cython.pointer[Block] = f.blocks + block
    id: uint32_t = b.first
    fault.block = block
    fault.inst = id
    fault.code = SOUND
    if b.flags & B_HANDLER and f.insts[id].op != o.CAUGHT:
        fault.code = BAD_CATCH
        return fault
    while id != 0:
        fault.inst = id
        fault.code = check_inst(f, id, place)
        if fault.code != SOUND:
            return fault
        id = f.insts[id].next
    fault.code = check_edges(f, block, place)
    return fault


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def check_uses(f: Func, uses: Words) -> Fault:
    """Counts uses again; `uses` is zero for each instruction."""
    fault: Fault
    i: uint32_t
    k: uint32_t
    e: uint32_t
    id: uint32_t
    b: cython.pointer[Block]
    args: Words
    fault.block = 0
    fault.inst = 0
    fault.code = SOUND
    for i in range(f.n_order):
        b = f.blocks + f.order[i]
        id = b.first
        while id != 0:
            args = args_of(f, f.insts + id)
            for k in range(f.insts[id].n_args):
                uses[args[k]] += 1
            id = f.insts[id].next
        for e in range(b.first_edge, b.first_edge + b.n_succs):
            for k in range(f.edges[e].n_args):
                uses[f.pool[f.edges[e].args + k]] += 1
    for i in range(f.n_order):
        id = f.blocks[f.order[i]].first_param
        while id != 0 and fault.code == SOUND:
            if f.insts[id].uses != uses[id]:
                fault.code = BAD_USES
                fault.inst = id
                fault.block = f.order[i]
            id = f.insts[id].next
        id = f.blocks[f.order[i]].first
        while id != 0 and fault.code == SOUND:
            if f.insts[id].uses != uses[id]:
                fault.code = BAD_USES
                fault.inst = id
                fault.block = f.order[i]
            id = f.insts[id].next
    return fault


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def check_all(f: Func, place: Words, uses: Words) -> Fault:
    """Everything, given zeroed arrays over instructions."""
    fault: Fault
    i: uint32_t
    fault.block = f.entry
    fault.inst = 0
    fault.code = SOUND
    if f.blocks[f.entry].n_params != 0 or f.blocks[f.entry].flags & B_HANDLER:
        fault.code = BAD_ENTRY
        return fault
    for i in range(f.n_order):
        fault = number_places(f, f.order[i], place)
        if fault.code != SOUND:
            return fault
    for i in range(f.n_order):
        fault = check_block(f, f.order[i], place)
        if fault.code != SOUND:
            return fault
    return check_uses(f, uses)


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def verify(f: Func) -> Fault:
    """See verify.pxd."""
    fault: Fault
    place: Words = cython.cast(Words, take_zeros(f.work, f.n_insts, cython.sizeof(uint32_t)))
    uses: Words = cython.cast(Words, take_zeros(f.work, f.n_insts, cython.sizeof(uint32_t)))
    fault.block = 0
    fault.inst = 0
    fault.code = OUT_OF_MEMORY
    if place != cython.NULL and uses != cython.NULL and not f.failed:
        if order_blocks(f) and link_preds(f) and find_dominators(f):
            fault = check_all(f, place, uses)
    put_back(f.work, place)
    put_back(f.work, uses)
    return fault
