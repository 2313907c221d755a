"""Sums of memory 0's base and an address, for accesses at several offsets from that address; see sharing.pxd.

An access at an offset takes an addition, of the offset to the address or of base and address. The latter
serves all such accesses in a block, up to a call, which may change the base. The first of them computes it:
one that is emitted even if nobody needs its value.
"""

import cython
from cython.cimports.libc.stdint import uint32_t
from cython.cimports.wasmine.jit.arm64 import ops as a
from cython.cimports.wasmine.jit.arm64.accesses import ACCESSES
from cython.cimports.wasmine.jit.arm64.convention import MEMORY
from cython.cimports.wasmine.jit.arm64.encode import fits_offset
from cython.cimports.wasmine.jit.arm64.lower import Sharing, own
from cython.cimports.wasmine.jit.backend.accesses import NO_ACCESS
from cython.cimports.wasmine.jit.backend.lower import (
    Lower,
    def_reg,
    emit,
    fresh,
    use_pinned,
    use_reg,
    value_of,
)
from cython.cimports.wasmine.jit.backend.machine import ROLE_REG, ROLE_RM, ROLE_SECOND, VT_I64, MachInst
from cython.cimports.wasmine.jit.backend.memory import MEMORY_OF, loaded, stored
from cython.cimports.wasmine.jit.ssa import ops as o
from cython.cimports.wasmine.jit.ssa.function import F_CHECKED, Inst, SsaFunc, args_of
from cython.cimports.wasmine.jit.ssa.info import EFFECTS

Lowering = cython.typedef(cython.pointer[Lower])
Made = cython.typedef(cython.pointer[MachInst])

Table = cython.typedef(cython.pointer[Sharing])


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def shared_place(s: Lowering, id: uint32_t) -> uint32_t:
    table: Table
    first: uint32_t
    place: uint32_t
    made: Made
    table = own(s).sharing
    first = table[id].first
    if first == 0:
        return 0
    if table[first].place == 0:
        table[first].place = fresh(s, VT_I64)
    place = table[first].place
    if first == id:
        index: uint32_t = value_of(s, args_of(s.f, s.f.insts + id)[0])
        made = emit(s, a.A_ADD64)
        def_reg(s, made, place, ROLE_REG)
        use_pinned(s, made, MEMORY, ROLE_SECOND)
        use_reg(s, made, index, ROLE_RM)
    return place


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def find_sharing(f: cython.pointer[SsaFunc], table: Table) -> cython.void:
    run: uint32_t = 0
    i: uint32_t
    id: uint32_t
    for i in range(f.n_order):
        run += 1
        id = f.blocks[f.order[i]].first
        while id != 0:
            if EFFECTS[f.insts[id].op] & (o.E_CALL | o.E_HELPER | o.E_WRITES_STATE | o.E_FENCES):
                run += 1
            elif is_shareable(f, f.insts + id):
                add_access(f, table, id, run)
            id = f.insts[id].next


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def is_shareable(f: cython.pointer[SsaFunc], inst: cython.pointer[Inst]) -> cython.bint:
    """Whether it accesses memory 0 at an offset that its instruction reaches, from an unknown address."""
    access: uint32_t = loaded(inst.op)
    if access == NO_ACCESS:
        access = stored(inst.op)
    return (
        access != NO_ACCESS
        and inst.imm != 0
        and inst.imm < 0x10000
        and inst.aux & MEMORY_OF == 0
        and fits_offset(ACCESSES.load[access], inst.imm)
        and f.insts[args_of(f, inst)[0]].op != o.CONST
    )


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def add_access(f: cython.pointer[SsaFunc], table: Table, id: uint32_t, run: uint32_t) -> cython.void:
    address: uint32_t = args_of(f, f.insts + id)[0]
    start: uint32_t
    if table[address].run == run:
        start = table[address].start
        table[start].first = start
        table[id].first = start
    elif f.insts[id].flags & F_CHECKED == 0 or stored(f.insts[id].op) != NO_ACCESS:
        table[address].run = run
        table[address].start = id
