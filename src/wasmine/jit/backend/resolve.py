"""Carries out what register allocation decided: fills in operands, puts moves, says what is stored where.

A value that is ever spilled is stored where it is defined, or, where that is executed less often, wherever
it leaves a register for its slot: a loop does not store what is only spilled behind it.

The moves before an instruction come in two groups. What its predecessor defined goes first: results out of
fixed registers, and values that are stored where they are defined. Then all at once: what changes places
there, and what the instruction wants in fixed registers.
"""

import cython
from cython.cimports.libc.stdint import int64_t, uint8_t, uint32_t, uint64_t
from cython.cimports.libc.string import memset
from cython.cimports.wasmine.ir.scalar import ctz64_nonzero
from cython.cimports.wasmine.jit.backend.machine import (
    IN_FIXED,
    IN_PINNED,
    IN_SLOT,
    N_REGS,
    OPERAND_DEF,
    OPERAND_MOD,
    OPERAND_TEMP,
    OPERAND_USE,
    SLOT,
    SPILL_AT_DEF,
    SPILL_AT_SPLIT,
    MachBlock,
    MachFunc,
    Operand,
    Vreg,
    weight,
)
from cython.cimports.wasmine.jit.backend.moves import MoveSet, free_moves, init_moves, put_move, settle
from cython.cimports.wasmine.jit.backend.regalloc import Alloc
from cython.cimports.wasmine.jit.backend.slots import assign_slots
from cython.cimports.wasmine.jit.workspace import put_back, resize, take, take_zeros

State = cython.typedef(cython.pointer[Alloc])
Words = cython.typedef(cython.pointer[uint32_t])

# Which pieces registers hold at the borders of blocks: those of block b from first[b] to before first[b + 1].
Held = cython.struct(first=Words, pieces=Words, n=uint32_t, max=uint32_t)
Snapshots = cython.typedef(cython.pointer[Held])


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def resolve(a: State) -> cython.void:
    m: cython.pointer[MachFunc] = a.m
    set = cython.declare(MoveSet)
    at_start = cython.declare(Held)
    at_end = cython.declare(Held)
    b: uint32_t
    v: uint32_t
    init_held(a, cython.address(at_start))
    init_held(a, cython.address(at_end))
    if not a.failed:
        take_snapshots(a, cython.address(at_start), cython.address(at_end))
    if not a.failed:
        choose_stores(a, cython.address(at_start), cython.address(at_end))
    assign_slots(a)
    for v in range(1, m.n_vregs):
        m.vregs[v].piece = m.vregs[v].pieces
    link_changes(a)
    init_moves(cython.address(set), m.n_slots, m.work)
    if set.failed:
        a.failed = 1
    if not a.failed:
        for b in range(m.n_blocks):
            walk_block(a, cython.address(set), b)
        connect_blocks(a, cython.address(set), cython.address(at_start), cython.address(at_end))
    free_held(a, cython.address(at_start))
    free_held(a, cython.address(at_end))
    free_moves(cython.address(set))


# --- where to store


