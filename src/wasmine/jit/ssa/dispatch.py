"""Jumps through a dispatcher that know where they go: functions that may be resumed, as Go compiles them.

Such a function is one loop around a `br_table` on its argument, which says where to begin. A jump back writes
a number and goes to the loop's start; which loops the source had is not to be seen:

    loop                                ; the dispatcher
      br_table pc -> a, b, c
      a: ...                            ; falls into b
      b: ... if ...: pc = 2; br loop
      ...    pc = 1; br loop

Nearly always it begins at its start. So the code is there twice: straight, where each jump with a constant
goes where the table leads, and as it stands, for calls that resume in the middle. The straight copy is
entered with 0 only, so its loops are those of the source. Where they are not reducible, there is no copy.

What the dispatcher does on the way, charging fuel, a *passage* does in its place, one for each label. Polls
are made at the headers of the loops that are found.
"""

import cython
from cython.cimports.libc.stdint import int32_t, uint32_t
from cython.cimports.wasmine.ir import ops as ir
from cython.cimports.wasmine.ir.func import Instr
from cython.cimports.wasmine.jit.ssa.build import NO_ENTRY, Build
from cython.cimports.wasmine.jit.ssa.function import SsaFunc, new_block, new_edges
from cython.cimports.wasmine.jit.ssa.scan import make_edges, words_of
from cython.cimports.wasmine.jit.workspace import put_back, take_zeros

Building = cython.typedef(cython.pointer[Build])
Words = cython.typedef(cython.pointer[uint32_t])
Code = cython.typedef(cython.pointer[cython.const[Instr]])

# Instructions of register IR in a function that is worth its size twice.
LARGEST = cython.declare(cython.const[uint32_t], 20000)


@cython.cfunc
@cython.inline
@cython.nogil
@cython.exceptval(check=False)
def is_loop(op: uint32_t) -> cython.bint:
    return op == ir.LOOP or op == ir.LOOP_COUNT or op == ir.LOOP_ENTER


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def find_dispatcher(b: Building) -> cython.bint:
    """See dispatch.pxd. Nothing but globals may be read before it."""
    code: Code = b.ir.code
    n: uint32_t = b.ir.n_instrs
    at: uint32_t = 0
    start: uint32_t
    if b.options.enter_at != NO_ENTRY or b.ir.n_handlers != 0 or n > LARGEST:
        return False
    while at < n and (code[at].op == ir.GLOBAL_GET or code[at].op == ir.FUEL):
        at += words_of(code + at)
    start = at
    if at == 0 or at >= n or not is_loop(code[at].op):
        return False
    at += words_of(code + at)
    if at < n and code[at].op == ir.FUEL:
        at += words_of(code + at)
    if at >= n or code[at].op != ir.BR_TABLE or code[at].a >= b.code.defs[b.ir.type_id].param_slots:
        return False
    b.dispatch = start
    b.dispatch_end = at
    return True


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def blocks_with_copy(b: Building, n: uint32_t) -> uint32_t:
    """See dispatch.pxd."""
    return 2 * n + b.ir.code[b.dispatch_end].b + 1


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def is_passage(b: Building, block: uint32_t) -> cython.bint:
    """See dispatch.pxd."""
    return b.first_copy != 0 and block >= b.first_copy and b.f.blocks[block].pos == b.dispatch


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def passage_to(b: Building, passages: Words, label: uint32_t) -> uint32_t:
    """The passage for a value of the index."""
    f: cython.pointer[SsaFunc] = b.f
    table: uint32_t = b.dispatch_end
    entry: uint32_t
    block: uint32_t
    edge: uint32_t
    label = min(label, b.ir.code[table].b)
    if passages[label] == 0:
        block = new_block(f)
        edge = new_edges(f, block, 1)
        if block == 0 or edge == 0:
            return 0
        f.blocks[block].pos = b.dispatch
        b.ends[block] = table
        entry = table + 1 + label
        f.edges[edge].target = b.copy_at[entry + cython.cast(int32_t, b.ir.code[entry].c)]
        passages[label] = block
    return passages[label]


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def copy_blocks(b: Building, last: uint32_t) -> cython.void:
    """A copy of every block behind the dispatcher, up to the last one."""
    f: cython.pointer[SsaFunc] = b.f
    dispatcher: uint32_t = b.block_at[b.dispatch]
    block: uint32_t
    copy: uint32_t
    b.copy_at[b.dispatch] = dispatcher
    for block in range(dispatcher + 1, last):
        copy = new_block(f)
        if copy == 0:
            return
        f.blocks[copy].pos = f.blocks[block].pos
        b.ends[copy] = b.ends[block]
        b.copy_at[f.blocks[block].pos] = copy


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def link_copy(b: Building, block: uint32_t, passages: Words) -> cython.void:
    """The edges of a block of the copy."""
    code: Code = b.ir.code
    end: uint32_t = b.ends[block]
    at: uint32_t = b.f.blocks[block].pos
    before: uint32_t = at
    originals: Words = b.block_at
    passage: uint32_t
    b.block_at = b.copy_at
    make_edges(b, block)
    b.block_at = originals
    if code[end].op != ir.BR or end + cython.cast(int32_t, code[end].c) != b.dispatch:
        return
    while at < end:
        before = at
        at += words_of(code + at)
    if code[before].op == ir.CONST and code[before].a == code[b.dispatch_end].a:
        passage = passage_to(b, passages, code[before].b)
        b.f.edges[b.f.blocks[block].first_edge].target = passage


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def copy_code(b: Building) -> cython.bint:
    """See dispatch.pxd."""
    f: cython.pointer[SsaFunc] = b.f
    last: uint32_t = f.n_blocks
    behind: uint32_t
    block: uint32_t
    first: uint32_t
    edge: uint32_t
    passages: Words = cython.cast(
        Words, take_zeros(b.f.work, b.ir.code[b.dispatch_end].b + 1, cython.sizeof(uint32_t))
    )
    b.copy_at = cython.cast(Words, take_zeros(b.f.work, b.ir.n_instrs + 1, cython.sizeof(uint32_t)))
    if passages == cython.NULL or b.copy_at == cython.NULL:
        put_back(b.f.work, passages)
        return False
    b.first_copy = last
    copy_blocks(b, last)
    behind = f.n_blocks
    for block in range(last, behind):
        link_copy(b, block, passages)
    first = passage_to(b, passages, 0)
    put_back(b.f.work, passages)
    edge = new_edges(f, b.block_at[0], 2)
    if first == 0 or edge == 0 or f.failed:
        return False
    f.edges[edge].target = first
    f.edges[edge + 1].target = b.block_at[b.dispatch]
    return True
