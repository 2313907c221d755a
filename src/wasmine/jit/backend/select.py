"""Instruction selection: blocks, edges and terminators. What single instructions become is in integers.py,
floats.py, memory.py and calls.py; lower.pxd says in which order things are visited.

An edge from a block with several successors gets a block of its own where its target has several predecessors
or parameters: moves of values need a place that belongs to the edge alone.
"""

import cython
from cython.cimports.libc.stdint import uint32_t
from cython.cimports.libc.string import memset
from cython.cimports.wasmine.jit.backend import pseudo as p
from cython.cimports.wasmine.jit.backend.calls import lower_arguments, lower_call, lower_return
from cython.cimports.wasmine.jit.backend.layout import order_for_code
from cython.cimports.wasmine.jit.backend.lower import (
    Lower,
    SelectionOf,
    emit,
    fresh,
    temp_reg,
    use_reg,
    value_of,
    vreg_type,
)
from cython.cimports.wasmine.jit.backend.machine import (
    ROLE_REG,
    VT_I64,
    MachFunc,
    MachInst,
    new_machine_block,
    take_words,
)
from cython.cimports.wasmine.jit.backend.sinking import find_epochs, is_sunk
from cython.cimports.wasmine.jit.backend.target import SELECT_DONE, SELECT_NO_MEMORY, SELECT_REFUSED
from cython.cimports.wasmine.jit.ssa import ops as o
from cython.cimports.wasmine.jit.ssa.function import (
    B_COLD,
    CATCH_NOTHING,
    F_CHECKED,
    Block,
    Edge,
    Inst,
    SsaFunc,
)
from cython.cimports.wasmine.jit.ssa.info import EFFECTS
from cython.cimports.wasmine.jit.workspace import put_back, take, take_zeros
from cython.cimports.wasmine.runtime.vm import ModuleCode

Lowering = cython.typedef(cython.pointer[Lower])
Made = cython.typedef(cython.pointer[MachInst])
Words = cython.typedef(cython.pointer[uint32_t])


@cython.cfunc
@cython.inline
@cython.nogil
@cython.exceptval(check=False)
def kept_for(op: uint32_t) -> uint32_t:
    """What keeps an instruction that nobody needs."""
    return EFFECTS[op] & (
        o.E_TRAPS
        | o.E_ENDS
        | o.E_CALL
        | o.E_HELPER
        | o.E_WRITES_MEMORY
        | o.E_WRITES_GLOBALS
        | o.E_WRITES_OBJECTS
        | o.E_WRITES_STATE
        | o.E_FENCES
    )


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def select_instructions(
    machine: cython.pointer[cython.const[SelectionOf]],
    m: cython.pointer[MachFunc],
    f: cython.pointer[SsaFunc],
    code: cython.pointer[ModuleCode],
    features: uint32_t,
    refused: Words,
) -> uint32_t:
    s = cython.declare(Lower)
    order: Words
    edges: Words
    status: uint32_t = SELECT_NO_MEMORY
    memset(cython.address(s), 0, cython.sizeof(Lower))
    s.machine = machine
    s.f = f
    s.m = m
    s.code = code
    s.features = features
    s.vregs = cython.cast(
        Words, take_zeros(f.work, 2 * cython.cast(cython.size_t, f.n_insts), cython.sizeof(uint32_t))
    )
    s.goals = s.vregs + f.n_insts
    s.blocks = cython.cast(Words, take_zeros(f.work, f.n_blocks, cython.sizeof(uint32_t)))
    order = cython.cast(Words, take(f.work, f.n_order * cython.sizeof(uint32_t)))
    edges = cython.cast(Words, take_zeros(f.work, f.n_edges, cython.sizeof(uint32_t)))
    if s.vregs != cython.NULL and s.blocks != cython.NULL and order != cython.NULL and edges != cython.NULL:
        if (
            order_for_code(f, order)
            and find_epochs(cython.address(s))
            and (machine.start == cython.NULL or machine.start(cython.address(s)))
        ):
            make_blocks(cython.address(s), order, edges)
            if not m.failed:
                fill_blocks(cython.address(s), order, edges)
            status = SELECT_NO_MEMORY if m.failed else SELECT_DONE
            if s.refused != 0:
                refused[0] = s.refused - 1
                status = SELECT_REFUSED
    m.outgoing = (s.outgoing + 15) & ~cython.cast(uint32_t, 15)
    put_back(f.work, s.vregs)
    put_back(f.work, s.blocks)
    put_back(f.work, s.epochs)
    put_back(f.work, s.own)
    put_back(f.work, order)
    put_back(f.work, edges)
    return status


