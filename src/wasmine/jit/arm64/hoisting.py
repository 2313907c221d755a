"""Constants that are made before loops; see hoisting.pxd."""

import cython
from cython.cimports.libc.stdint import uint32_t
from cython.cimports.wasmine.jit.arm64.encode import const_length
from cython.cimports.wasmine.jit.arm64.fold import bits_of
from cython.cimports.wasmine.jit.arm64.lower import MOST_HOISTED, Hoisted, own
from cython.cimports.wasmine.jit.backend.lower import Lower, fresh, load_constant, vreg_type
from cython.cimports.wasmine.jit.ssa import ops as o
from cython.cimports.wasmine.jit.ssa.function import B_COLD, TYPE_I32, TYPE_I64, TYPE_REF, Block
from cython.cimports.wasmine.jit.ssa.info import EFFECTS

Lowering = cython.typedef(cython.pointer[Lower])

# Of one block: more would only go to the stack.
MOST_OF_BLOCK = cython.declare(cython.const[uint32_t], 10)


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def find_calls(s: Lowering) -> cython.void:
    i: uint32_t
    id: uint32_t
    loop: uint32_t
    for i in range(s.f.n_order):
        loop = s.f.blocks[s.f.order[i]].loop
        if loop == 0:
            continue
        id = s.f.blocks[s.f.order[i]].first
        while id != 0 and EFFECTS[s.f.insts[id].op] & (o.E_CALL | o.E_HELPER) == 0:
            id = s.f.insts[id].next
        while id != 0 and loop != 0 and not own(s).calls[loop]:
            own(s).calls[loop] = 1
            loop = s.f.blocks[loop].outer


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def place_before_loops(s: Lowering) -> uint32_t:
    """The block before the outermost loop around that calls nothing; 0 if there is none."""
    block: cython.pointer[Block] = s.f.blocks + s.block
    loop: uint32_t = block.loop
    op: uint32_t
    if loop == 0 or block.flags & B_COLD or own(s).calls[loop]:
        return 0
    while s.f.blocks[loop].outer != 0 and not own(s).calls[s.f.blocks[loop].outer]:
        loop = s.f.blocks[loop].outer
    loop = s.f.blocks[loop].idom
    op = s.f.insts[s.f.blocks[loop].last].op
    return loop if op == o.BR or op == o.BR_IF or op == o.BR_TABLE else 0


@cython.cfunc
@cython.inline
@cython.nogil
@cython.exceptval(check=False)
def is_short(s: Lowering, id: uint32_t) -> cython.bint:
    """An integer that one instruction makes, where a move may be wanted, which takes as long: not stored."""
    if s.f.insts[id].op != o.CONST or not is_integer(s, id) or const_length(bits_of(s, id)) != 1:
        return False
    return EFFECTS[s.f.insts[s.inst].op] & o.E_WRITES_MEMORY == 0


@cython.cfunc
@cython.inline
@cython.nogil
@cython.exceptval(check=False)
def is_integer(s: Lowering, id: uint32_t) -> cython.bint:
    type: uint32_t = s.f.insts[id].type
    return type == TYPE_I32 or type == TYPE_I64 or type == TYPE_REF


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def hoist_constant(s: Lowering, id: uint32_t) -> uint32_t:
    block: uint32_t
    found: cython.pointer[Hoisted] = own(s).hoisted
    count: uint32_t = 0
    i: uint32_t
    if is_short(s, id):
        return 0
    block = place_before_loops(s)
    if block == 0:
        return 0
    for i in range(own(s).n_hoisted):
        if found[i].block == block:
            if found[i].id == id:
                return found[i].vreg
            count += 1
    if own(s).n_hoisted == MOST_HOISTED or count == MOST_OF_BLOCK:
        return 0
    i = own(s).n_hoisted
    found[i].id = id
    found[i].block = block
    found[i].vreg = fresh(s, vreg_type(s.f.insts[id].type))
    own(s).n_hoisted += 1
    return found[i].vreg


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def make_hoisted(s: Lowering) -> cython.void:
    list: cython.pointer[Hoisted] = own(s).hoisted
    kept: uint32_t = 0
    i: uint32_t
    for i in range(own(s).n_hoisted):
        if list[i].block == s.block:
            load_constant(s, list[i].vreg, list[i].id)
        else:
            list[kept] = list[i]
            kept += 1
    own(s).n_hoisted = kept
