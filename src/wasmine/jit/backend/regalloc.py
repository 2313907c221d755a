"""Register allocation: linear scan over live intervals that are split where that pays.

Intervals are visited in the order of their starts; `placing` decides who gets a register.

A value that is ever spilled is stored once, right where it is defined: it has one definition. So going to the
slot costs nothing later on, and wherever a value is in no register, the slot has it.

The scan follows the order of blocks. Where control does not come from the block before, or seldom, what that
one left in registers says nothing: a call there has sent all to slots. Such a block begins with its values
in the registers where its home leaves them, the predecessor that it is mostly entered from.

At the borders of blocks, what is in a register on the one side may be elsewhere on the other. `resolve` notes
which values the registers hold where blocks start and end, and puts moves on the edges.
"""

import cython
from cython.cimports.libc.stdint import int64_t, uint8_t, uint32_t, uint64_t
from cython.cimports.libc.string import memset
from cython.cimports.wasmine.ir.scalar import ctz64_nonzero, popcnt64
from cython.cimports.wasmine.jit.backend.liveness import find_intervals
from cython.cimports.wasmine.jit.backend.machine import (
    IN_SLOT,
    N_REGS,
    MachBlock,
    MachFunc,
    Registers,
    Vreg,
    weight,
)
from cython.cimports.wasmine.jit.backend.placing import (
    before_loops,
    bit,
    free_until,
    is_wanted_before,
    new_piece,
    next_use,
    pass_ended,
    place,
    pop,
    push,
    put_off,
    split,
    take_until,
)
from cython.cimports.wasmine.jit.backend.regalloc import USE_WANT, Alloc, Piece
from cython.cimports.wasmine.jit.backend.resolve import resolve
from cython.cimports.wasmine.jit.workspace import put_back, resize, take, take_zeros

State = cython.typedef(cython.pointer[Alloc])
NEVER = cython.declare(cython.const[uint32_t], 0xFFFFFFFF)


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def allocate_registers(
    m: cython.pointer[MachFunc], registers: cython.pointer[cython.const[Registers]]
) -> cython.bint:
    a = cython.declare(Alloc)
    memset(cython.address(a), 0, cython.sizeof(Alloc))
    a.m = m
    a.registers = registers
    find_intervals(cython.address(a))
    if not a.failed:
        start_borders(cython.address(a))
    if not a.failed:
        scan(cython.address(a))
    if not a.failed:
        resolve(cython.address(a))
    put_back(a.m.work, a.uses)
    put_back(a.m.work, a.busy)
    put_back(a.m.work, a.pieces)
    put_back(a.m.work, a.heap)
    put_back(a.m.work, a.assigned)
    put_back(a.m.work, a.block_of)
    put_back(a.m.work, a.changes)
    put_back(a.m.work, a.homes)
    put_back(a.m.work, a.ends)
    put_back(a.m.work, a.held)
    put_back(a.m.work, a.where)
    return not a.failed and not m.failed


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def scan(a: State) -> cython.void:
    v: uint32_t
    new_piece(a, 0, 0, 0, 0)
    for v in range(1, a.m.n_vregs):
        if a.m.vregs[v].end != 0:
            a.m.vregs[v].pieces = new_piece(a, v, a.m.vregs[v].start, a.m.vregs[v].end, a.m.vregs[v].uses)
            a.m.vregs[v].piece = a.m.vregs[v].pieces
            push(a, a.m.vregs[v].pieces)
    while not a.failed and (a.n_heap != 0 or a.block < a.m.n_blocks):
        if a.n_heap == 0 or is_at_block(a, cython.cast(uint32_t, a.heap[0] >> 32)):
            enter_block(a, a.block)
            a.block += 1
        else:
            place(a, pop(a))


# --- what registers hold at the ends of blocks


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def start_borders(a: State) -> cython.void:
    size: cython.size_t = a.m.n_blocks * cython.cast(cython.size_t, cython.sizeof(uint32_t))
    a.homes = cython.cast(cython.pointer[uint32_t], take_zeros(a.m.work, size + 1, 1))
    a.ends = cython.cast(cython.pointer[uint32_t], take_zeros(a.m.work, size + 1, 1))
    a.where = cython.cast(cython.pointer[uint8_t], take(a.m.work, a.m.n_vregs + 1))
    if a.homes == cython.NULL or a.ends == cython.NULL or a.where == cython.NULL:
        a.failed = 1
        return
    memset(a.where, IN_SLOT, a.m.n_vregs + 1)


