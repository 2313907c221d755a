"""The analyses of control flow: order, predecessors, dominators, loops.

Dominators are found in one pass over reverse postorder: the flow of a WebAssembly function is reducible, so
that an immediate dominator is the nearest common ancestor, in the tree so far, of the sources of forward
edges. Ancestors are searched by jump pointers: each node knows one far ancestor besides its parent, at
distances that make any walk logarithmic. The verifier rejects irreducible flow.
"""

import cython
from cython.cimports.libc.stdint import uint32_t, uint64_t
from cython.cimports.wasmine.jit.ssa import ops as o
from cython.cimports.wasmine.jit.ssa.function import (
    B_COLD,
    B_HANDLER,
    B_LOOP,
    B_REACHED,
    Block,
    Inst,
    SsaFunc,
    args_of,
)
from cython.cimports.wasmine.jit.workspace import put_back, resize, take

Func = cython.typedef(cython.pointer[SsaFunc])
Words = cython.typedef(cython.pointer[uint32_t])


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def order_blocks(f: Func) -> cython.bint:
    """Depth-first search with a stack of its own.

    `Block.order` holds, until it is set, the next edge to follow.
    """
    n: uint32_t = f.n_blocks
    stack: Words = cython.cast(Words, take(f.work, n * cython.sizeof(uint32_t)))
    order: Words = cython.cast(Words, resize(f.work, f.order, n * cython.sizeof(uint32_t)))
    height: uint32_t = 0
    done: uint32_t = 0
    b: cython.pointer[Block]
    target: uint32_t
    i: uint32_t
    if order != cython.NULL:
        f.order = order
    if stack == cython.NULL or order == cython.NULL:
        put_back(f.work, stack)
        f.failed = 1
        return False
    for i in range(1, n):
        f.blocks[i].flags &= ~B_REACHED
        f.blocks[i].order = 0
    stack[0] = f.entry
    height = 1
    f.blocks[f.entry].flags |= B_REACHED
    while height > 0:
        b = f.blocks + stack[height - 1]
        if b.order == b.n_succs:
            height -= 1
            done += 1
            order[n - done] = stack[height]
            continue
        target = f.edges[b.first_edge + b.order].target
        b.order += 1
        if not f.blocks[target].flags & B_REACHED:
            f.blocks[target].flags |= B_REACHED
            stack[height] = target
            height += 1
    for i in range(done):
        order[i] = order[n - done + i]
        f.blocks[order[i]].order = i
    f.n_order = done
    put_back(f.work, stack)
    return True


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def link_preds(f: Func) -> cython.bint:
    i: uint32_t
    k: uint32_t
    place: uint32_t = 0
    preds: Words = cython.cast(Words, resize(f.work, f.preds, (f.n_edges + 1) * cython.sizeof(uint32_t)))
    b: cython.pointer[Block]
    if preds == cython.NULL:
        f.failed = 1
        return False
    f.preds = preds
    for i in range(f.n_order):
        f.blocks[f.order[i]].n_preds = 0
    for i in range(f.n_order):
        b = f.blocks + f.order[i]
        for k in range(b.n_succs):
            f.blocks[f.edges[b.first_edge + k].target].n_preds += 1
    for i in range(f.n_order):
        b = f.blocks + f.order[i]
        b.preds = place
        place += b.n_preds
        b.n_preds = 0
    for i in range(f.n_order):
        b = f.blocks + f.order[i]
        for k in range(b.first_edge, b.first_edge + b.n_succs):
            preds[f.blocks[f.edges[k].target].preds + f.blocks[f.edges[k].target].n_preds] = k
            f.blocks[f.edges[k].target].n_preds += 1
    return True


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def common_ancestor(f: Func, depth: Words, jump: Words, a: uint32_t, b: uint32_t) -> uint32_t:
    """The nearest common ancestor of two blocks in the dominator tree so far."""
    swap: uint32_t
    if depth[a] < depth[b]:
        swap = a
        a = b
        b = swap
    while depth[a] > depth[b]:
        a = jump[a] if depth[jump[a]] >= depth[b] else f.blocks[a].idom
    while a != b:
        if jump[a] != jump[b]:
            a = jump[a]
            b = jump[b]
        else:
            a = f.blocks[a].idom
            b = f.blocks[b].idom
    return a


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def number_tree(f: Func, size: Words) -> cython.void:
    """Intervals in the dominator tree: a block's holds those of all below it.

    `size` has one word for each block.
    """
    i: uint32_t
    b: cython.pointer[Block]
    at: uint32_t
    above: uint32_t
    for i in range(f.n_order):
        size[f.order[i]] = 1
    for i in range(f.n_order - 1, 0, -1):
        size[f.blocks[f.order[i]].idom] += size[f.order[i]]
    # From here on dom_out of a block is, until its children have taken theirs, the next free number of its
    # interval.
    b = f.blocks + f.entry
    b.dom_in = 0
    b.dom_out = 1
    for i in range(1, f.n_order):
        at = f.order[i]
        above = f.blocks[at].idom
        f.blocks[at].dom_in = f.blocks[above].dom_out
        f.blocks[at].dom_out = f.blocks[at].dom_in + 1
        f.blocks[above].dom_out += size[at]
    for i in range(f.n_order):
        f.blocks[f.order[i]].dom_out = f.blocks[f.order[i]].dom_in + size[f.order[i]]


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def find_dominators(f: Func) -> cython.bint:
    n: uint64_t = f.n_blocks
    depth: Words = cython.cast(Words, take(f.work, 2 * n * cython.sizeof(uint32_t)))
    jump: Words = depth + n
    i: uint32_t
    k: uint32_t
    at: uint32_t
    source: uint32_t
    dominator: uint32_t
    far: uint32_t
    b: cython.pointer[Block]
    if depth == cython.NULL:
        f.failed = 1
        return False
    f.blocks[f.entry].idom = 0
    depth[f.entry] = 0
    jump[f.entry] = f.entry
    for i in range(1, f.n_order):
        at = f.order[i]
        b = f.blocks + at
        dominator = 0
        for k in range(b.n_preds):
            source = f.edges[f.preds[b.preds + k]].source
            if f.blocks[source].order < i:
                dominator = source if dominator == 0 else common_ancestor(f, depth, jump, source, dominator)
        b.idom = dominator
        depth[at] = depth[dominator] + 1
        far = jump[dominator]
        # Two equal jumps in a row make one of double length.
        if depth[dominator] - depth[far] == depth[far] - depth[jump[far]]:
            jump[at] = jump[far]
        else:
            jump[at] = dominator
    number_tree(f, depth)
    put_back(f.work, depth)
    return True


