"""Spill slots: which values share one."""

import cython
from cython.cimports.libc.stdint import uint32_t
from cython.cimports.wasmine.jit.backend.machine import VT_V128, MachFunc, Vreg
from cython.cimports.wasmine.jit.backend.regalloc import Alloc
from cython.cimports.wasmine.jit.workspace import put_back, take, take_zeros

State = cython.typedef(cython.pointer[Alloc])
Words = cython.typedef(cython.pointer[uint32_t])

# Slots, while they are given out.
Sharing = cython.struct(
    ends=cython.pointer[uint32_t],  # a heap of pairs: end of a value, its slot
    n_ends=uint32_t,
    free_at=cython.pointer[uint32_t],  # slot -> end of its last value
    wanted=cython.pointer[uint32_t],  # parameter -> slot that something it receives has, + 1; 0: none
)


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def assign_slots(a: State) -> cython.void:
    """Slots for all that is spilled.

    Values are visited in the order of their definitions; a slot is free again where its value ends. Slots of
    8 and of 16 bytes are kept apart, so that none overlap in part.
    """
    m: cython.pointer[MachFunc] = a.m
    size: cython.size_t = (m.n_vregs + 1) * cython.sizeof(uint32_t)
    order: Words = cython.cast(Words, take(m.work, size))
    sharing: Sharing
    n: uint32_t = 0
    v: uint32_t
    sharing.ends = cython.cast(Words, take(m.work, 2 * size))
    sharing.free_at = cython.cast(Words, take(m.work, 2 * size))
    sharing.wanted = cython.cast(Words, take_zeros(m.work, m.n_vregs + 1, cython.sizeof(uint32_t)))
    if (
        order == cython.NULL
        or sharing.ends == cython.NULL
        or sharing.free_at == cython.NULL
        or sharing.wanted == cython.NULL
    ):
        free_sharing(m, order, cython.address(sharing))
        a.failed = 1
        return
    for v in range(1, m.n_vregs):
        if m.vregs[v].spilled:
            order[n] = v
            n += 1
    sort_by_start(m, order, n)
    share_slots(m, order, n, cython.address(sharing), False)
    share_slots(m, order, n, cython.address(sharing), True)
    free_sharing(m, order, cython.address(sharing))


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def free_sharing(m: cython.pointer[MachFunc], order: Words, sharing: cython.pointer[Sharing]) -> cython.void:
    put_back(m.work, order)
    put_back(m.work, sharing.ends)
    put_back(m.work, sharing.free_at)
    put_back(m.work, sharing.wanted)


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def sort_by_start(m: cython.pointer[MachFunc], order: Words, n: uint32_t) -> cython.void:
    """Heap sort."""
    i: uint32_t
    last: uint32_t
    for i in range(n // 2, 0, -1):
        sift(m, order, i - 1, n)
    for i in range(n, 1, -1):
        last = order[i - 1]
        order[i - 1] = order[0]
        order[0] = last
        sift(m, order, 0, i - 1)


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def sift(m: cython.pointer[MachFunc], order: Words, i: uint32_t, n: uint32_t) -> cython.void:
    moved: uint32_t = order[i]
    child: uint32_t
    while 2 * i + 1 < n:
        child = 2 * i + 1
        if child + 1 < n and m.vregs[order[child + 1]].start > m.vregs[order[child]].start:
            child += 1
        if m.vregs[moved].start >= m.vregs[order[child]].start:
            break
        order[i] = order[child]
        i = child
    order[i] = moved


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def share_slots(
    m: cython.pointer[MachFunc],
    order: Words,
    n: uint32_t,
    sharing: cython.pointer[Sharing],
    wide: cython.bint,
) -> cython.void:
    """Slots for values of 16 bytes, or for the others.

    A parameter and what it receives share a slot where they may: what stays in memory is not moved then.
    """
    i: uint32_t
    vreg: cython.pointer[Vreg]
    sharing.n_ends = 0
    for i in range(n):
        vreg = m.vregs + order[i]
        if (vreg.type == VT_V128) != wide:
            continue
        if not (
            take_wanted(vreg, sharing, order[i])
            or take_wanted(vreg, sharing, vreg.goal)
            or take_free(vreg, sharing)
        ):
            if wide:
                m.n_slots = (m.n_slots + 1) & ~cython.cast(uint32_t, 1)
            vreg.slot = m.n_slots
            m.n_slots += 2 if wide else 1
        sharing.free_at[vreg.slot] = vreg.end
        sharing.wanted[order[i]] = vreg.slot + 1
        if sharing.wanted[vreg.goal] == 0:
            sharing.wanted[vreg.goal] = vreg.slot + 1
        lift_end(sharing.ends, sharing.n_ends, vreg.end, vreg.slot)
        sharing.n_ends += 1


@cython.cfunc
@cython.inline
@cython.nogil
@cython.exceptval(check=False)
def take_wanted(vreg: cython.pointer[Vreg], sharing: cython.pointer[Sharing], param: uint32_t) -> cython.bint:
    """Takes the slot that goes with a parameter, if it is free."""
    slot: uint32_t = sharing.wanted[param]
    if param == 0 or slot == 0 or sharing.free_at[slot - 1] > vreg.start:
        return False
    vreg.slot = slot - 1
    return True


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def take_free(vreg: cython.pointer[Vreg], sharing: cython.pointer[Sharing]) -> cython.bint:
    """Takes the slot that has been free for longest. Of one taken before its turn, the end noted is stale."""
    ends: Words = sharing.ends
    end: uint32_t
    slot: uint32_t
    while sharing.n_ends != 0 and ends[0] <= vreg.start:
        end = ends[0]
        slot = ends[1]
        sharing.n_ends -= 1
        sink_end(ends, sharing.n_ends, ends[2 * sharing.n_ends], ends[2 * sharing.n_ends + 1])
        if sharing.free_at[slot] == end:
            vreg.slot = slot
            return True
    return False


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def sink_end(ends: Words, n: uint32_t, end: uint32_t, slot: uint32_t) -> cython.void:
    i: uint32_t = 0
    child: uint32_t
    while 2 * i + 1 < n:
        child = 2 * i + 1
        if child + 1 < n and ends[2 * child + 2] < ends[2 * child]:
            child += 1
        if end <= ends[2 * child]:
            break
        ends[2 * i] = ends[2 * child]
        ends[2 * i + 1] = ends[2 * child + 1]
        i = child
    ends[2 * i] = end
    ends[2 * i + 1] = slot


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def lift_end(ends: Words, i: uint32_t, end: uint32_t, slot: uint32_t) -> cython.void:
    above: uint32_t
    while i > 0:
        above = (i - 1) // 2
        if ends[2 * above] <= end:
            break
        ends[2 * i] = ends[2 * above]
        ends[2 * i + 1] = ends[2 * above + 1]
        i = above
    ends[2 * i] = end
    ends[2 * i + 1] = slot
