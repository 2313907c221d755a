"""The working memory of one compilation; see workspace.pxd."""

import cython
from cython.cimports.libc.stdint import uint32_t, uintptr_t
from cython.cimports.libc.stdlib import calloc, free
from cython.cimports.libc.string import memcpy, memset
from cython.cimports.wasmine.ir.scalar import clz64_nonzero
from cython.cimports.wasmine.jit.workspace import MAX_PIECES, SIZE_CLASSES, Block, Piece, Workspace
from cython.cimports.wasmine.runtime.clib import (
    ATOMIC_SEQ_CST,
    MADV_DONTNEED,
    MADV_HUGEPAGE,
    MAP_ANONYMOUS,
    MAP_FAILED,
    MAP_PRIVATE,
    PROT_READ,
    PROT_WRITE,
    atomic_exchange_pointer,
    madvise,
    mmap,
    munmap,
)

Space = cython.typedef(cython.pointer[Workspace])
Blocks = cython.typedef(cython.pointer[Block])
Bytes = cython.typedef(cython.p_char)

HEADER = cython.declare(cython.const[cython.size_t], 16)
LARGE = cython.declare(cython.const[cython.size_t], 1 << 14)  # bytes of a large block, at least
UNIT = cython.declare(cython.const[cython.size_t], 1 << 10)  # they have a multiple of that
SLAB = cython.declare(cython.const[cython.size_t], 1 << 15)
MOST = cython.declare(cython.const[cython.size_t], 1 << 40)  # bytes of any block
HUGE = cython.declare(cython.const[cython.size_t], 1 << 21)  # a large page
FIRST = cython.declare(cython.const[cython.size_t], 1 << 26)  # bytes of the first piece, if there is room
LEAST = cython.declare(cython.const[cython.size_t], 1 << 18)  # ... else
KEEP_LEAST = cython.declare(cython.const[cython.size_t], 1 << 21)  # bytes that are kept between compilations
KEEP_MOST = cython.declare(cython.const[cython.size_t], 1 << 25)
KEEP_AT_REST = cython.declare(cython.const[cython.size_t], 1 << 20)  # 4 KiB pages, or none of the large ones