# --- loops


@cython.cfunc
@cython.inline
@cython.nogil
@cython.exceptval(check=False)
def outermost(top: Words, header: uint32_t) -> uint32_t:
    """The outermost loop found so far around a header; `top` is a union-find forest, its paths halved on
    the way.
    """
    while top[header] != header:
        top[header] = top[top[header]]
        header = top[header]
    return header


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def fill_loop(f: Func, header: uint32_t, top: Words, work: Words) -> cython.void:
    """Gives the blocks of a loop to its header: those from which a back edge is reached without passing it.

    Loops inside have been found; each of them is entered once, at its header.
    """
    height: uint32_t = 0
    k: uint32_t
    at: uint32_t
    source: uint32_t
    b: cython.pointer[Block] = f.blocks + header
    is_loop: cython.bint = False
    top[header] = header
    for k in range(b.n_preds):
        source = f.edges[f.preds[b.preds + k]].source
        if f.blocks[source].order >= b.order:
            is_loop = True
            if source != header:
                work[height] = source
                height += 1
            while height > 0:
                height -= 1
                at = work[height]
                if f.blocks[at].loop != 0:
                    at = outermost(top, f.blocks[at].loop)
                    if at == header:
                        continue
                    top[at] = header
                    f.blocks[at].outer = header
                else:
                    f.blocks[at].loop = header
                height = push_sources(f, at, header, work, height)
    if is_loop:
        b.flags |= B_LOOP
        b.loop = header


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def push_sources(f: Func, at: uint32_t, header: uint32_t, work: Words, height: uint32_t) -> uint32_t:
    """Puts the predecessors of a block on the work list, but for the header and back edges; returns its new
    height.

    Each block is expanded once for each loop whose member it is directly, or heads directly: the list has
    room for all edges.
    """
    b: cython.pointer[Block] = f.blocks + at
    source: uint32_t
    k: uint32_t
    for k in range(b.n_preds):
        source = f.edges[f.preds[b.preds + k]].source
        if source != header and f.blocks[source].order < b.order:
            work[height] = source
            height += 1
    return height


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def find_loops(f: Func) -> cython.bint:
    n: uint64_t = f.n_blocks
    top: Words = cython.cast(Words, take(f.work, (n + 2 * f.n_edges + 1) * cython.sizeof(uint32_t)))
    i: uint32_t
    at: uint32_t
    depth: uint32_t
    b: cython.pointer[Block]
    if top == cython.NULL:
        f.failed = 1
        return False
    for i in range(f.n_order):
        b = f.blocks + f.order[i]
        b.loop = 0
        b.outer = 0
        b.depth = 0
        b.flags &= ~B_LOOP
    for i in range(f.n_order, 0, -1):
        at = f.order[i - 1]
        fill_loop(f, at, top, top + n)
    for i in range(f.n_order):
        b = f.blocks + f.order[i]
        if b.flags & B_LOOP:
            depth = f.blocks[b.outer].depth + 1 if b.outer != 0 else 1
            b.depth = depth if depth < 0xFFFF else 0xFFFF
        elif b.loop != 0:
            b.depth = f.blocks[b.loop].depth
    put_back(f.work, top)
    return True


