"""Which register a part of a value's life gets: one that is free, or another's, or none.

A piece gets a register that is free to its end, or to the next place where the register is taken (a call
takes all of them), where it is cut. When all are taken, the one whose next use is farthest, or lies in an
outer loop, goes to its spill slot until shortly before that use; "shortly before" means before the loops
around the use which the piece enters from outside.
"""

import cython
from cython.cimports.libc.stdint import uint32_t, uint64_t
from cython.cimports.wasmine.ir.scalar import ctz64_nonzero
from cython.cimports.wasmine.jit.backend.liveness import dead_until
from cython.cimports.wasmine.jit.backend.machine import (
    FLOAT_REGS,
    IN_SLOT,
    N_REGS,
    VT_F32,
    MachBlock,
    Vreg,
)
from cython.cimports.wasmine.jit.backend.placing import bit
from cython.cimports.wasmine.jit.backend.regalloc import (
    USE_LAZY,
    USE_MUST,
    USE_WANT,
    Alloc,
    Piece,
)
from cython.cimports.wasmine.jit.workspace import resize

State = cython.typedef(cython.pointer[Alloc])
NEVER = cython.declare(cython.const[uint32_t], 0xFFFFFFFF)

# Uses that are looked at to find the next one of a kind.
REACH = cython.declare(cython.const[uint32_t], 32)


# --- storage


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def new_piece(a: State, vreg: uint32_t, start: uint32_t, end: uint32_t, use: uint32_t) -> uint32_t:
    capacity: uint64_t
    moved: cython.p_void
    piece: cython.pointer[Piece]
    if a.n_pieces >= a.max_pieces:
        # One for each value, and some that are cut.
        capacity = 2 * cython.cast(uint64_t, a.max_pieces) if a.max_pieces else a.m.n_vregs * 2 + 64
        moved = resize(a.m.work, a.pieces, capacity * cython.sizeof(Piece))
        if moved == cython.NULL:
            a.failed = 1
            return 0
        a.pieces = cython.cast(cython.pointer[Piece], moved)
        a.max_pieces = cython.cast(uint32_t, capacity)
    piece = a.pieces + a.n_pieces
    piece.vreg = vreg
    piece.start = start
    piece.end = end
    piece.use = use
    piece.passed = start
    piece.next = piece.before = piece.also = 0
    piece.reg = IN_SLOT
    a.n_pieces += 1
    return a.n_pieces - 1


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def push(a: State, piece: uint32_t) -> cython.void:
    capacity: uint64_t
    moved: cython.p_void
    i: uint32_t = a.n_heap
    above: uint32_t
    entry: uint64_t = cython.cast(uint64_t, a.pieces[piece].start) << 32 | piece
    if a.n_heap >= a.max_heap:
        capacity = 2 * cython.cast(uint64_t, a.max_heap) if a.max_heap else a.m.n_vregs + 64
        moved = resize(a.m.work, a.heap, capacity * cython.sizeof(uint64_t))
        if moved == cython.NULL:
            a.failed = 1
            return
        a.heap = cython.cast(cython.pointer[uint64_t], moved)
        a.max_heap = cython.cast(uint32_t, capacity)
    a.n_heap += 1
    while i > 0:
        above = (i - 1) // 2
        if a.heap[above] >> 32 <= entry >> 32:
            break
        a.heap[i] = a.heap[above]
        i = above
    a.heap[i] = entry


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def pop(a: State) -> uint32_t:
    heap: cython.pointer[uint64_t] = a.heap
    top: uint32_t = cython.cast(uint32_t, heap[0])
    i: uint32_t = 0
    child: uint32_t
    n: uint32_t = a.n_heap - 1
    moved: uint64_t = heap[n]
    a.n_heap = n
    while 2 * i + 1 < n:
        child = 2 * i + 1
        if child + 1 < n:
            child += heap[child + 1] >> 32 < heap[child] >> 32
        if moved >> 32 <= heap[child] >> 32:
            break
        heap[i] = heap[child]
        i = child
    heap[i] = moved
    return top


# --- questions


