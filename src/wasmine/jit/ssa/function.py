"""Functions in SSA form: their records. See function.pxd."""

import cython
from cython.cimports.libc.stdint import uint32_t, uint64_t
from cython.cimports.libc.string import memset
from cython.cimports.wasmine.jit.ssa import ops as o
from cython.cimports.wasmine.jit.workspace import Workspace, put_back, resize, take, take_zeros

Func = cython.typedef(cython.pointer[SsaFunc])
Words = cython.typedef(cython.pointer[uint32_t])

# Records of any kind; more is refused, which bounds what a hostile module can make the compiler hold.
MAX_RECORDS = cython.declare(uint32_t, 0x3FFFFFF)


# --- records


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def grown(f: Func, array: cython.p_void, needed: uint64_t, capacity: Words, size: uint64_t) -> cython.p_void:
    """The array with room for `needed` records of `size` bytes, which it keeps when there is none."""
    new: uint64_t = capacity[0] * cython.cast(uint64_t, 2)
    moved: cython.p_void
    if new < needed:
        new = needed
    if new < 64:
        new = 64
    moved = resize(f.work, array, new * size) if needed <= MAX_RECORDS else cython.NULL
    if moved == cython.NULL:
        f.failed = 1
        return array
    capacity[0] = cython.cast(uint32_t, new)
    return moved


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def init_func(f: Func, work: cython.pointer[Workspace]) -> cython.void:
    memset(f, 0, cython.sizeof(SsaFunc))
    f.work = work
    # Records 0 are zero and never in use; the first one of each kind must exist whatever happens.
    f.insts = cython.cast(cython.pointer[Inst], take_zeros(f.work, 64, cython.sizeof(Inst)))
    f.blocks = cython.cast(cython.pointer[Block], take_zeros(f.work, 16, cython.sizeof(Block)))
    f.edges = cython.cast(cython.pointer[Edge], take_zeros(f.work, 16, cython.sizeof(Edge)))
    f.pool = cython.cast(Words, take_zeros(f.work, 64, cython.sizeof(uint32_t)))
    f.sites = cython.cast(cython.pointer[Site], take_zeros(f.work, 4, cython.sizeof(Site)))
    f.consts = cython.cast(Words, take_zeros(f.work, 64, cython.sizeof(uint32_t)))
    f.failed = (
        f.insts == cython.NULL
        or f.blocks == cython.NULL
        or f.edges == cython.NULL
        or f.pool == cython.NULL
        or f.sites == cython.NULL
        or f.consts == cython.NULL
    )
    f.max_insts = f.max_pool = f.max_consts = 64
    f.max_blocks = f.max_edges = 16
    f.max_sites = 4
    f.n_insts = f.n_blocks = f.n_edges = f.n_sites = 1
    # Record 0 of an instruction has room for its operands; nothing else is written through place 0.
    f.n_pool = 4


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def reserve(f: Func, insts: uint32_t, blocks: uint32_t) -> cython.void:
    """See function.pxd."""
    n: cython.pointer[uint32_t] = cython.address(f.max_insts)
    if insts > n[0]:
        f.insts = cython.cast(cython.pointer[Inst], grown(f, f.insts, insts, n, cython.sizeof(Inst)))
    n = cython.address(f.max_blocks)
    if blocks > n[0]:
        f.blocks = cython.cast(cython.pointer[Block], grown(f, f.blocks, blocks, n, cython.sizeof(Block)))
    n = cython.address(f.max_edges)
    if 2 * blocks > n[0]:
        f.edges = cython.cast(cython.pointer[Edge], grown(f, f.edges, 2 * blocks, n, cython.sizeof(Edge)))
    n = cython.address(f.max_pool)
    if insts > n[0]:
        f.pool = cython.cast(Words, grown(f, f.pool, insts, n, cython.sizeof(uint32_t)))


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def free_func(f: Func) -> cython.void:
    put_back(f.work, f.insts)
    put_back(f.work, f.blocks)
    put_back(f.work, f.edges)
    put_back(f.work, f.pool)
    put_back(f.work, f.sites)
    put_back(f.work, f.consts)
    put_back(f.work, f.order)
    put_back(f.work, f.preds)
    memset(f, 0, cython.sizeof(SsaFunc))


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def new_inst(f: Func, op: uint32_t, type: uint32_t) -> uint32_t:
    n: uint32_t = f.n_insts
    inst: cython.pointer[Inst]
    if n == f.max_insts:
        f.insts = cython.cast(
            cython.pointer[Inst],
            grown(f, f.insts, n + 1, cython.address(f.max_insts), cython.sizeof(Inst)),
        )
        if n == f.max_insts:
            return 0
    inst = f.insts + n
    memset(inst, 0, cython.sizeof(Inst))
    inst.op = op
    inst.type = type
    f.n_insts = n + 1
    return n


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def new_block(f: Func) -> uint32_t:
    n: uint32_t = f.n_blocks
    if n == f.max_blocks:
        f.blocks = cython.cast(
            cython.pointer[Block],
            grown(f, f.blocks, n + 1, cython.address(f.max_blocks), cython.sizeof(Block)),
        )
        if n == f.max_blocks:
            return 0
    memset(f.blocks + n, 0, cython.sizeof(Block))
    f.n_blocks = n + 1
    return n


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def new_edges(f: Func, source: uint32_t, n: uint32_t) -> uint32_t:
    first: uint32_t = f.n_edges
    i: uint32_t
    if cython.cast(uint64_t, first) + n > f.max_edges:
        f.edges = cython.cast(
            cython.pointer[Edge],
            grown(
                f,
                f.edges,
                cython.cast(uint64_t, first) + n,
                cython.address(f.max_edges),
                cython.sizeof(Edge),
            ),
        )
        if cython.cast(uint64_t, first) + n > f.max_edges:
            return 0
    memset(f.edges + first, 0, n * cython.sizeof(Edge))
    for i in range(first, first + n):
        f.edges[i].source = source
    f.moved = 1
    f.blocks[source].first_edge = first
    f.blocks[source].n_succs = n
    f.n_edges = first + n
    return first


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def take_pool(f: Func, n: uint32_t) -> uint32_t:
    first: uint32_t = f.n_pool
    end: uint64_t = cython.cast(uint64_t, first) + n
    if end > f.max_pool:
        f.pool = cython.cast(
            Words, grown(f, f.pool, end, cython.address(f.max_pool), cython.sizeof(uint32_t))
        )
        if end > f.max_pool:
            return 0
    f.n_pool = cython.cast(uint32_t, end)
    return first


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def set_arg_count(f: Func, inst: uint32_t, n: uint32_t) -> cython.void:
    record: cython.pointer[Inst]
    place: uint32_t = 0
    if n > 3:
        place = take_pool(f, n)
        if place == 0:
            return
        memset(f.pool + place, 0, n * cython.sizeof(uint32_t))
    record = f.insts + inst
    record.n_args = n
    record.args[0] = place
    record.args[1] = 0
    record.args[2] = 0