# --- blocks


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def make_blocks(s: Lowering, order: Words, edges: Words) -> cython.void:
    """A machine block for each block, and behind it one for each edge that needs its own (edges: its
    number + 1).
    """
    f: cython.pointer[SsaFunc] = s.f
    i: uint32_t
    k: uint32_t
    e: uint32_t
    b: uint32_t
    block: cython.pointer[Block]
    for i in range(f.n_order):
        block = f.blocks + order[i]
        b = new_machine_block(s.m)
        if s.m.failed:
            return
        s.blocks[order[i]] = b
        s.m.blocks[b].source = order[i]
        s.m.blocks[b].depth = block.depth
        s.m.blocks[b].cold = block.flags & B_COLD
        if block.loop != 0:
            s.m.blocks[b].loop = s.blocks[block.loop] + 1
            if block.loop == order[i] and block.outer != 0:
                s.m.blocks[b].outer = s.blocks[block.outer] + 1
        define_params(s, b, block)
        for k in range(block.n_succs):
            e = block.first_edge + k
            if needs_block(f, block, f.edges + e):
                edges[e] = new_machine_block(s.m) + 1
                if s.m.failed:
                    return
                s.m.blocks[edges[e] - 1].depth = block.depth
                s.m.blocks[edges[e] - 1].loop = s.m.blocks[b].loop
                s.m.blocks[edges[e] - 1].cold = f.blocks[f.edges[e].target].flags & B_COLD
                if f.edges[e].catches != CATCH_NOTHING:
                    s.m.blocks[edges[e] - 1].landing = 1
                    s.m.blocks[edges[e] - 1].cold = 1