@cython.cfunc
@cython.inline
@cython.nogil
@cython.exceptval(check=False)
def is_at_block(a: State, pos: uint32_t) -> cython.bint:
    """Whether the next block starts at `pos` or before."""
    return a.block < a.m.n_blocks and 4 * a.m.blocks[a.block].first <= pos


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def enter_block(a: State, b: uint32_t) -> cython.void:
    """The scan comes to the start of a block, and to the end of the one before."""
    pass_ended(a, 4 * a.m.blocks[b].first)
    if b != 0:
        leave_block(a, b - 1)
    if a.homes[b] != 0 and a.homes[b] != b and not a.failed:
        go_home(a, b, a.homes[b] - 1)


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def leave_block(a: State, b: uint32_t) -> cython.void:
    """Makes a block the home of those successors that have no better one."""
    block: cython.pointer[MachBlock] = a.m.blocks + b
    i: uint32_t
    target: uint32_t
    for i in range(block.n_succs):
        target = a.m.pool[block.succs + i]
        if target <= b or a.homes[target] == b + 1 or a.m.blocks[target].landing:
            continue
        if a.homes[target] == 0 or is_better_home(a, target, b):
            a.homes[target] = b + 1
            # The next block finds everything where it is.
            if target != b + 1 and a.ends[b] == 0:
                note_end(a, b)


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def is_better_home(a: State, target: uint32_t, b: uint32_t) -> cython.bint:
    """Whether a block is entered rather from block b, where the scan is, or finds more in registers there."""
    home: uint32_t = a.homes[target] - 1
    most: int64_t = weight(a.m.blocks + target)
    here: int64_t = min(weight(a.m.blocks + b), most)
    there: int64_t = min(weight(a.m.blocks + home), most)
    if here != there:
        return here > there
    return cython.cast(uint32_t, popcnt64(a.taken)) >= a.held[a.ends[home]]


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def note_end(a: State, b: uint32_t) -> cython.void:
    """Notes which pieces registers hold at the end of block b."""
    rest: uint64_t = a.taken
    moved: cython.p_void
    if a.n_held + N_REGS + 2 > a.max_held:
        a.max_held = 2 * a.max_held + 16 * N_REGS
        moved = resize(a.m.work, a.held, a.max_held * cython.cast(cython.size_t, cython.sizeof(uint32_t)))
        if moved == cython.NULL:
            a.failed = 1
            return
        a.held = cython.cast(cython.pointer[uint32_t], moved)
    a.n_held += 1
    a.ends[b] = a.n_held
    a.held[a.n_held] = popcnt64(rest)
    while rest != 0:
        a.n_held += 1
        a.held[a.n_held] = a.active[ctz64_nonzero(rest)]
        rest &= rest - 1


# --- where values are at the start of a block


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def go_home(a: State, b: uint32_t, home: uint32_t) -> cython.void:
    """Lets values go on in block b as `home` left them. What left its register since then is not there."""
    held: cython.pointer[uint32_t] = a.held + a.ends[home]
    piece: cython.pointer[Piece]
    v: uint32_t
    i: uint32_t
    for i in range(1, held[0] + 1):
        piece = a.pieces + held[i]
        if piece.end >= 4 * a.m.blocks[home].end and piece.reg != IN_SLOT:
            a.where[piece.vreg] = cython.cast(uint8_t, piece.reg)
    leave_registers(a, b, home)
    for i in range(1, held[0] + 1):
        v = a.pieces[held[i]].vreg
        if a.where[v] != IN_SLOT:
            return_to(a, b, v, a.where[v])
            a.where[v] = IN_SLOT


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def leave_registers(a: State, b: uint32_t, home: uint32_t) -> cython.void:
    """Takes values out of registers that they are not in at the end of `home`.

    One that is in its slot there would be loaded on the way: only if the block uses it, or also comes behind
    the one before.
    """
    start: uint32_t = 4 * a.m.blocks[b].first
    behind: cython.bint = is_entered_from(a, b, b - 1)
    rest: uint64_t = a.taken
    wanted: uint32_t
    r: uint32_t
    p: uint32_t
    v: uint32_t
    while rest != 0:
        r = ctz64_nonzero(rest)
        rest &= rest - 1
        p = a.active[r]
        v = a.pieces[p].vreg
        if a.where[v] == r or a.m.vregs[v].start >= 4 * a.m.blocks[home].end:
            continue
        if a.where[v] != IN_SLOT:
            a.taken &= ~bit(r)
            push(a, split(a, p, start))
        elif not behind:
            wanted = next_use(a, a.pieces + p, USE_WANT)
            if wanted >= 4 * a.m.blocks[b].end:
                a.taken &= ~bit(r)
                if wanted != NEVER:
                    wanted = before_loops(a, start, wanted & ~cython.cast(uint32_t, 3))
                put_off(a, split(a, p, start), wanted)


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def is_entered_from(a: State, b: uint32_t, source: uint32_t) -> cython.bint:
    """Whether control goes from `source` to block b, and not more seldom than from elsewhere."""
    block: cython.pointer[MachBlock] = a.m.blocks + source
    i: uint32_t
    if block.cold and not a.m.blocks[b].cold:
        return False
    for i in range(block.n_succs):
        if a.m.pool[block.succs + i] == b:
            return True
    return False


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def return_to(a: State, b: uint32_t, v: uint32_t, reg: uint32_t) -> cython.void:
    """Has a value that is in its slot go on in a register if that is free until it is wanted there."""
    start: uint32_t = 4 * a.m.blocks[b].first
    vreg: cython.pointer[Vreg] = a.m.vregs + v
    p: uint32_t
    next: uint32_t
    limit: uint32_t
    if vreg.end <= start or a.taken & bit(reg):
        return
    limit = free_until(a, reg, start)
    # Blocks are entered in their order: it is no piece before this one at a later block.
    while a.pieces[vreg.piece].end <= start and a.pieces[vreg.piece].next != 0:
        vreg.piece = a.pieces[vreg.piece].next
    p = vreg.piece
    next = a.pieces[p].next if a.pieces[p].start < start else p
    if a.pieces[p].reg != IN_SLOT or next == 0 or not is_wanted_before(a, a.pieces + next, limit):
        return
    if next != p:
        p = begin_early(a, p, next, start)
    take_until(a, p, reg, limit)


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def begin_early(a: State, p: uint32_t, next: uint32_t, start: uint32_t) -> uint32_t:
    """Joins the rest of a piece from `start` on with the next one, which waits to be placed; returns that."""
    joined: uint32_t = split(a, p, start)
    a.pieces[joined].end = a.pieces[next].end
    a.pieces[joined].next = a.pieces[next].next
    a.pieces[next].end = a.pieces[next].start
    return joined