# --- constants


@cython.cfunc
@cython.inline
@cython.nogil
@cython.exceptval(check=False)
def hash_bits(type: uint32_t, low: uint64_t, high: uint64_t) -> uint32_t:
    """A hash of a constant."""
    h: uint64_t = (low ^ (high + type) * cython.cast(uint64_t, 0x9E3779B97F4A7C15)) * cython.cast(
        uint64_t, 0xFF51AFD7ED558CCD
    )
    return cython.cast(uint32_t, h >> 32)


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def high_bits(f: Func, inst: cython.pointer[Inst]) -> uint64_t:
    """The upper half of a v128.const."""
    words: Words = f.pool + inst.imm
    return words[2] | cython.cast(uint64_t, words[3]) << 32


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def low_bits(f: Func, inst: cython.pointer[Inst]) -> uint64_t:
    """The bits of a constant, the lower half of a v128.const."""
    words: Words
    if inst.type != TYPE_V128:
        return inst.imm
    words = f.pool + inst.imm
    return words[0] | cython.cast(uint64_t, words[1]) << 32


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def rehash_consts(f: Func) -> cython.bint:
    """Doubles the table of constants."""
    size: uint32_t = 2 * f.max_consts
    table: Words = cython.cast(Words, take_zeros(f.work, size, cython.sizeof(uint32_t)))
    i: uint32_t
    id: uint32_t
    at: uint32_t
    inst: cython.pointer[Inst]
    if table == cython.NULL:
        f.failed = 1
        return False
    for i in range(f.max_consts):
        id = f.consts[i]
        if id == 0:
            continue
        inst = f.insts + id
        at = hash_bits(inst.type, low_bits(f, inst), high_bits(f, inst) if inst.type == TYPE_V128 else 0)
        at &= size - 1
        while table[at] != 0:
            at = (at + 1) & (size - 1)
        table[at] = id
    put_back(f.work, f.consts)
    f.consts = table
    f.max_consts = size
    return True


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def intern(f: Func, type: uint32_t, low: uint64_t, high: uint64_t) -> uint32_t:
    """The one constant with that type and those bits."""
    at: uint32_t
    id: uint32_t
    place: uint32_t
    inst: cython.pointer[Inst]
    if f.failed or (2 * f.n_consts >= f.max_consts and not rehash_consts(f)):
        return 0
    at = hash_bits(type, low, high) & (f.max_consts - 1)
    while f.consts[at] != 0:
        inst = f.insts + f.consts[at]
        if (
            inst.type == type
            and low_bits(f, inst) == low
            and (type != TYPE_V128 or high_bits(f, inst) == high)
        ):
            return f.consts[at]
        at = (at + 1) & (f.max_consts - 1)
    id = new_inst(f, o.V128_CONST if type == TYPE_V128 else o.CONST, type)
    if type == TYPE_V128:
        place = take_pool(f, 4)
        if place != 0:
            f.pool[place] = cython.cast(uint32_t, low)
            f.pool[place + 1] = cython.cast(uint32_t, low >> 32)
            f.pool[place + 2] = cython.cast(uint32_t, high)
            f.pool[place + 3] = cython.cast(uint32_t, high >> 32)
        low = place
    f.insts[id].imm = low
    f.consts[at] = id
    f.n_consts += 1
    return id


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def const_of(f: Func, type: uint32_t, bits: uint64_t) -> uint32_t:
    if type == TYPE_I32 or type == TYPE_F32:
        bits = cython.cast(uint32_t, bits)
    return intern(f, type, bits, 0)


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def const128_of(f: Func, low: uint64_t, high: uint64_t) -> uint32_t:
    return intern(f, TYPE_V128, low, high)