@cython.cfunc
@cython.inline
@cython.nogil
@cython.exceptval(check=False)
def advance(a: State, piece: cython.pointer[Piece], pos: uint32_t) -> cython.void:
    """Passes the uses before `pos`."""
    while piece.use != 0 and a.uses[piece.use].pos < pos:
        piece.passed = a.uses[piece.use].pos
        piece.use = a.uses[piece.use].next


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def next_use(a: State, piece: cython.pointer[Piece], kind: uint32_t) -> uint32_t:
    """Position of the first use that is of `kind` or stronger and not passed, NEVER if there is none."""
    use: uint32_t = piece.use
    while use != 0 and a.uses[use].pos < piece.end:
        if a.uses[use].kind >= kind:
            return a.uses[use].pos
        use = a.uses[use].next
    return NEVER


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def is_wanted_before(a: State, piece: cython.pointer[Piece], limit: uint32_t) -> cython.bint:
    """See placing.pxd."""
    use: uint32_t = piece.use
    steps: uint32_t = 0
    limit = min(limit, piece.end)
    while use != 0 and a.uses[use].pos < limit and steps < REACH:
        if a.uses[use].kind >= USE_WANT:
            return True
        use = a.uses[use].next
        steps += 1
    return False


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def next_must(a: State, piece: cython.pointer[Piece]) -> uint32_t:
    """The first use that needs a register; NEVER if it is none of the next few that would like one."""
    use: uint32_t = piece.use
    steps: uint32_t = 0
    while use != 0 and a.uses[use].pos < piece.end and a.uses[use].kind < USE_WANT:
        use = a.uses[use].next
    while use != 0 and a.uses[use].pos < piece.end and steps < REACH:
        if a.uses[use].kind == USE_MUST:
            return a.uses[use].pos
        use = a.uses[use].next
        steps += 1
    return NEVER


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def use_behind(a: State, piece: cython.pointer[Piece], pos: uint32_t) -> uint32_t:
    """Position of the first use that is not of the instruction at `pos`, NEVER if there is none."""
    use: uint32_t = piece.use
    while use != 0 and a.uses[use].pos >> 2 <= pos >> 2:
        use = a.uses[use].next
    return a.uses[use].pos if use != 0 and a.uses[use].pos < piece.end else NEVER


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def is_needed_at(a: State, piece: cython.pointer[Piece], pos: uint32_t) -> cython.bint:
    """Whether the instruction at `pos` must have the value in a register."""
    use: uint32_t = piece.use
    while use != 0 and a.uses[use].pos >> 2 <= pos >> 2 and a.uses[use].pos < piece.end:
        if a.uses[use].kind == USE_MUST and a.uses[use].pos >= pos:
            return True
        use = a.uses[use].next
    return False


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def free_until(a: State, reg: uint32_t, pos: uint32_t) -> uint32_t:
    """Where fixed operands or a call next take the register; `pos` or less when it is taken now."""
    limit: uint32_t = NEVER
    while a.busy_of[reg] != 0 and a.busy[a.busy_of[reg]].end <= pos:
        a.busy_of[reg] = a.busy[a.busy_of[reg]].next
    while a.calls != 0 and a.busy[a.calls].end <= pos:
        a.calls = a.busy[a.calls].next
    if a.busy_of[reg] != 0:
        limit = a.busy[a.busy_of[reg]].start
    if a.calls != 0 and a.busy[a.calls].start < limit:
        limit = a.busy[a.calls].start
    return limit


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def block_at(a: State, pos: uint32_t) -> cython.pointer[MachBlock]:
    n: uint32_t = pos >> 2
    if n >= a.m.n_insts:
        n = a.m.n_insts - 1
    return a.m.blocks + a.block_of[n]


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def before_loops(a: State, low: uint32_t, pos: uint32_t) -> uint32_t:
    """The start of the outermost loop around `pos` that starts behind `low`; else `pos`."""
    loop: uint32_t = block_at(a, pos).loop
    start: uint32_t
    while loop != 0:
        start = 4 * a.m.blocks[loop - 1].first
        if start <= low:
            break
        pos = start
        loop = a.m.blocks[loop - 1].outer
    return pos


