"""Stores that might write a part of their bytes before they trap; see tearing.pxd."""

import cython
from cython.cimports.libc.stdint import uint8_t, uint32_t, uint64_t
from cython.cimports.libc.string import memset
from cython.cimports.wasmine.jit.arm64.tearing import Reached
from cython.cimports.wasmine.jit.backend.memory import MEMORY_OF
from cython.cimports.wasmine.jit.ssa import ops as o
from cython.cimports.wasmine.jit.ssa.function import F_CHECKED, Block, Inst, SsaFunc, args_of, dominates
from cython.cimports.wasmine.jit.ssa.info import EFFECTS, WIDTH
from cython.cimports.wasmine.jit.workspace import put_back, take

Func = cython.typedef(cython.pointer[SsaFunc])
Bytes = cython.typedef(cython.pointer[uint8_t])

# An address that is known to be a multiple of 1 << MOST_ALIGNED is known well enough for any access.
MOST_ALIGNED = cython.declare(cython.const[uint32_t], 4)
# What loops make of an alignment is known after as many turns as they are deep, and once more for each power
# of two that is lost. With more than that nothing is taken for known.
TURNS = cython.declare(cython.const[uint32_t], 8)


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def find_torn(f: Func, torn: Bytes, reached: cython.pointer[Reached]) -> cython.bint:
    """See tearing.pxd."""
    aligned: Bytes
    i: uint32_t
    id: uint32_t
    found: cython.bint = False
    for i in range(f.n_order):
        id = f.blocks[f.order[i]].first
        while id != 0:
            if WIDTH[f.insts[id].op] != 0 and f.insts[id].flags & F_CHECKED == 0:
                torn[id] = goes_further(f, id, f.order[i], reached) and may_cross(f, id)
                found = found or torn[id] != 0
            id = f.insts[id].next
    if not found:
        return True
    aligned = cython.cast(Bytes, take(f.work, f.n_insts))
    if aligned == cython.NULL:
        return False
    if find_alignments(f, aligned):
        for id in range(1, f.n_insts):
            if torn[id] and is_aligned(f, id, aligned):
                torn[id] = 0
    put_back(f.work, aligned)
    return True


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def goes_further(f: Func, id: uint32_t, block: uint32_t, reached: cython.pointer[Reached]) -> cython.bint:
    """Whether no access before an access is known to have gone as far from its address; now this one has."""
    inst: cython.pointer[Inst] = f.insts + id
    before: cython.pointer[Reached] = reached + args_of(f, inst)[0]
    end: uint64_t = inst.imm + WIDTH[inst.op]
    memory: uint32_t = inst.aux & MEMORY_OF
    known: cython.bint = before.block != 0 and before.memory == memory and dominates(f, before.block, block)
    if known and before.end >= end:
        return False
    before.end = end
    before.memory = memory
    before.block = block
    return True


@cython.cfunc
@cython.inline
@cython.nogil
@cython.exceptval(check=False)
def may_cross(f: Func, id: uint32_t) -> cython.bint:
    """A store of more than one byte."""
    op: uint32_t = f.insts[id].op
    return WIDTH[op] > 1 and EFFECTS[op] & o.E_WRITES_MEMORY != 0


# --- alignment


@cython.cfunc
@cython.inline
@cython.nogil
@cython.exceptval(check=False)
def is_aligned(f: Func, id: uint32_t, aligned: Bytes) -> cython.bint:
    inst: cython.pointer[Inst] = f.insts + id
    width: uint32_t = WIDTH[inst.op]
    return inst.imm % width == 0 and 1 << aligned[args_of(f, inst)[0]] >= width


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def find_alignments(f: Func, aligned: Bytes) -> cython.bint:
    """The power of two, up to MOST_ALIGNED, that each integer is a multiple of.

    At first everything counts as aligned; what is not lowers it, around loops too, until nothing changes.
    False when that takes too long.
    """
    turn: uint32_t
    i: uint32_t
    id: uint32_t
    power: uint32_t
    changed: cython.bint
    memset(aligned, MOST_ALIGNED, f.n_insts)
    for id in range(1, f.n_insts):
        if f.insts[id].op == o.CONST:
            aligned[id] = zeros_of(f.insts[id].imm)
    for turn in range(TURNS):
        changed = False
        for i in range(f.n_order):
            changed = align_params(f, f.blocks + f.order[i], aligned) or changed
            id = f.blocks[f.order[i]].first
            while id != 0:
                power = alignment_of(f, f.insts + id, aligned)
                changed = changed or power != aligned[id]
                aligned[id] = power
                id = f.insts[id].next
        if not changed:
            return True
    return False


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def align_params(f: Func, block: cython.pointer[Block], aligned: Bytes) -> cython.bint:
    """Whether one is less aligned than it was taken for."""
    param: uint32_t = block.first_param
    changed: cython.bint = False
    least: uint32_t
    k: uint32_t
    while param != 0:
        least = aligned[param]
        for k in range(block.n_preds):
            least = min(least, aligned[f.pool[f.edges[f.preds[block.preds + k]].args + f.insts[param].imm]])
        changed = changed or least < aligned[param]
        aligned[param] = least
        param = f.insts[param].next
    return changed


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def alignment_of(f: Func, inst: cython.pointer[Inst], aligned: Bytes) -> uint32_t:
    op: uint32_t = inst.op
    args: cython.pointer[uint32_t] = args_of(f, inst)
    if op == o.I32_ADD or op == o.I32_SUB or op == o.I32_OR or op == o.I32_XOR:
        return min(aligned[args[0]], aligned[args[1]])
    elif op == o.I32_AND:
        return max(aligned[args[0]], aligned[args[1]])
    elif op == o.I32_MUL:
        return min(aligned[args[0]] + aligned[args[1]], MOST_ALIGNED)
    elif op == o.I32_SHL and f.insts[args[1]].op == o.CONST:
        return min(aligned[args[0]] + (f.insts[args[1]].imm & 31), MOST_ALIGNED)
    elif op == o.SELECT:
        return min(aligned[args[1]], aligned[args[2]])
    return 0


@cython.cfunc
@cython.inline
@cython.nogil
@cython.exceptval(check=False)
def zeros_of(bits: uint64_t) -> uint32_t:
    zeros: uint32_t = 0
    while zeros < MOST_ALIGNED and bits >> zeros & 1 == 0:
        zeros += 1
    return zeros
