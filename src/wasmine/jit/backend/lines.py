"""Loops and the lines of the instruction cache.

A processor decodes, caches and predicts by lines of 64 bytes. A tight loop that touches one more than it must
takes a cycle or two more in each turn: a small one, or the block of a larger one that jumps through a table
in each turn, begins with the next line if it touches fewer lines there. How long its code is, is known
when it has been emitted; then it is emitted again behind what fills the line. Functions begin with a line.
"""

import cython
from cython.cimports.libc.stdint import uint32_t
from cython.cimports.wasmine.jit.backend import pseudo as p
from cython.cimports.wasmine.jit.backend.emit import UNPLACED, Emit, emit_block
from cython.cimports.wasmine.jit.backend.machine import INST_CALL, MachBlock
from cython.cimports.wasmine.jit.backend.rotation import is_inside

Emitting = cython.typedef(cython.pointer[Emit])
Order = cython.typedef(cython.pointer[cython.const[uint32_t]])

LINE = cython.declare(cython.const[uint32_t], 64)
# Bytes of a loop from which one more line does not count.
LARGEST = cython.declare(cython.const[uint32_t], 128)
# Machine instructions of a loop that could be as short as that.
MOST = cython.declare(cython.const[uint32_t], 32)


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def calls(e: Emitting, block: cython.pointer[MachBlock]) -> cython.bint:
    n: uint32_t
    for n in range(block.first, block.end):
        if e.m.insts[n].flags & INST_CALL:
            return True
    return False


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def end_of_tight(e: Emitting, order: Order, i: uint32_t, n: uint32_t) -> uint32_t:
    """The place behind a tight loop that begins at `i`, or behind a header that ends with a jump table; 0 if
    neither begins there. A header may be the last block of its loop.
    """
    loop: uint32_t = e.m.blocks[order[i]].loop
    header: cython.pointer[MachBlock] = e.m.blocks + loop - 1
    size: uint32_t = 0
    k: uint32_t = i
    if loop == 0 or (i > 0 and is_inside(e.m, loop - 1, order[i - 1])):
        return 0
    if order[i] == loop - 1 and e.m.insts[header.end - 1].op == p.P_JUMP_TABLE:
        return 0 if header.end - header.first > MOST or calls(e, header) else i + 1
    while k < n and is_inside(e.m, loop - 1, order[k]):
        if e.m.blocks[order[k]].loop != loop:
            return 0
        size += e.m.blocks[order[k]].end - e.m.blocks[order[k]].first
        if size > MOST or calls(e, e.m.blocks + order[k]):
            return 0
        k += 1
    return k


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def emit_some(e: Emitting, order: Order, i: uint32_t, end: uint32_t, n: uint32_t) -> cython.void:
    while i < end:
        e.next = order[i + 1] if i + 1 < n else UNPLACED
        emit_block(e, order[i])
        i += 1


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def emit_in_lines(e: Emitting, order: Order, i: uint32_t, n: uint32_t) -> uint32_t:
    """See lines.pxd."""
    end: uint32_t = 0
    k: uint32_t
    before: Emit
    notes: uint32_t = e.notes.n_notes
    landings: uint32_t = e.notes.n_landings
    start: uint32_t = e.code.size
    size: uint32_t
    if e.machine.fill != cython.NULL:
        end = end_of_tight(e, order, i, n)
    if end == 0:
        emit_some(e, order, i, i + 1, n)
        return i + 1
    before = e[0]
    emit_some(e, order, i, end, n)
    size = e.code.size - start
    if size > LARGEST or (start % LINE + size + LINE - 1) // LINE == (size + LINE - 1) // LINE:
        return end
    # What has been emitted is forgotten; arrays may have grown.
    e.n_stubs = before.n_stubs
    e.n_jumps = before.n_jumps
    e.n_loads = before.n_loads
    e.n_constants = before.n_constants
    e.n_tables = before.n_tables
    e.at = before.at
    e.notes.n_notes = notes
    e.notes.n_landings = landings
    e.code.size = start
    for k in range(i, end):
        e.offsets[order[k]] = UNPLACED
    e.machine.fill(e, LINE - start % LINE)
    emit_some(e, order, i, end, n)
    return end
