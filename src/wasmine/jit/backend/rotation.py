"""Loops that end with their test.

A loop that begins with the test whether it is left takes two jumps in each turn: one past the way out, and
one back to the test. With the test behind the rest of the loop it takes one, and one more where it is
entered:

    header: test; leave if it fails            jump to header
            body                           body: body
            jump to header               header: test; go back to body if it holds

Only the places of the code are exchanged; what is live where, and in which register, stays as it is. Done for
innermost loops, where turns are most.
"""

import cython
from cython.cimports.libc.stdint import uint32_t
from cython.cimports.wasmine.jit.backend import pseudo as p
from cython.cimports.wasmine.jit.backend.emit import Emit, goes_to
from cython.cimports.wasmine.jit.backend.machine import MachBlock
from cython.cimports.wasmine.jit.backend.rotation import is_inside

Emitting = cython.typedef(cython.pointer[Emit])
Words = cython.typedef(cython.pointer[uint32_t])


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def is_test(e: Emitting, h: uint32_t) -> cython.bint:
    """Whether a header has two ways on, of which one leaves the loop."""
    header: cython.pointer[MachBlock] = e.m.blocks + h
    one: uint32_t
    other: uint32_t
    if header.n_succs != 2 or e.m.insts[header.end - 1].op == p.P_JUMP_TABLE:
        return False
    one = e.m.pool[header.succs]
    other = e.m.pool[header.succs + 1]
    if e.m.blocks[one].landing or e.m.blocks[other].landing:
        return False
    return is_inside(e.m, h, goes_to(e, one)) != is_inside(e.m, h, goes_to(e, other))


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def end_of_innermost(e: Emitting, order: Words, i: uint32_t, n: uint32_t) -> uint32_t:
    """The place behind the loop whose header stands at `i`; 0 when another loop is in it."""
    h: uint32_t = order[i]
    k: uint32_t = i + 1
    while k < n and is_inside(e.m, h, order[k]):
        if e.m.blocks[order[k]].loop != h + 1:
            return 0
        k += 1
    return k


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def rotate_loops(e: Emitting, order: Words, n: uint32_t) -> cython.void:
    """See rotation.pxd."""
    i: uint32_t = 0
    k: uint32_t
    end: uint32_t
    h: uint32_t
    last: cython.pointer[MachBlock]
    while i < n:
        h = order[i]
        i += 1
        if e.m.blocks[h].loop != h + 1 or not is_test(e, h):
            continue
        end = end_of_innermost(e, order, i - 1, n)
        if end <= i:
            continue
        last = e.m.blocks + order[end - 1]
        if e.m.insts[last.end - 1].op != p.P_JUMP or goes_to(e, e.m.insts[last.end - 1].label) != h:
            continue
        for k in range(i, end):
            order[k - 1] = order[k]
        order[end - 1] = h
        i = end