# --- the rest


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def count_uses(f: Func) -> cython.bint:
    i: uint32_t
    k: uint32_t
    e: uint32_t
    id: uint32_t
    args: Words
    inst: cython.pointer[Inst]
    b: cython.pointer[Block]
    for i in range(f.n_insts):
        f.insts[i].uses = 0
    for i in range(f.n_order):
        b = f.blocks + f.order[i]
        id = b.first
        while id != 0:
            inst = f.insts + id
            args = args_of(f, inst)
            for k in range(inst.n_args):
                f.insts[args[k]].uses += 1
            id = inst.next
        for e in range(b.first_edge, b.first_edge + b.n_succs):
            for k in range(f.edges[e].n_args):
                f.insts[f.pool[f.edges[e].args + k]].uses += 1
    return True


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def analyse(f: Func) -> cython.bint:
    """See flow.pxd."""
    if not (order_blocks(f) and link_preds(f) and find_dominators(f) and find_loops(f)):
        return False
    f.moved = 0
    return True


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def mark_cold(f: Func) -> cython.void:
    """See flow.pxd."""
    i: uint32_t
    e: uint32_t
    op: uint32_t
    cold: cython.bint
    b: cython.pointer[Block]
    for i in range(f.n_order, 0, -1):
        b = f.blocks + f.order[i - 1]
        op = f.insts[b.last].op
        cold = b.n_succs != 0 or op == o.TRAP or op == o.THROW or op == o.THROW_REF
        for e in range(b.first_edge, b.first_edge + b.n_succs):
            # Along a back edge the target has not been looked at: its mark is cleared below.
            if not f.blocks[f.edges[e].target].flags & B_COLD or f.blocks[f.edges[e].target].order < i:
                cold = False
        b.flags = (b.flags & ~B_COLD) | (B_COLD if cold or b.flags & B_HANDLER else 0)