# --- decisions


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def split(a: State, p: uint32_t, pos: uint32_t) -> uint32_t:
    """Cuts a piece in two; returns the second one, which starts at `pos`."""
    new: uint32_t = new_piece(a, a.pieces[p].vreg, pos, a.pieces[p].end, a.pieces[p].use)
    piece: cython.pointer[Piece] = a.pieces + p
    if new == 0:
        return 0
    advance(a, a.pieces + new, pos)
    a.pieces[new].next = piece.next
    piece.next = new
    piece.end = pos
    return new


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def take(a: State, p: uint32_t, reg: uint32_t) -> cython.void:
    capacity: uint64_t
    moved: cython.p_void
    if a.n_assigned >= a.max_assigned:
        capacity = 2 * cython.cast(uint64_t, a.max_assigned) + 64
        moved = resize(a.m.work, a.assigned, capacity * cython.sizeof(uint32_t))
        if moved == cython.NULL:
            a.failed = 1
            return
        a.assigned = cython.cast(cython.pointer[uint32_t], moved)
        a.max_assigned = cython.cast(uint32_t, capacity)
    a.assigned[a.n_assigned] = p
    a.n_assigned += 1
    a.pieces[p].reg = reg
    a.active[reg] = p
    a.taken |= bit(reg)
    a.m.vregs[a.pieces[p].vreg].last_reg = reg


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def take_until(a: State, p: uint32_t, reg: uint32_t, limit: uint32_t) -> cython.void:
    """See placing.pxd."""
    take(a, p, reg)
    if limit < a.pieces[p].end:
        cut_at_limit(a, p, limit)


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def place(a: State, p: uint32_t) -> cython.void:
    """See placing.pxd. One that has its register, or was joined to another, is passed."""
    start: uint32_t = a.pieces[p].start
    if a.pieces[p].reg == IN_SLOT and start < a.pieces[p].end:
        pass_ended(a, start)
        advance(a, a.pieces + p, start)
        if not place_in_goal(a, p) and not place_in_free(a, p):
            place_in_taken(a, p)


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def pass_ended(a: State, start: uint32_t) -> cython.void:
    """See placing.pxd."""
    rest: uint64_t = a.taken
    r: uint32_t
    while rest != 0:
        r = ctz64_nonzero(rest)
        rest &= rest - 1
        if a.pieces[a.active[r]].end <= start or a.pieces[a.active[r]].reg != r:
            a.taken &= ~bit(r)
        else:
            advance(a, a.pieces + a.active[r], start)


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def place_in_goal(a: State, p: uint32_t) -> cython.bint:
    """Gives a value the register of the parameter that it becomes, where the old value is dead from here on.

    The old value goes on behind, where other ways use it.
    """
    vreg: cython.pointer[Vreg] = a.m.vregs + a.pieces[p].vreg
    start: uint32_t = a.pieces[p].start
    r: uint32_t = a.m.vregs[vreg.goal].last_reg
    old: uint32_t
    behind: uint32_t
    if vreg.goal == 0 or start != vreg.start or r >= N_REGS or a.taken & bit(r) == 0:
        return False
    old = a.active[r]
    if a.pieces[old].vreg != vreg.goal or free_until(a, r, start) < a.pieces[p].end:
        return False
    behind = dead_until(a, vreg)
    if behind == 0 or next_use(a, a.pieces + old, USE_LAZY) < behind:
        return False
    if behind < a.pieces[old].end:
        push(a, split(a, old, behind))
    a.pieces[old].end = start
    take(a, p, r)
    return True


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def place_in_free(a: State, p: uint32_t) -> cython.bint:
    piece: cython.pointer[Piece] = a.pieces + p
    usable: uint64_t = class_of(a, piece.vreg) & ~a.taken
    rest: uint64_t = usable
    best: uint32_t = IN_SLOT
    best_limit: uint32_t = 0
    limit: uint32_t
    wanted: uint32_t
    r: uint32_t
    while rest != 0:
        r = ctz64_nonzero(rest)
        rest &= rest - 1
        limit = free_until(a, r, piece.start)
        if limit <= piece.start:
            continue
        # The register that fits closest leaves the others to longer pieces.
        if best_limit < piece.end:
            if limit > best_limit:
                best = r
                best_limit = limit
        elif piece.end <= limit < best_limit:
            best = r
            best_limit = limit
    if best == IN_SLOT:
        return False
    r = hinted(a, piece, usable, best_limit)
    if r != IN_SLOT:
        best = r
        best_limit = free_until(a, r, piece.start)
    if best_limit < piece.end:
        wanted = next_use(a, piece, USE_WANT)
        if wanted >= best_limit:
            return False
    take_until(a, p, best, best_limit)
    return True