@cython.cfunc
@cython.inline
@cython.nogil
@cython.exceptval(check=False)
def lives_into(m: cython.pointer[MachFunc], v: uint32_t, target: uint32_t) -> cython.bint:
    """Whether a value that is not defined at the start of a block may be needed in it, or behind."""
    start: uint32_t = 4 * m.blocks[target].first
    return m.vregs[v].start < start < m.vregs[v].end


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def choose_stores(a: State, at_start: Snapshots, at_end: Snapshots) -> cython.void:
    """Weighs, for each value that is spilled, a store at its definition against stores at its splits."""
    m: cython.pointer[MachFunc] = a.m
    gain: cython.pointer[int64_t] = cython.cast(
        cython.pointer[int64_t], take_zeros(a.m.work, m.n_vregs, cython.sizeof(int64_t))
    )
    there: cython.pointer[uint8_t] = cython.cast(cython.pointer[uint8_t], take_zeros(a.m.work, m.n_vregs, 1))
    b: uint32_t
    v: uint32_t
    i: uint32_t
    if gain == cython.NULL or there == cython.NULL:
        a.failed = 1
    else:
        for b in range(m.n_blocks):
            for i in range(m.blocks[b].n_succs):
                if not m.blocks[m.pool[m.blocks[b].succs + i]].landing:
                    count_edge(a, b, m.pool[m.blocks[b].succs + i], at_start, at_end, there, gain)
        for v in range(1, m.n_vregs):
            if m.vregs[v].spilled and gain[v] + definition_weight(a, v) >= splits_weight(a, v):
                m.vregs[v].spilled = SPILL_AT_SPLIT
    put_back(a.m.work, gain)
    put_back(a.m.work, there)


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def count_edge(
    a: State,
    source: uint32_t,
    target: uint32_t,
    at_start: Snapshots,
    at_end: Snapshots,
    there: cython.pointer[uint8_t],
    gain: cython.pointer[int64_t],
) -> cython.void:
    """Counts the values that leave a register for their slot on an edge. `there` is all zeros."""
    m: cython.pointer[MachFunc] = a.m
    cost: int64_t = min(weight(m.blocks + source), weight(m.blocks + target))
    i: uint32_t
    v: uint32_t
    mark_held(a, at_start, target, there, 1)
    for i in range(at_end.first[source], at_end.first[source + 1]):
        v = a.pieces[at_end.pieces[i]].vreg
        if m.vregs[v].spilled and not there[v] and lives_into(m, v, target):
            gain[v] -= cost
    mark_held(a, at_start, target, there, 0)


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def definition_weight(a: State, v: uint32_t) -> int64_t:
    """What a store behind the definition costs; nothing if the value goes to its slot right away."""
    m: cython.pointer[MachFunc] = a.m
    if a.pieces[m.vregs[v].pieces].reg == IN_SLOT:
        return 0
    return weight(m.blocks + m.vregs[v].block)


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def splits_weight(a: State, v: uint32_t) -> int64_t:
    """What stores at splits inside blocks cost."""
    m: cython.pointer[MachFunc] = a.m
    p: uint32_t = m.vregs[v].pieces
    next: uint32_t
    n: uint32_t
    sum: int64_t = 0
    while p != 0:
        next = a.pieces[p].next
        n = changes_at(a, next)
        if next != 0 and a.pieces[p].reg != IN_SLOT and a.pieces[next].reg == IN_SLOT:
            if m.blocks[a.block_of[n]].first != n:
                sum += weight(m.blocks + a.block_of[n])
        p = next
    return sum


# --- inside blocks


@cython.cfunc
@cython.inline
@cython.nogil
@cython.exceptval(check=False)
def location(a: State, p: uint32_t) -> uint32_t:
    """Where a piece is."""
    reg: uint32_t = a.pieces[p].reg
    return SLOT + a.m.vregs[a.pieces[p].vreg].slot if reg == IN_SLOT else reg


@cython.cfunc
@cython.inline
@cython.nogil
@cython.exceptval(check=False)
def moves_to(a: State, p: uint32_t, next: uint32_t) -> cython.bint:
    """Whether there is something to do where a piece is followed by the next one."""
    if a.pieces[next].reg != IN_SLOT:
        return True
    return a.pieces[p].reg != IN_SLOT and a.m.vregs[a.pieces[p].vreg].spilled == SPILL_AT_SPLIT


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def link_changes(a: State) -> cython.void:
    """Lists, for each instruction, the pieces that change places before it.

    Where a block starts, the edges see to it.
    """
    m: cython.pointer[MachFunc] = a.m
    v: uint32_t
    p: uint32_t
    next: uint32_t
    before: uint32_t
    step: uint32_t
    last: uint32_t
    n: uint32_t
    a.changes = cython.cast(Words, take_zeros(a.m.work, m.n_insts + 1, cython.sizeof(uint32_t)))
    if a.changes == cython.NULL:
        a.failed = 1
        return
    for v in range(1, m.n_vregs):
        p = m.vregs[v].pieces
        before = p
        last = 0
        while p != 0 and a.pieces[p].next != 0:
            next = a.pieces[p].next
            n = changes_at(a, next)
            # Of a piece inside one instruction, what was before it counts.
            step = 2 * n + is_late(a, next)
            if step != last:
                before = p
                last = step
            if m.blocks[a.block_of[n]].first != n and moves_to(a, before, next):
                a.pieces[next].before = before
                a.pieces[next].also = a.changes[n]
                a.changes[n] = next
            p = next


