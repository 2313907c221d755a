"""Live intervals, in one pass backwards over the instructions.

An interval has no holes: it reaches from the definition to the last use in the order of the blocks. That a
value lives around a loop shows without any data flow: blocks of a loop are adjacent and a definition comes
before its uses, so a value that is used in a loop and defined before it lives to the loop's end.

One hole is seen nevertheless: a parameter of a loop is dead where its next value is known, though other ways
through the loop, which come later, still use it.
"""

import cython
from cython.cimports.libc.stdint import uint32_t, uint64_t
from cython.cimports.wasmine.jit.backend.machine import (
    IN_ANY,
    IN_FIXED,
    IN_PINNED,
    INST_CALL,
    INST_MOVE,
    OPERAND_DEF,
    OPERAND_MOD,
    OPERAND_TEMP,
    OPERAND_USE,
    MachBlock,
    MachFunc,
    MachInst,
    Operand,
    Vreg,
)
from cython.cimports.wasmine.jit.backend.regalloc import (
    USE_LAZY,
    USE_LOOP,
    USE_MUST,
    USE_WANT,
    Alloc,
    Busy,
    Use,
)
from cython.cimports.wasmine.jit.workspace import resize, take

# Blocks that are looked at to find where a parameter is dead.
HOLE = cython.declare(cython.const[uint32_t], 8)


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def find_intervals(a: cython.pointer[Alloc]) -> cython.void:
    m: cython.pointer[MachFunc] = a.m
    b: uint32_t
    a.block_of = cython.cast(
        cython.pointer[uint32_t], take(a.m.work, (m.n_insts + 1) * cython.sizeof(uint32_t))
    )
    if a.block_of == cython.NULL:
        a.failed = 1
        return
    find_extents(m)
    for b in range(m.n_blocks):
        note_definitions(a, b)
    for b in range(m.n_blocks, 0, -1):
        note_uses(a, b - 1)


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def find_extents(m: cython.pointer[MachFunc]) -> cython.void:
    """Where the loops end; an inner loop's header comes after the outer one's."""
    b: uint32_t
    header: uint32_t
    for b in range(m.n_blocks):
        header = m.blocks[b].loop
        if header != 0:
            m.blocks[header - 1].loop_end = b + 1
    for b in range(m.n_blocks, 0, -1):
        if m.blocks[b - 1].loop == b and m.blocks[b - 1].outer != 0:
            header = m.blocks[b - 1].outer - 1
            if m.blocks[header].loop_end < m.blocks[b - 1].loop_end:
                m.blocks[header].loop_end = m.blocks[b - 1].loop_end


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def note_definitions(a: cython.pointer[Alloc], b: uint32_t) -> cython.void:
    m: cython.pointer[MachFunc] = a.m
    block: cython.pointer[MachBlock] = m.blocks + b
    operand: cython.pointer[Operand]
    n: uint32_t
    i: uint32_t
    for i in range(block.n_params):
        define(m.vregs + m.pool[block.params + i], 4 * block.first, b)
    for n in range(block.first, block.end):
        a.block_of[n] = b
        for i in range(m.insts[n].n_operands):
            operand = m.operands + m.insts[n].operands + i
            if operand.where == IN_PINNED or operand.kind == OPERAND_USE or operand.kind == OPERAND_MOD:
                continue
            if operand.where == IN_FIXED:
                if operand.kind == OPERAND_DEF:
                    define(m.vregs + operand.vreg, 4 * n + 3, b)
            elif operand.kind == OPERAND_DEF:
                define(m.vregs + operand.vreg, 4 * n + 2, b)
            else:
                define(m.vregs + operand.vreg, 4 * n + 1, b)