@cython.cfunc
@cython.inline
@cython.nogil
@cython.exceptval(check=False)
def class_of(a: State, vreg: uint32_t) -> uint64_t:
    if a.m.vregs[vreg].type >= VT_F32:
        return cython.cast(uint64_t, a.registers.floats) << FLOAT_REGS
    return a.registers.ints


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def hinted(a: State, piece: cython.pointer[Piece], usable: uint64_t, best_limit: uint32_t) -> uint32_t:
    """A free register that saves a move and is free for as long as any, or as the piece lives."""
    vreg: cython.pointer[Vreg] = a.m.vregs + piece.vreg
    i: cython.int
    r: uint32_t
    limit: uint32_t
    for i in range(4):
        if i == 0:
            r = a.m.vregs[vreg.goal].last_reg if vreg.goal != 0 else IN_SLOT
        elif i == 1:
            r = a.m.vregs[vreg.hint].last_reg if vreg.hint != 0 else IN_SLOT
        elif i == 2:
            r = vreg.fixed_hint
        else:
            r = vreg.last_reg
        if r >= N_REGS or usable >> r & 1 == 0:
            continue
        limit = free_until(a, r, piece.start)
        if limit >= piece.end or limit >= best_limit:
            return r
    return IN_SLOT


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def cut_at_limit(a: State, p: uint32_t, limit: uint32_t) -> cython.void:
    """The register is taken at `limit`: the piece goes on elsewhere from there.

    If it is not used between the start of the loop around and the limit, it goes before the loop: it would
    only be loaded at the end of each turn to be dropped again.
    """
    piece: cython.pointer[Piece] = a.pieces + p
    use: uint32_t = piece.use
    low: uint32_t = piece.start
    pos: uint32_t = before_loops(a, low, limit)
    if pos != limit:
        while use != 0 and a.uses[use].pos < limit:
            low = a.uses[use].pos
            use = a.uses[use].next
        pos = before_loops(a, low, limit)
    push(a, split(a, p, pos))


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def place_in_taken(a: State, p: uint32_t) -> cython.void:
    """All registers are taken: the piece, or one of those that are there, goes to its slot."""
    piece: cython.pointer[Piece] = a.pieces + p
    start: uint32_t = piece.start
    wanted: uint32_t = next_use(a, piece, USE_WANT)
    must: uint32_t = next_must(a, piece)
    need: uint32_t = next_use(a, piece, USE_LAZY)
    gap: uint32_t = need & ~cython.cast(uint32_t, 3)
    early: uint32_t
    if need == NEVER:
        keep_in_slot(a, p)
        return
    if gap > start:
        early = before_loops(a, start, gap)
        if early < gap:
            put_off(a, p, early)
            return
    if start != a.m.vregs[piece.vreg].start:
        # It is in its slot now, and stays there until it is needed.
        if wanted == NEVER:
            keep_in_slot(a, p)
            return
        gap = wanted & ~cython.cast(uint32_t, 3)
        if gap > start:
            put_off(a, p, before_loops(a, start, gap))
            return
        need = must if must >> 2 == start >> 2 else use_behind(a, piece, start)
    if take_from_other(a, p, need, must):
        return
    if must >> 2 == start >> 2:
        a.failed = 1
    elif wanted == NEVER:
        keep_in_slot(a, p)
    elif must != NEVER and must >> 2 == wanted >> 2:
        put_off(a, p, must & ~cython.cast(uint32_t, 3))
    else:
        # Its next use takes it from the slot, unless that would be in each turn of a loop.
        gap = wanted & ~cython.cast(uint32_t, 3)
        early = before_loops(a, start, gap)
        put_off(a, p, early if early < gap else gap + 4)


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def take_from_other(a: State, p: uint32_t, need: uint32_t, must: uint32_t) -> cython.bint:
    """Gives the piece the register of a value that is needed later than at `need`; of any, if it must."""
    piece: cython.pointer[Piece] = a.pieces + p
    start: uint32_t = piece.start
    forced: cython.bint = must >> 2 == start >> 2
    victim: uint32_t
    if need == NEVER:
        return False
    victim = farthest(a, piece, must if forced else need)
    if victim == IN_SLOT:
        return False
    if not forced and distance(a, a.pieces + a.active[victim], start) <= weighed(a, need, start):
        return False
    evict(a, victim, start)
    take_until(a, p, victim, free_until(a, victim, start))
    return True


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def put_off(a: State, p: uint32_t, pos: uint32_t) -> cython.void:
    """The piece is in its slot until `pos`; from there on it is looked at again."""
    keep_in_slot(a, p)
    if pos < a.pieces[p].end:
        push(a, split(a, p, pos))