spare = cython.declare(cython.p_void, cython.NULL)  # a workspace that nobody uses


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def borrow_workspace() -> Space:
    """The spare one, or a new one. Nothing is locked, so that a fork may come at any time."""
    w: cython.p_void = atomic_exchange_pointer(cython.address(spare), cython.NULL, ATOMIC_SEQ_CST)
    if w == cython.NULL:
        w = calloc(1, cython.sizeof(Workspace))
    return cython.cast(Space, w)


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def return_workspace(w: Space) -> cython.void:
    """Keeps as much as was used, or a little less than was kept before, so that it shrinks in time."""
    other: cython.p_void
    if w == cython.NULL:
        return
    if w.n_pieces != 0 and w.piece != 0:
        w.used = w.pieces[0].size
    w.keep = min(max(w.used, w.keep - w.keep // 64, KEEP_LEAST), KEEP_MOST)
    empty(w, w.keep)
    other = atomic_exchange_pointer(cython.address(spare), w, ATOMIC_SEQ_CST)
    if other != cython.NULL:
        free_workspace(cython.cast(Space, other))
        free(other)


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def rest_workspaces() -> cython.void:
    w: cython.p_void = atomic_exchange_pointer(cython.address(spare), cython.NULL, ATOMIC_SEQ_CST)
    if w == cython.NULL:
        return
    cython.cast(Space, w).keep = 0
    empty(cython.cast(Space, w), KEEP_AT_REST)
    w = atomic_exchange_pointer(cython.address(spare), w, ATOMIC_SEQ_CST)
    if w != cython.NULL:
        free_workspace(cython.cast(Space, w))
        free(w)


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def free_workspace(w: Space) -> cython.void:
    empty(w, 0)


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def empty(w: Space, keep: cython.size_t) -> cython.void:
    """Takes back all blocks, and gives back all memory but so many bytes of the first piece."""
    while w.n_pieces > (1 if keep != 0 else 0):
        w.n_pieces -= 1
        munmap(w.pieces[w.n_pieces].start, w.pieces[w.n_pieces].size)
    w.touched = max(w.touched, w.used)
    if w.n_pieces == 0:
        w.touched = 0
    elif w.touched > keep:
        madvise(w.pieces[0].start + keep, w.touched - keep, MADV_DONTNEED)
        w.touched = keep
    w.piece = 0
    w.taken = 0
    w.used = 0
    w.slab_size = 0
    w.large.next = cython.NULL
    memset(cython.address(w.small[0]), 0, SIZE_CLASSES * cython.sizeof(cython.p_void))


# --- pieces


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def add_piece(w: Space, least: cython.size_t) -> cython.bint:
    """One as large as all others together, or larger; blocks are cut from it from now on."""
    piece = cython.declare(Piece)
    size: cython.size_t = 0
    i: uint32_t
    if w.n_pieces == MAX_PIECES:
        return False
    for i in range(w.n_pieces):
        size += w.pieces[i].size
    size = max(size, FIRST)
    while size < least:
        size *= 2
    piece = map_piece(size)
    while piece.start == cython.NULL and size // 2 >= max(least, LEAST):
        size //= 2
        piece = map_piece(size)
    if piece.start == cython.NULL:
        return False
    w.pieces[w.n_pieces] = piece
    w.piece = w.n_pieces
    w.n_pieces += 1
    w.taken = 0
    return True


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def map_piece(size: cython.size_t) -> Piece:
    """Asks for large pages, but for the first one's place: most functions need less."""
    piece = cython.declare(Piece)
    room: cython.size_t = size + HUGE if size > HUGE else size
    start: cython.p_void = mmap(cython.NULL, room, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0)
    before: cython.size_t
    piece.start = cython.NULL
    piece.size = size
    if start == MAP_FAILED:
        return piece
    piece.start = cython.cast(Bytes, start)
    if size > HUGE:
        before = -cython.cast(uintptr_t, start) & (HUGE - 1)
        piece.start += before
        if before != 0:
            munmap(start, before)
        if before != HUGE:
            munmap(piece.start + size, HUGE - before)
        madvise(piece.start + HUGE, size - HUGE, MADV_HUGEPAGE)
    return piece


@cython.cfunc
@cython.inline
@cython.nogil
@cython.exceptval(check=False)
def note_taken(w: Space) -> cython.void:
    if w.piece == 0:
        w.used = max(w.used, w.taken)


# --- blocks


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def take(w: Space, size: cython.size_t) -> cython.p_void:
    block: Blocks
    if size >= MOST:
        return cython.NULL
    block = take_small(w, size + HEADER) if size + HEADER <= LARGE else take_large(w, size + HEADER)
    return cython.NULL if block == cython.NULL else block + 1


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def take_zeros(w: Space, count: cython.size_t, size: cython.size_t) -> cython.p_void:
    block: cython.p_void = take(w, count * size)
    if block != cython.NULL:
        memset(block, 0, count * size)
    return block


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def resize(w: Space, block: cython.p_void, size: cython.size_t) -> cython.p_void:
    """A large block grows where it is, if there is room behind it; a copy is larger by half at least. None
    becomes smaller.
    """
    header: Blocks = cython.cast(Blocks, block) - 1
    before: cython.size_t
    moved: cython.p_void
    if block == cython.NULL:
        return take(w, size)
    before = header.size if header.size >= LARGE else size_of(header.size)
    if size + HEADER <= before:
        return block
    if size >= MOST:
        return cython.NULL
    if before > LARGE and grow(w, header, size + HEADER):
        return block
    moved = take(w, max(size, before + before // 2))
    if moved != cython.NULL:
        memcpy(moved, block, before - HEADER)
        put_back(w, block)
    return moved


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def put_back(w: Space, block: cython.p_void) -> cython.void:
    header: Blocks = cython.cast(Blocks, block) - 1
    if block == cython.NULL:
        return
    if header.size >= LARGE:
        put_back_large(w, header)
    else:
        header.next = w.small[header.size]
        w.small[header.size] = header


# --- small blocks


@cython.cfunc
@cython.inline
@cython.nogil
@cython.exceptval(check=False)
def class_of(size: cython.size_t) -> cython.size_t:
    """The first class whose blocks have so many bytes, of which there are at least 64."""
    power: uint32_t = 63 - clz64_nonzero(size)
    steps: cython.size_t = (size - (cython.cast(cython.size_t, 1) << power)) >> (power - 2)
    size_class: cython.size_t = 4 * (power - 6) + steps
    return size_class if size_of(size_class) >= size else size_class + 1


@cython.cfunc
@cython.inline
@cython.nogil
@cython.exceptval(check=False)
def size_of(size_class: cython.size_t) -> cython.size_t:
    return (4 + (size_class & 3)) << (4 + size_class // 4)


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def take_small(w: Space, size: cython.size_t) -> Blocks:
    size_class: cython.size_t = class_of(max(size, 64))
    block: Blocks = w.small[size_class]
    if block != cython.NULL:
        w.small[size_class] = block.next
        return block
    size = size_of(size_class)
    if w.slab_size < size:
        block = take_large(w, SLAB)
        if block == cython.NULL:
            return block
        w.slab = cython.cast(Bytes, block)
        w.slab_size = block.size
    block = cython.cast(Blocks, w.slab)
    w.slab += size
    w.slab_size -= size
    block.size = size_class
    return block


# --- large blocks


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def take_large(w: Space, size: cython.size_t) -> Blocks:
    """The start of the first free space, by address, where it fits; else what has not been taken yet."""
    link: Blocks = cython.address(w.large)
    block: Blocks
    size = (size + UNIT - 1) & ~(UNIT - 1)
    while link.next != cython.NULL and link.next.size < size:
        link = link.next
    block = link.next
    if block != cython.NULL:
        cut(link, size)
        return block
    while w.piece >= w.n_pieces or w.pieces[w.piece].size - w.taken < size:
        if not next_piece(w, size):
            return cython.NULL
    block = cython.cast(Blocks, w.pieces[w.piece].start + w.taken)
    w.taken += size
    note_taken(w)
    block.size = size
    return block


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def cut(link: Blocks, size: cython.size_t) -> cython.void:
    """Takes so many bytes off the free space behind a link, or all of it when hardly more is there."""
    block: Blocks = link.next
    rest: Blocks = cython.cast(Blocks, cython.cast(Bytes, block) + size)
    if block.size - size < LARGE + UNIT:
        link.next = block.next
        return
    rest.size = block.size - size
    rest.next = block.next
    link.next = rest
    block.size = size


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def next_piece(w: Space, least: cython.size_t) -> cython.bint:
    """Goes on to the next piece; what is left of this one is free space."""
    rest: Blocks = cython.NULL
    if w.piece < w.n_pieces and w.pieces[w.piece].size - w.taken > LARGE:
        rest = cython.cast(Blocks, w.pieces[w.piece].start + w.taken)
        rest.size = w.pieces[w.piece].size - w.taken
    if w.piece + 1 < w.n_pieces:
        w.piece += 1
        w.taken = 0
    elif not add_piece(w, least):
        return False
    if rest != cython.NULL:
        put_back_large(w, rest)
    return True


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def put_back_large(w: Space, block: Blocks) -> cython.void:
    """Joins it with what is free before and behind it, and with what has not been taken."""
    piece: cython.pointer[Piece] = w.pieces + w.piece
    link: Blocks = cython.address(w.large)
    before: Blocks = link
    while link.next != cython.NULL and link.next < block:
        before = link
        link = link.next
    block.next = link.next
    if end_of(block) == cython.cast(Bytes, block.next):
        block.size += block.next.size
        block.next = block.next.next
    if link != cython.address(w.large) and end_of(link) == cython.cast(Bytes, block):
        link.size += block.size
        link.next = block.next
        block = link
        link = before
    link.next = block
    if end_of(block) == piece.start + w.taken and block.size <= w.taken:
        w.taken -= block.size
        link.next = block.next


@cython.cfunc
@cython.inline
@cython.nogil
@cython.exceptval(check=False)
def end_of(block: Blocks) -> Bytes:
    return cython.cast(Bytes, block) + block.size


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def grow(w: Space, block: Blocks, size: cython.size_t) -> cython.bint:
    """Makes a large block larger, into what is free behind it."""
    link: Blocks = cython.address(w.large)
    behind: Blocks
    more: cython.size_t
    size = (size + UNIT - 1) & ~(UNIT - 1)
    more = size - block.size
    if w.pieces[w.piece].start + w.taken == end_of(block):
        if w.pieces[w.piece].size - w.taken < more:
            return False
        w.taken += more
        note_taken(w)
        block.size = size
        return True
    while link.next != cython.NULL and cython.cast(Bytes, link.next) < end_of(block):
        link = link.next
    if cython.cast(Bytes, link.next) != end_of(block) or link.next.size < more:
        return False
    behind = link.next
    cut(link, more)
    block.size += behind.size
    return True