@cython.cfunc
@cython.inline
@cython.nogil
@cython.exceptval(check=False)
def changes_at(a: State, p: uint32_t) -> uint32_t:
    """The instruction before which a piece goes on from elsewhere.

    What leaves its register within an instruction, for a result of it, does so before; behind it, before
    the next one.
    """
    return (a.pieces[p].start + 1) >> 2


@cython.cfunc
@cython.inline
@cython.nogil
@cython.exceptval(check=False)
def is_late(a: State, p: uint32_t) -> cython.bint:
    """Whether a piece starts where a result of the instruction before takes its register."""
    return a.pieces[p].start & 3 == 3 and a.pieces[p].reg == IN_SLOT


@cython.cfunc
@cython.inline
@cython.nogil
@cython.exceptval(check=False)
def piece_at(a: State, v: uint32_t, pos: uint32_t) -> uint32_t:
    """The piece of a virtual register at `pos`; positions only grow."""
    vreg: cython.pointer[Vreg] = a.m.vregs + v
    while a.pieces[vreg.piece].end <= pos and a.pieces[vreg.piece].next != 0:
        vreg.piece = a.pieces[vreg.piece].next
    return vreg.piece


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def walk_block(a: State, set: cython.pointer[MoveSet], b: uint32_t) -> cython.void:
    m: cython.pointer[MachFunc] = a.m
    n: uint32_t
    first: uint32_t
    count: uint32_t
    for n in range(m.blocks[b].first, m.blocks[b].end):
        first = m.n_moves
        if n > m.blocks[b].first:
            collect_results(a, set, n - 1)
            count = settle(set, m, a.registers)
            collect_changes(a, set, n)
            count += settle(set, m, a.registers)
            m.insts[n].moves = first
            m.insts[n].n_moves = count
        fill_operands(a, n)


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def collect_results(a: State, set: cython.pointer[MoveSet], n: uint32_t) -> cython.void:
    """What instruction n defines and does not leave where it belongs, and what makes room for that."""
    m: cython.pointer[MachFunc] = a.m
    operand: cython.pointer[Operand]
    vreg: cython.pointer[Vreg]
    i: uint32_t
    p: uint32_t
    for i in range(m.insts[n].n_operands):
        operand = m.operands + m.insts[n].operands + i
        if operand.where == IN_PINNED or operand.kind == OPERAND_USE or operand.kind == OPERAND_TEMP:
            continue
        vreg = m.vregs + operand.vreg
        if operand.where == IN_FIXED:
            p = piece_at(a, operand.vreg, 4 * n + 3)
            put_move(set, operand.preg, location(a, p), vreg.type)
            if vreg.spilled == SPILL_AT_DEF and a.pieces[p].reg != IN_SLOT:
                put_move(set, operand.preg, SLOT + vreg.slot, vreg.type)
        elif vreg.spilled == SPILL_AT_DEF and not is_modified(m, n + 1, operand.vreg):
            put_move(set, operand.preg, SLOT + vreg.slot, vreg.type)
    p = a.changes[n + 1]
    while p != 0:
        if is_late(a, p):
            put_move(set, location(a, a.pieces[p].before), location(a, p), m.vregs[a.pieces[p].vreg].type)
        p = a.pieces[p].also


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def is_modified(m: cython.pointer[MachFunc], n: uint32_t, v: uint32_t) -> cython.bint:
    """Whether instruction n changes the value: the slot waits for that."""
    operand: cython.pointer[Operand]
    i: uint32_t
    for i in range(m.insts[n].n_operands):
        operand = m.operands + m.insts[n].operands + i
        if operand.kind == OPERAND_MOD and operand.vreg == v and operand.where != IN_PINNED:
            return True
    return False


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def collect_changes(a: State, set: cython.pointer[MoveSet], n: uint32_t) -> cython.void:
    """What changes places before instruction n, and what it wants in fixed registers."""
    m: cython.pointer[MachFunc] = a.m
    operand: cython.pointer[Operand]
    i: uint32_t
    p: uint32_t
    for i in range(m.insts[n].n_operands):
        operand = m.operands + m.insts[n].operands + i
        if operand.where == IN_FIXED and operand.kind == OPERAND_USE:
            p = piece_at(a, operand.vreg, 4 * n - 1)
            put_move(set, location(a, p), operand.preg, m.vregs[operand.vreg].type)
    p = a.changes[n]
    while p != 0:
        if not is_late(a, p):
            put_move(set, location(a, a.pieces[p].before), location(a, p), m.vregs[a.pieces[p].vreg].type)
        p = a.pieces[p].also


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def fill_operands(a: State, n: uint32_t) -> cython.void:
    m: cython.pointer[MachFunc] = a.m
    operand: cython.pointer[Operand]
    i: uint32_t
    pos: uint32_t
    for i in range(m.insts[n].n_operands):
        operand = m.operands + m.insts[n].operands + i
        if operand.where == IN_FIXED or operand.where == IN_PINNED:
            continue
        pos = 4 * n + 2 if operand.kind == OPERAND_DEF else 4 * n + 1
        operand.preg = a.pieces[piece_at(a, operand.vreg, pos)].reg