@cython.cfunc
@cython.inline
@cython.nogil
@cython.exceptval(check=False)
def keep_in_slot(a: State, p: uint32_t) -> cython.void:
    a.pieces[p].reg = IN_SLOT
    a.m.vregs[a.pieces[p].vreg].spilled = 1


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def farthest(a: State, piece: cython.pointer[Piece], must: uint32_t) -> uint32_t:
    """The register whose value is needed last, among those that serve the piece's first use."""
    rest: uint64_t = class_of(a, piece.vreg) & a.taken
    best: uint32_t = IN_SLOT
    best_distance: uint32_t = 0
    far: uint32_t
    r: uint32_t
    other: cython.pointer[Piece]
    while rest != 0:
        r = ctz64_nonzero(rest)
        rest &= rest - 1
        if free_until(a, r, piece.start) <= must:
            continue
        other = a.pieces + a.active[r]
        if is_needed_at(a, other, piece.start):
            continue
        far = distance(a, other, piece.start)
        if far > best_distance:
            best = r
            best_distance = far
    return best


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def distance(a: State, piece: cython.pointer[Piece], pos: uint32_t) -> uint32_t:
    """Position of the next use; see `weighed`."""
    return weighed(a, next_use(a, piece, USE_LAZY), pos)


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def weighed(a: State, far: uint32_t, pos: uint32_t) -> uint32_t:
    """The position of a use, as seen from `pos`: one in an outer loop counts as farther."""
    if far != NEVER and block_at(a, far).depth < block_at(a, pos).depth:
        return far | cython.cast(uint32_t, 0x80000000)
    return far


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def evict(a: State, reg: uint32_t, pos: uint32_t) -> cython.void:
    """Sends the value in a register to its slot from `pos` on, until it is needed again."""
    p: uint32_t = a.active[reg]
    piece: cython.pointer[Piece] = a.pieces + p
    rest: uint32_t = p
    wanted: uint32_t
    back: uint32_t
    a.taken &= ~bit(reg)
    if piece.start < pos:
        rest = split(a, p, before_loops(a, max(piece.start, piece.passed), pos))
        if rest == 0:
            return
        # The scan is at `pos` already; what lies before is in the slot.
        advance(a, a.pieces + rest, pos)
    keep_in_slot(a, rest)
    wanted = next_use(a, a.pieces + rest, USE_WANT)
    if wanted == NEVER:
        return
    back = before_loops(a, pos + 1, wanted & ~cython.cast(uint32_t, 3))
    if back <= pos:
        # A use as a memory operand in the same instruction: take it from the slot, and look again behind it.
        back = (pos & ~cython.cast(uint32_t, 3)) + 4
        if back >= a.pieces[rest].end:
            return
    push(a, split(a, rest, back))
