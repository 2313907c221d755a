"""The order of blocks: reverse postorder, with each loop in one piece.

Reverse postorder alone may put what follows a loop between its blocks. Here a loop takes, as a whole, the
place that its header has among the blocks around it; that keeps edges forward that are forward in reverse
postorder.
"""

import cython
from cython.cimports.libc.stdint import uint32_t
from cython.cimports.wasmine.jit.ssa.function import SsaFunc
from cython.cimports.wasmine.jit.workspace import put_back, take_zeros

Words = cython.typedef(cython.pointer[uint32_t])


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def order_for_code(f: cython.pointer[SsaFunc], order: Words) -> cython.bint:
    # For each loop (its header; 0: outside of all) the list of what stands in it: blocks, and headers of
    # inner loops.
    words: Words = cython.cast(
        Words, take_zeros(f.work, 4 * cython.cast(cython.size_t, f.n_blocks), cython.sizeof(uint32_t))
    )
    first: Words = words
    last: Words = words + f.n_blocks
    next: Words = words + 2 * f.n_blocks
    stack: Words = words + 3 * f.n_blocks
    depth: uint32_t = 0
    n: uint32_t = 0
    i: uint32_t
    block: uint32_t
    home: uint32_t
    if words == cython.NULL:
        return False
    for i in range(f.n_order):
        block = f.order[i]
        home = f.blocks[block].loop
        if home == block:
            home = f.blocks[block].outer
        if first[home] == 0:
            first[home] = block
        else:
            next[last[home]] = block
        last[home] = block
    block = first[0]
    while True:
        while block != 0:
            order[n] = block
            n += 1
            if f.blocks[block].loop == block and first[block] != 0:
                stack[depth] = block
                depth += 1
                block = first[block]
            else:
                block = next[block]
        if depth == 0:
            break
        depth -= 1
        block = next[stack[depth]]
    put_back(f.work, words)
    return n == f.n_order