# --- between blocks


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def init_held(a: State, held: Snapshots) -> cython.void:
    memset(held, 0, cython.sizeof(Held))
    held.first = cython.cast(Words, take(a.m.work, (a.m.n_blocks + 1) * cython.sizeof(uint32_t)))
    if held.first == cython.NULL:
        a.failed = 1


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def free_held(a: State, held: Snapshots) -> cython.void:
    put_back(a.m.work, held.first)
    put_back(a.m.work, held.pieces)


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def take_snapshots(a: State, at_start: Snapshots, at_end: Snapshots) -> cython.void:
    """Which pieces are in registers where blocks start and where they end."""
    m: cython.pointer[MachFunc] = a.m
    now = cython.declare(uint32_t[N_REGS])
    taken: uint64_t = 0
    i: uint32_t = 0
    b: uint32_t
    for b in range(m.n_blocks):
        i = pass_assigned(a, i, 4 * m.blocks[b].first, now, cython.address(taken))
        at_start.first[b] = at_start.n
        note_registers(a, 4 * m.blocks[b].first, now, cython.address(taken), at_start)
        i = pass_assigned(a, i, 4 * m.blocks[b].end - 1, now, cython.address(taken))
        at_end.first[b] = at_end.n
        note_registers(a, 4 * m.blocks[b].end - 1, now, cython.address(taken), at_end)
    at_start.first[m.n_blocks] = at_start.n
    at_end.first[m.n_blocks] = at_end.n


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def pass_assigned(
    a: State, i: uint32_t, pos: uint32_t, now: Words, taken: cython.pointer[uint64_t]
) -> uint32_t:
    """What registers hold at `pos`: `now`, of those in `taken`."""
    p: uint32_t
    while i < a.n_assigned and a.pieces[a.assigned[i]].start <= pos:
        p = a.assigned[i]
        if a.pieces[p].reg != IN_SLOT:
            now[a.pieces[p].reg] = p
            taken[0] |= cython.cast(uint64_t, 1) << a.pieces[p].reg
        i += 1
    return i


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def note_registers(
    a: State, pos: uint32_t, now: Words, taken: cython.pointer[uint64_t], held: Snapshots
) -> cython.void:
    rest: uint64_t = taken[0]
    moved: cython.p_void
    r: uint32_t
    if held.n + N_REGS > held.max:
        held.max = 2 * held.max + 16 * N_REGS
        moved = resize(a.m.work, held.pieces, held.max * cython.cast(cython.size_t, cython.sizeof(uint32_t)))
        if moved == cython.NULL:
            a.failed = 1
            held.max = 0
            held.n = 0
            return
        held.pieces = cython.cast(Words, moved)
    while rest != 0:
        r = ctz64_nonzero(rest)
        rest &= rest - 1
        if a.pieces[now[r]].end > pos:
            held.pieces[held.n] = now[r]
            held.n += 1
        else:
            taken[0] &= ~(cython.cast(uint64_t, 1) << r)