@cython.cfunc
@cython.inline
@cython.nogil
@cython.exceptval(check=False)
def needs_block(
    f: cython.pointer[SsaFunc], source: cython.pointer[Block], edge: cython.pointer[Edge]
) -> cython.bint:
    target: cython.pointer[Block] = f.blocks + edge.target
    if edge.catches != CATCH_NOTHING:
        return True
    return source.n_succs > 1 and (target.n_preds > 1 or target.n_params != 0)


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def define_params(s: Lowering, b: uint32_t, block: cython.pointer[Block]) -> cython.void:
    place: uint32_t = take_words(s.m, block.n_params)
    id: uint32_t = block.first_param
    n: uint32_t = 0
    s.m.blocks[b].params = place
    while id != 0 and not s.m.failed:
        s.vregs[id] = fresh(s, vreg_type(s.f.insts[id].type))
        s.m.pool[place + n] = s.vregs[id]
        n += 1
        id = s.f.insts[id].next
    s.m.blocks[b].n_params = n


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def fill_blocks(s: Lowering, order: Words, edges: Words) -> cython.void:
    """Instructions, from the last block to the first, each from its end to its start; then all turned
    around.
    """
    f: cython.pointer[SsaFunc] = s.f
    m: cython.pointer[MachFunc] = s.m
    i: uint32_t
    k: uint32_t
    e: uint32_t
    b: uint32_t
    block: cython.pointer[Block]
    for i in range(f.n_order, 0, -1):
        block = f.blocks + order[i - 1]
        s.block = order[i - 1]
        for k in range(block.n_succs, 0, -1):
            e = block.first_edge + k - 1
            if edges[e] != 0:
                fill_edge(s, edges[e] - 1, e)
        fill_block(s, order[i - 1], edges)
        if m.failed or s.refused != 0:
            return
    turn_around(m, 0)
    for b in range(m.n_blocks):
        e = m.blocks[b].first
        m.blocks[b].first = m.n_insts - m.blocks[b].end
        m.blocks[b].end = m.n_insts - e


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def turn_around(m: cython.pointer[MachFunc], first: uint32_t) -> cython.void:
    """Reverses the instructions from `first` on."""
    last: uint32_t = m.n_insts
    kept: MachInst
    while last > first + 1:
        last -= 1
        kept = m.insts[first]
        m.insts[first] = m.insts[last]
        m.insts[last] = kept
        first += 1


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def target_of(s: Lowering, edges: Words, e: uint32_t) -> uint32_t:
    return edges[e] - 1 if edges[e] != 0 else s.blocks[s.f.edges[e].target]


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def pass_arguments(s: Lowering, b: uint32_t, e: uint32_t) -> cython.void:
    """Notes the arguments of an edge at the block that it is the only way out of."""
    edge: cython.pointer[Edge] = s.f.edges + e
    place: uint32_t = take_words(s.m, edge.n_args)
    i: uint32_t
    vreg: uint32_t
    param: uint32_t = s.f.blocks[edge.target].first_param
    if s.m.failed:
        return
    for i in range(edge.n_args):
        s.goals[s.f.pool[edge.args + i]] = param
        param = s.f.insts[param].next
        vreg = value_of(s, s.f.pool[edge.args + i])
        s.m.pool[place + i] = vreg
    s.m.blocks[b].args = place
    s.m.blocks[b].n_args = edge.n_args


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def fill_edge(s: Lowering, b: uint32_t, e: uint32_t) -> cython.void:
    first: uint32_t = s.m.n_insts
    made: Made
    place: uint32_t = take_words(s.m, 1)
    s.m.pool[place] = s.blocks[s.f.edges[e].target]
    s.m.blocks[b].first = first
    s.m.blocks[b].succs = place
    s.m.blocks[b].n_succs = 1
    emit(s, p.P_LABEL)
    pass_arguments(s, b, e)
    made = emit(s, p.P_JUMP)
    made.label = s.blocks[s.f.edges[e].target]
    turn_around(s.m, first)
    s.m.blocks[b].end = s.m.n_insts


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def list_handlers(s: Lowering, block: cython.pointer[Block], edges: Words) -> uint32_t:
    """Where exceptions go from the call at the end of a block: a place in the pool, or 0.

    There stand the number of handlers, and of each what it takes (CATCH_*, tag) and its machine block.
    """
    edge: cython.pointer[Edge]
    place: uint32_t
    n: uint32_t = 0
    e: uint32_t
    for e in range(block.first_edge, block.first_edge + block.n_succs):
        n += s.f.edges[e].catches != CATCH_NOTHING
    if n == 0:
        return 0
    place = take_words(s.m, 1 + 3 * n)
    if place == 0:
        return 0
    s.m.pool[place] = n
    n = place + 1
    for e in range(block.first_edge, block.first_edge + block.n_succs):
        edge = s.f.edges + e
        if edge.catches != CATCH_NOTHING:
            s.m.pool[n] = edge.catches
            s.m.pool[n + 1] = edge.tag
            s.m.pool[n + 2] = edges[e] - 1
            n += 3
    return place


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def fill_block(s: Lowering, id: uint32_t, edges: Words) -> cython.void:
    f: cython.pointer[SsaFunc] = s.f
    block: cython.pointer[Block] = f.blocks + id
    b: uint32_t = s.blocks[id]
    at: uint32_t = block.last
    first: uint32_t
    place: uint32_t = take_words(s.m, block.n_succs)
    i: uint32_t
    if s.m.failed:
        return
    for i in range(block.n_succs):
        s.m.pool[place + i] = target_of(s, edges, block.first_edge + i)
    s.m.blocks[b].succs = place
    s.m.blocks[b].n_succs = block.n_succs
    s.m.blocks[b].first = s.m.n_insts
    s.block = id
    s.handlers = list_handlers(s, block, edges)
    while at != 0 and s.refused == 0 and not s.m.failed:
        first = s.m.n_insts
        s.pos = f.insts[at].pos
        s.site = f.insts[at].site
        lower(s, b, at, edges)
        turn_around(s.m, first)
        if at == block.last and s.machine.before_end != cython.NULL:
            first = s.m.n_insts
            s.machine.before_end(s)
            turn_around(s.m, first)
        at = f.insts[at].prev
    first = s.m.n_insts
    emit(s, p.P_LABEL)
    if id == f.entry:
        lower_arguments(s, id)
    turn_around(s.m, first)
    s.m.blocks[b].end = s.m.n_insts


