"""Which instructions write and read which state; see state.pxd."""

import cython
from cython.cimports.libc.stdint import uint32_t
from cython.cimports.wasmine.jit.ssa import ops as o
from cython.cimports.wasmine.jit.ssa.function import B_LOOP, F_IMMUTABLE, Block, Inst, SsaFunc
from cython.cimports.wasmine.jit.ssa.info import EFFECTS
from cython.cimports.wasmine.jit.workspace import take_zeros

Func = cython.typedef(cython.pointer[SsaFunc])
Words = cython.typedef(cython.pointer[uint32_t])


@cython.cfunc
@cython.inline
@cython.nogil
@cython.exceptval(check=False)
def global_class(inst: cython.pointer[cython.const[Inst]]) -> uint32_t:
    """The class of the global of an instruction; those that may be the same one have one class."""
    return CLASS_GLOBALS if inst.imm else CLASS_GLOBALS + inst.aux % (N_CLASSES - CLASS_GLOBALS)


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def written_by(inst: cython.pointer[cython.const[Inst]]) -> uint32_t:
    """See state.pxd."""
    effects: uint32_t = EFFECTS[inst.op]
    mask: uint32_t = 0
    if effects & o.E_CALL:
        return ALL_CLASSES
    if effects & o.E_WRITES_MEMORY:
        mask |= 1 << CLASS_MEMORY
    if effects & o.E_WRITES_OBJECTS:
        mask |= 1 << CLASS_OBJECTS
    if effects & o.E_WRITES_STATE:
        mask |= 1 << CLASS_SIZES
    if effects & o.E_WRITES_GLOBALS:
        mask |= cython.cast(uint32_t, 1) << global_class(inst)
    return mask


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def read_by(inst: cython.pointer[cython.const[Inst]]) -> uint32_t:
    """See state.pxd."""
    effects: uint32_t = EFFECTS[inst.op]
    if effects & o.E_READS_MEMORY:
        return CLASS_MEMORY
    if effects & o.E_READS_OBJECTS:
        return CLASS_OBJECTS
    if effects & o.E_READS_STATE:
        return CLASS_SIZES
    if effects & o.E_READS_GLOBALS and not inst.flags & F_IMMUTABLE:
        return global_class(inst)
    return N_CLASSES


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def written_classes(f: Func) -> Words:
    """See state.pxd."""
    masks: Words = cython.cast(Words, take_zeros(f.work, f.n_blocks, cython.sizeof(uint32_t)))
    i: uint32_t
    at: uint32_t
    id: uint32_t
    mask: uint32_t
    b: cython.pointer[Block]
    if masks == cython.NULL:
        f.failed = 1
        return masks
    # Backwards, a loop is complete before what is around it.
    for i in range(f.n_order, 0, -1):
        at = f.order[i - 1]
        b = f.blocks + at
        if b.loop == 0:
            continue
        mask = masks[at]
        id = b.first
        while id != 0:
            mask |= written_by(f.insts + id)
            id = f.insts[id].next
        masks[at] = mask
        if b.flags & B_LOOP:
            masks[b.outer] |= mask
        else:
            masks[b.loop] |= mask
    return masks