@cython.cfunc
@cython.inline
@cython.nogil
@cython.exceptval(check=False)
def define(vreg: cython.pointer[Vreg], pos: uint32_t, block: uint32_t) -> cython.void:
    vreg.start = pos
    vreg.end = pos + 1
    vreg.block = block


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def note_uses(a: cython.pointer[Alloc], b: uint32_t) -> cython.void:
    m: cython.pointer[MachFunc] = a.m
    block: cython.pointer[MachBlock] = m.blocks + b
    inst: cython.pointer[MachInst]
    n: uint32_t
    i: uint32_t
    vreg: uint32_t
    params: uint32_t
    if block.n_args != 0:
        params = m.blocks[m.pool[block.succs]].params
        for i in range(block.n_args):
            vreg = m.pool[block.args + i]
            use(a, vreg, 4 * block.end - 1, USE_LAZY, b)
            m.vregs[vreg].goal = m.pool[params + i]
            if m.vregs[m.pool[params + i]].hint == 0:
                m.vregs[m.pool[params + i]].hint = vreg
    for n in range(block.end, block.first, -1):
        inst = m.insts + n - 1
        if inst.flags & INST_CALL:
            a.calls = new_busy(a, 4 * (n - 1), 4 * (n - 1) + 3, a.calls)
        if inst.flags & INST_MOVE:
            m.vregs[m.operands[inst.operands].vreg].hint = m.operands[inst.operands + 1].vreg
        # Fixed operands are read in the gap before: the list of uses stays in order.
        for i in range(inst.n_operands):
            if m.operands[inst.operands + i].where != IN_FIXED:
                note_operand(a, m.operands + inst.operands + i, inst, n - 1, b)
        for i in range(inst.n_operands):
            if m.operands[inst.operands + i].where == IN_FIXED:
                note_operand(a, m.operands + inst.operands + i, inst, n - 1, b)


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def note_operand(
    a: cython.pointer[Alloc],
    operand: cython.pointer[Operand],
    inst: cython.pointer[MachInst],
    n: uint32_t,
    b: uint32_t,
) -> cython.void:
    kind: uint32_t = USE_MUST
    if operand.where == IN_PINNED:
        return
    if operand.where == IN_FIXED:
        a.busy_of[operand.preg] = new_busy(a, 4 * n, 4 * n + 3, a.busy_of[operand.preg])
        if operand.kind == OPERAND_USE:
            use(a, operand.vreg, 4 * n - 1, USE_LAZY, b)
        if operand.kind != OPERAND_TEMP:
            a.m.vregs[operand.vreg].fixed_hint = operand.preg
        return
    if operand.where == IN_ANY:
        kind = USE_LAZY if inst.flags & INST_MOVE else USE_WANT
    if operand.kind == OPERAND_USE:
        use(a, operand.vreg, 4 * n + 1, kind, b)
    elif operand.kind == OPERAND_MOD:
        use(a, operand.vreg, 4 * n + 2, USE_MUST, b)
        use(a, operand.vreg, 4 * n + 1, USE_MUST, b)
    elif operand.kind == OPERAND_DEF:
        use(a, operand.vreg, 4 * n + 2, USE_MUST, b)
    else:
        # A temporary, or a result that is written early, shares no register with what the instruction reads.
        use(a, operand.vreg, 4 * n + 2, USE_MUST, b)
        use(a, operand.vreg, 4 * n + 1, USE_MUST, b)


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def use(a: cython.pointer[Alloc], v: uint32_t, pos: uint32_t, kind: uint32_t, b: uint32_t) -> cython.void:
    """Notes a use in block `b`; those behind it have been noted."""
    m: cython.pointer[MachFunc] = a.m
    vreg: cython.pointer[Vreg] = m.vregs + v
    loop: uint32_t = m.blocks[b].loop
    ends = cython.declare(uint32_t[8])
    n: uint32_t = 0
    if vreg.end < pos + 1:
        vreg.end = pos + 1
    # The loop around the use that the definition is not in, and those around that.
    while loop != 0 and not loop - 1 <= vreg.block < m.blocks[loop - 1].loop_end:
        if n == 8:
            n -= 1
        ends[n] = 4 * m.blocks[m.blocks[loop - 1].loop_end - 1].end
        n += 1
        loop = m.blocks[loop - 1].outer
    if n != 0 and vreg.end < ends[n - 1]:
        vreg.end = ends[n - 1]
    while n > 0:
        n -= 1
        if vreg.uses == 0 or a.uses[vreg.uses].pos >= ends[n]:
            vreg.uses = new_use(a, ends[n] - 1, USE_LOOP, vreg.uses)
    vreg.uses = new_use(a, pos, kind, vreg.uses)


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def new_use(a: cython.pointer[Alloc], pos: uint32_t, kind: uint32_t, next: uint32_t) -> uint32_t:
    capacity: uint64_t
    moved: cython.p_void
    if a.n_uses >= a.max_uses:
        capacity = 2 * cython.cast(uint64_t, a.max_uses) if a.max_uses else a.m.n_operands * 2 + 64
        moved = resize(a.m.work, a.uses, capacity * cython.sizeof(Use))
        if moved == cython.NULL:
            a.failed = 1
            return 0
        a.uses = cython.cast(cython.pointer[Use], moved)
        a.max_uses = cython.cast(uint32_t, capacity)
        if a.n_uses == 0:
            a.n_uses = 1
    a.uses[a.n_uses].pos = pos
    a.uses[a.n_uses].kind = kind
    a.uses[a.n_uses].next = next
    a.n_uses += 1
    return a.n_uses - 1


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def new_busy(a: cython.pointer[Alloc], start: uint32_t, end: uint32_t, next: uint32_t) -> uint32_t:
    capacity: uint64_t
    moved: cython.p_void
    if a.n_busy >= a.max_busy:
        capacity = 2 * cython.cast(uint64_t, a.max_busy) + 64
        moved = resize(a.m.work, a.busy, capacity * cython.sizeof(Busy))
        if moved == cython.NULL:
            a.failed = 1
            return 0
        a.busy = cython.cast(cython.pointer[Busy], moved)
        a.max_busy = cython.cast(uint32_t, capacity)
        if a.n_busy == 0:
            a.n_busy = 1
    a.busy[a.n_busy].start = start
    a.busy[a.n_busy].end = end
    a.busy[a.n_busy].next = next
    a.n_busy += 1
    return a.n_busy - 1


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def dead_until(a: cython.pointer[Alloc], vreg: cython.pointer[Vreg]) -> uint32_t:
    """See liveness.pxd."""
    m: cython.pointer[MachFunc] = a.m
    header: uint32_t = m.vregs[vreg.goal].block
    last: uint32_t = a.block_of[(vreg.end - 1) >> 2]
    b: uint32_t
    i: uint32_t
    target: uint32_t
    if last - vreg.block >= HOLE:
        return 0
    for b in range(vreg.block, last + 1):
        for i in range(m.blocks[b].n_succs):
            target = m.pool[m.blocks[b].succs + i]
            if target != header and not vreg.block < target <= last:
                return 0
    return 4 * m.blocks[last].end