# --- instructions


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def lower(s: Lowering, b: uint32_t, id: uint32_t, edges: Words) -> cython.void:
    inst: cython.pointer[Inst] = s.f.insts + id
    op: uint32_t = inst.op
    kept: uint32_t = kept_for(op)
    s.inst = id
    if op == o.NOP or op == o.ARG or op == o.RESULT or op == o.PARAM:
        return
    if kept == o.E_TRAPS and (inst.flags & F_CHECKED or is_sunk(s, id)):
        kept = 0
    if kept == 0 and not is_needed(s, id):
        return
    if not (lower_control(s, b, id, edges) or s.machine.lower(s, id) or lower_call(s, id)):
        s.refused = op + 1


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def is_needed(s: Lowering, id: uint32_t) -> cython.bint:
    """Whether something that is kept uses one of an instruction's results."""
    if s.vregs[id] != 0:
        return True
    id = s.f.insts[id].next
    while id != 0 and s.f.insts[id].op == o.RESULT:
        if s.vregs[id] != 0:
            return True
        id = s.f.insts[id].next
    return False


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def lower_control(s: Lowering, b: uint32_t, id: uint32_t, edges: Words) -> cython.bint:
    inst: cython.pointer[Inst] = s.f.insts + id
    op: uint32_t = inst.op
    place: uint32_t
    made: Made
    if op == o.BR or op == o.BR_TRY:
        # A try has at least two edges, so that this one has a block of its own where it needs one.
        if op == o.BR:
            pass_arguments(s, b, s.f.blocks[s.block].first_edge)
        made = emit(s, p.P_JUMP)
        made.label = s.m.pool[s.m.blocks[b].succs]
    elif op == o.BR_IF:
        place = s.m.blocks[b].succs
        s.machine.branch(s, inst.args[0], s.m.pool[place], s.m.pool[place + 1])
    elif op == o.BR_TABLE:
        jump_table(s, b, inst)
    elif op == o.RETURN:
        lower_return(s, id)
    elif op == o.TRAP:
        made = emit(s, p.P_TRAP)
        made.imm = inst.imm
    elif op == o.TRAP_IF:
        s.machine.trap_if(s, inst.args[0], cython.cast(uint32_t, inst.imm))
    elif op == o.POLL:
        emit(s, p.P_POLL)
    elif op == o.POLL_COUNTED:
        s.machine.poll_counted(s, value_of(s, inst.args[0]), inst.imm)
    elif op == o.FUEL:
        made = emit(s, p.P_FUEL)
        made.imm = inst.imm
    else:
        return False
    return True


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def jump_table(s: Lowering, b: uint32_t, inst: cython.pointer[Inst]) -> cython.void:
    n: uint32_t = inst.aux + 1
    index: uint32_t = value_of(s, inst.args[0])
    place: uint32_t = take_words(s.m, n)
    made: Made
    i: uint32_t
    if s.m.failed:
        return
    for i in range(n):
        s.m.pool[place + i] = s.m.pool[s.m.blocks[b].succs + s.f.pool[inst.imm + i]]
    made = emit(s, p.P_JUMP_TABLE)
    made.aux = place
    made.imm = n
    use_reg(s, made, index, ROLE_REG)
    temp_reg(s, made, fresh(s, VT_I64))
