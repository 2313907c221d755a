"""Loads that are done where their value is used, as operands in memory; see sinking.pxd.

A load moves down to its only use within its block if nothing between writes memory or may leave the function.
It may pass other loads: whichever of them traps, it is the same trap.
"""

import cython
from cython.cimports.libc.stdint import uint32_t
from cython.cimports.wasmine.jit.backend.lower import Lower, is_foldable
from cython.cimports.wasmine.jit.backend.machine import MachInst
from cython.cimports.wasmine.jit.ssa import ops as o
from cython.cimports.wasmine.jit.ssa.function import (
    TYPE_F32,
    TYPE_F64,
    TYPE_I32,
    TYPE_I64,
    Inst,
)
from cython.cimports.wasmine.jit.ssa.info import EFFECTS
from cython.cimports.wasmine.jit.workspace import take

Lowering = cython.typedef(cython.pointer[Lower])

# A load that is done elsewhere.
SUNK = cython.declare(cython.const[uint32_t], 0x80000000)


@cython.cfunc
@cython.inline
@cython.nogil
@cython.exceptval(check=False)
def is_barrier(op: uint32_t) -> cython.bint:
    """Whether a load may not pass an instruction."""
    effects: uint32_t = EFFECTS[op]
    if effects & (
        o.E_CALL
        | o.E_HELPER
        | o.E_WRITES_MEMORY
        | o.E_WRITES_GLOBALS
        | o.E_WRITES_STATE
        | o.E_FENCES
        | o.E_WRITES_OBJECTS
    ):
        return True
    # What only reads memory traps as the load does.
    return effects & o.E_TRAPS != 0 and effects & o.E_READS_MEMORY == 0


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def find_epochs(s: Lowering) -> cython.bint:
    """See sinking.pxd."""
    i: uint32_t
    id: uint32_t
    count: uint32_t
    s.epochs = cython.cast(
        cython.pointer[uint32_t],
        take(s.f.work, s.f.n_insts * cython.cast(cython.size_t, cython.sizeof(uint32_t))),
    )
    if s.epochs == cython.NULL:
        return False
    for i in range(s.f.n_order):
        count = 0
        id = s.f.blocks[s.f.order[i]].first
        while id != 0:
            s.epochs[id] = count
            if is_barrier(s.f.insts[id].op):
                count += 1
            id = s.f.insts[id].next
    return True


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def sinks(s: Lowering, id: uint32_t, op: uint32_t) -> cython.bint:
    """See sinking.pxd."""
    load: cython.pointer[Inst] = s.f.insts + id
    if load.op != op or load.block != s.block or not is_foldable(s, id):
        return False
    if s.epochs[id] & ~SUNK != s.epochs[s.inst]:
        return False
    s.epochs[id] |= SUNK
    return True


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def is_sunk(s: Lowering, id: uint32_t) -> cython.bint:
    """See sinking.pxd."""
    return s.epochs[id] & SUNK != 0


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def plain_load(type: uint32_t) -> uint32_t:
    """See sinking.pxd."""
    if type == TYPE_I32:
        return o.I32_LOAD
    elif type == TYPE_I64:
        return o.I64_LOAD
    elif type == TYPE_F32:
        return o.F32_LOAD
    elif type == TYPE_F64:
        return o.F64_LOAD
    return o.NOP


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def stand_for(s: Lowering, made: cython.pointer[MachInst], load: uint32_t) -> cython.void:
    """See sinking.pxd."""
    made.pos = s.f.insts[load].pos
    made.site = s.f.insts[load].site
