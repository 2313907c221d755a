"""Parallel moves, made sequential; see moves.pxd.

A move may be done once nobody reads its destination any more. What is left when none is ready are cycles: one
value of each waits in the scratch register of its class.
"""

import cython
from cython.cimports.libc.stdint import uint32_t, uint64_t
from cython.cimports.libc.string import memset
from cython.cimports.wasmine.jit.backend.machine import (
    N_REGS,
    SLOT,
    VT_F32,
    MachFunc,
    Move,
    Registers,
    add_move,
)
from cython.cimports.wasmine.jit.backend.moves import MoveSet
from cython.cimports.wasmine.jit.workspace import Workspace, put_back, resize, take_zeros

Set = cython.typedef(cython.pointer[MoveSet])


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def init_moves(set: Set, n_slots: uint32_t, work: cython.pointer[Workspace]) -> cython.void:
    memset(set, 0, cython.sizeof(MoveSet))
    set.work = work
    set.n_places = N_REGS + n_slots
    set.readers = cython.cast(
        cython.pointer[uint32_t], take_zeros(set.work, set.n_places, cython.sizeof(uint32_t))
    )
    set.writer = cython.cast(
        cython.pointer[uint32_t], take_zeros(set.work, set.n_places, cython.sizeof(uint32_t))
    )
    set.failed = set.readers == cython.NULL or set.writer == cython.NULL


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def free_moves(set: Set) -> cython.void:
    put_back(set.work, set.moves)
    put_back(set.work, set.readers)
    put_back(set.work, set.writer)
    memset(set, 0, cython.sizeof(MoveSet))


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def put_move(set: Set, src: uint32_t, dst: uint32_t, type: uint32_t) -> cython.void:
    capacity: uint64_t
    moved: cython.p_void
    if src == dst:
        return
    if set.n_moves >= set.max_moves:
        capacity = 2 * cython.cast(uint64_t, set.max_moves) + 16
        moved = resize(set.work, set.moves, capacity * cython.sizeof(Move))
        if moved == cython.NULL:
            set.failed = 1
            return
        set.moves = cython.cast(cython.pointer[Move], moved)
        set.max_moves = cython.cast(uint32_t, capacity)
    memset(set.moves + set.n_moves, 0, cython.sizeof(Move))
    set.moves[set.n_moves].src = src
    set.moves[set.n_moves].dst = dst
    set.moves[set.n_moves].type = type
    set.n_moves += 1


@cython.cfunc
@cython.inline
@cython.nogil
@cython.exceptval(check=False)
def place(location: uint32_t) -> uint32_t:
    return N_REGS + (location - SLOT) if location >= SLOT else location


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def settle(
    set: Set, m: cython.pointer[MachFunc], registers: cython.pointer[cython.const[Registers]]
) -> uint32_t:
    before: uint32_t = m.n_moves
    i: uint32_t
    move: cython.pointer[Move]
    if set.failed:
        m.failed = 1
        return 0
    for i in range(set.n_moves):
        move = set.moves + i
        set.readers[place(move.src)] += 1
        set.writer[place(move.dst)] = i + 1
    for i in range(set.n_moves):
        if set.readers[place(set.moves[i].dst)] == 0:
            run_chain(set, m, i, 0)
    for i in range(set.n_moves):
        if set.writer[place(set.moves[i].dst)] == i + 1:
            break_cycle(set, m, registers, i)
    set.n_moves = 0
    return m.n_moves - before


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def run_chain(set: Set, m: cython.pointer[MachFunc], i: uint32_t, no_scratch: uint32_t) -> cython.void:
    """Does move i, whose destination nobody reads, then the one that waited for its source, and so on."""
    move: cython.pointer[Move]
    src: uint32_t
    n: uint32_t
    while True:
        move = set.moves + i
        if set.writer[place(move.dst)] != i + 1:
            return
        set.writer[place(move.dst)] = 0
        n = add_move(m, move.src, move.dst, move.type)
        m.moves[n].no_scratch = no_scratch
        src = place(move.src)
        set.readers[src] -= 1
        if set.readers[src] != 0 or set.writer[src] == 0:
            return
        i = set.writer[src] - 1


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def break_cycle(
    set: Set,
    m: cython.pointer[MachFunc],
    registers: cython.pointer[cython.const[Registers]],
    i: uint32_t,
) -> cython.void:
    """Move i is in a cycle: the one that reads its destination reads the scratch register instead."""
    dst: uint32_t = set.moves[i].dst
    scratch: uint32_t = registers.int_scratch
    reader: uint32_t = i
    # Along the cycle to the move that reads the destination.
    while set.moves[reader].src != dst:
        reader = set.writer[place(set.moves[reader].src)] - 1
    if set.moves[reader].type >= VT_F32:
        scratch = registers.float_scratch
    add_move(m, dst, scratch, set.moves[reader].type)
    set.readers[place(dst)] -= 1
    set.moves[reader].src = scratch
    set.readers[scratch] += 1
    run_chain(set, m, i, scratch == registers.int_scratch)