@cython.cfunc
@cython.inline
@cython.nogil
@cython.exceptval(check=False)
def mark_held(
    a: State, held: Snapshots, b: uint32_t, there: cython.pointer[uint8_t], mark: uint32_t
) -> cython.void:
    """Of the values that registers hold at the border of a block."""
    i: uint32_t
    for i in range(held.first[b], held.first[b + 1]):
        there[a.pieces[held.pieces[i]].vreg] = cython.cast(uint8_t, mark)


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def connect_blocks(
    a: State, set: cython.pointer[MoveSet], at_start: Snapshots, at_end: Snapshots
) -> cython.void:
    m: cython.pointer[MachFunc] = a.m
    where: cython.pointer[uint8_t] = cython.cast(cython.pointer[uint8_t], take(a.m.work, m.n_vregs + 1))
    there: cython.pointer[uint8_t] = cython.cast(
        cython.pointer[uint8_t], take_zeros(a.m.work, m.n_vregs + 1, 1)
    )
    block: cython.pointer[MachBlock]
    b: uint32_t
    i: uint32_t
    first: uint32_t
    target: uint32_t
    if where == cython.NULL or there == cython.NULL:
        put_back(a.m.work, where)
        put_back(a.m.work, there)
        a.failed = 1
        return
    memset(where, IN_SLOT, m.n_vregs + 1)
    for b in range(m.n_blocks):
        block = m.blocks + b
        for i in range(at_end.first[b], at_end.first[b + 1]):
            where[a.pieces[at_end.pieces[i]].vreg] = cython.cast(uint8_t, a.pieces[at_end.pieces[i]].reg)
        for i in range(block.n_succs):
            first = m.n_moves
            target = m.pool[block.succs + i]
            collect_edge(a, set, b, target, where, at_start)
            if not m.blocks[target].landing:
                collect_stores(a, set, b, target, there, at_start, at_end)
            if block.n_succs == 1 and not m.blocks[target].landing:
                block.moves_out = first
                block.n_moves_out = settle(set, m, a.registers)
            else:
                m.blocks[target].moves_in = first
                m.blocks[target].n_moves_in = settle(set, m, a.registers)
        mark_held(a, at_end, b, where, IN_SLOT)
    put_back(a.m.work, where)
    put_back(a.m.work, there)


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def collect_stores(
    a: State,
    set: cython.pointer[MoveSet],
    source: uint32_t,
    target: uint32_t,
    there: cython.pointer[uint8_t],
    at_start: Snapshots,
    at_end: Snapshots,
) -> cython.void:
    """What goes from a register to its slot on an edge. `there` is all zeros."""
    m: cython.pointer[MachFunc] = a.m
    i: uint32_t
    v: uint32_t
    mark_held(a, at_start, target, there, 1)
    for i in range(at_end.first[source], at_end.first[source + 1]):
        v = a.pieces[at_end.pieces[i]].vreg
        if m.vregs[v].spilled == SPILL_AT_SPLIT and not there[v] and lives_into(m, v, target):
            put_move(set, a.pieces[at_end.pieces[i]].reg, SLOT + m.vregs[v].slot, m.vregs[v].type)
    mark_held(a, at_start, target, there, 0)


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def collect_edge(
    a: State,
    set: cython.pointer[MoveSet],
    source: uint32_t,
    target: uint32_t,
    where: cython.pointer[uint8_t],
    at_start: Snapshots,
) -> cython.void:
    """What must change places on an edge. `where`: virtual register -> where the source leaves it.

    Where a call throws to, registers hold nothing: what lives across the call is in its slot.
    """
    m: cython.pointer[MachFunc] = a.m
    block: cython.pointer[MachBlock] = m.blocks + source
    end: uint32_t = 4 * block.end - 1
    vreg: cython.pointer[Vreg]
    p: uint32_t
    v: uint32_t
    i: uint32_t
    for i in range(at_start.first[target], at_start.first[target + 1]):
        p = at_start.pieces[i]
        v = a.pieces[p].vreg
        vreg = m.vregs + v
        # Parameters come from the arguments; what does not live at the source does not live into the target.
        if vreg.start == 4 * m.blocks[target].first or not vreg.start <= end < vreg.end:
            continue
        if where[v] == IN_SLOT or (m.blocks[target].landing and vreg.spilled):
            put_move(set, SLOT + vreg.slot, a.pieces[p].reg, vreg.type)
        elif not m.blocks[target].landing:
            put_move(set, where[v], a.pieces[p].reg, vreg.type)
    for i in range(block.n_args):
        v = m.pool[block.args + i]
        p = where[v] if where[v] != IN_SLOT else SLOT + m.vregs[v].slot
        vreg = m.vregs + m.pool[m.blocks[target].params + i]
        if vreg.pieces == 0:
            continue
        put_move(set, p, location(a, vreg.pieces), vreg.type)
        if vreg.spilled == SPILL_AT_DEF and a.pieces[vreg.pieces].reg != IN_SLOT:
            put_move(set, p, SLOT + vreg.slot, vreg.type)