# --- places


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def append_inst(f: Func, block: uint32_t, inst: uint32_t) -> cython.void:
    home: cython.pointer[Block] = f.blocks + block
    record: cython.pointer[Inst] = f.insts + inst
    record.block = block
    record.prev = home.last
    record.next = 0
    if home.last != 0:
        f.insts[home.last].next = inst
    else:
        home.first = inst
    home.last = inst


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def insert_before(f: Func, inst: uint32_t, where: uint32_t) -> cython.void:
    block: uint32_t = f.insts[where].block
    before: uint32_t = f.insts[where].prev
    f.insts[inst].block = block
    f.insts[inst].prev = before
    f.insts[inst].next = where
    f.insts[where].prev = inst
    if before != 0:
        f.insts[before].next = inst
    else:
        f.blocks[block].first = inst


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def insert_after(f: Func, inst: uint32_t, where: uint32_t) -> cython.void:
    following: uint32_t = f.insts[where].next
    if following != 0:
        insert_before(f, inst, following)
    else:
        append_inst(f, f.insts[where].block, inst)


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def unlink_inst(f: Func, inst: uint32_t) -> cython.void:
    record: cython.pointer[Inst] = f.insts + inst
    home: cython.pointer[Block] = f.blocks + record.block
    if record.prev != 0:
        f.insts[record.prev].next = record.next
    elif record.op == o.PARAM:
        home.first_param = record.next
    else:
        home.first = record.next
    if record.next != 0:
        f.insts[record.next].prev = record.prev
    elif record.op == o.PARAM:
        home.last_param = record.prev
    else:
        home.last = record.prev
    record.block = 0
    record.prev = 0
    record.next = 0


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def append_param(f: Func, block: uint32_t, type: uint32_t) -> uint32_t:
    id: uint32_t = new_inst(f, o.PARAM, type)
    home: cython.pointer[Block] = f.blocks + block
    record: cython.pointer[Inst] = f.insts + id
    if id == 0:
        return 0
    record.block = block
    record.imm = home.n_params
    record.prev = home.last_param
    if home.last_param != 0:
        f.insts[home.last_param].next = id
    else:
        home.first_param = id
    home.last_param = id
    home.n_params += 1
    return id


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def new_alias(f: Func) -> Words:
    alias: Words = cython.cast(Words, take(f.work, f.n_insts * cython.sizeof(uint32_t)))
    i: uint32_t
    if alias == cython.NULL:
        f.failed = 1
        return alias
    for i in range(f.n_insts):
        alias[i] = i
    alias[0] = f.n_insts
    return alias
