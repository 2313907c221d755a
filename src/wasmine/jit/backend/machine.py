"""Storage for machine code whose registers are not assigned yet; see machine.pxd."""

import cython
from cython.cimports.libc.stdint import uint32_t, uint64_t
from cython.cimports.libc.string import memset
from cython.cimports.wasmine.jit.backend.machine import (
    IN_SLOT,
    MachBlock,
    MachFunc,
    MachInst,
    Move,
    Operand,
    Vreg,
)
from cython.cimports.wasmine.jit.workspace import Workspace, resize

Func = cython.typedef(cython.pointer[MachFunc])
Words = cython.typedef(cython.pointer[uint32_t])

# Records of any kind: bounds what a hostile module can make the compiler hold.
MAX_RECORDS = cython.declare(uint32_t, 0x3FFFFFF)


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def grown(m: Func, array: cython.p_void, needed: uint64_t, capacity: Words, size: uint64_t) -> cython.p_void:
    """The array with room for `needed` records of `size` bytes; unchanged, `failed` set, if there is none."""
    new: uint64_t
    moved: cython.p_void
    if needed <= capacity[0]:
        return array
    new = 2 * cython.cast(uint64_t, capacity[0])
    if new < needed:
        new = needed
    if new < 64:
        new = 64
    moved = resize(m.work, array, new * size) if needed <= MAX_RECORDS else cython.NULL
    if moved == cython.NULL:
        m.failed = 1
        return array
    capacity[0] = cython.cast(uint32_t, new)
    return moved


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def init_machine(m: Func, work: cython.pointer[Workspace]) -> cython.void:
    memset(m, 0, cython.sizeof(MachFunc))
    m.work = work
    # Records 0 take what is written when memory is exhausted.
    new_machine_inst(m, 0)
    add_operand(m, m.insts, 0, 0, 0, 0, 0)
    new_vreg(m, 0)
    add_move(m, 0, 0, 0)
    take_words(m, 4)
    if not m.failed:
        m.n_insts = 0
        m.n_operands = 0


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def reserve_machine(m: Func, n: uint32_t, blocks: uint32_t) -> cython.void:
    """See machine.pxd."""
    m.blocks = cython.cast(
        cython.pointer[MachBlock],
        grown(m, m.blocks, blocks, cython.address(m.max_blocks), cython.sizeof(MachBlock)),
    )
    m.insts = cython.cast(
        cython.pointer[MachInst],
        grown(m, m.insts, n, cython.address(m.max_insts), cython.sizeof(MachInst)),
    )
    m.operands = cython.cast(
        cython.pointer[Operand],
        grown(m, m.operands, 2 * n, cython.address(m.max_operands), cython.sizeof(Operand)),
    )
    m.vregs = cython.cast(
        cython.pointer[Vreg], grown(m, m.vregs, n, cython.address(m.max_vregs), cython.sizeof(Vreg))
    )


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def new_vreg(m: Func, type: uint32_t) -> uint32_t:
    n: uint32_t = m.n_vregs
    m.vregs = cython.cast(
        cython.pointer[Vreg], grown(m, m.vregs, n + 1, cython.address(m.max_vregs), cython.sizeof(Vreg))
    )
    if n >= m.max_vregs:
        return 0
    memset(m.vregs + n, 0, cython.sizeof(Vreg))
    m.vregs[n].type = type
    m.vregs[n].fixed_hint = IN_SLOT
    m.vregs[n].last_reg = IN_SLOT
    m.n_vregs = n + 1
    return n


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def new_machine_inst(m: Func, op: uint32_t) -> cython.pointer[MachInst]:
    n: uint32_t = m.n_insts
    inst: cython.pointer[MachInst]
    m.insts = cython.cast(
        cython.pointer[MachInst],
        grown(m, m.insts, n + 1, cython.address(m.max_insts), cython.sizeof(MachInst)),
    )
    if n >= m.max_insts:
        return m.insts
    inst = m.insts + n
    memset(inst, 0, cython.sizeof(MachInst))
    inst.op = op
    inst.operands = m.n_operands
    m.n_insts = n + 1
    return inst


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def add_operand(
    m: Func,
    inst: cython.pointer[MachInst],
    vreg: uint32_t,
    kind: uint32_t,
    where: uint32_t,
    preg: uint32_t,
    role: uint32_t,
) -> cython.void:
    n: uint32_t = m.n_operands
    operand: cython.pointer[Operand]
    m.operands = cython.cast(
        cython.pointer[Operand],
        grown(m, m.operands, n + 1, cython.address(m.max_operands), cython.sizeof(Operand)),
    )
    if n >= m.max_operands or inst == cython.NULL:
        return
    operand = m.operands + n
    operand.vreg = vreg
    operand.kind = kind
    operand.where = where
    operand.preg = preg
    operand.role = role
    inst.n_operands += 1
    m.n_operands = n + 1


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def new_machine_block(m: Func) -> uint32_t:
    n: uint32_t = m.n_blocks
    m.blocks = cython.cast(
        cython.pointer[MachBlock],
        grown(m, m.blocks, n + 1, cython.address(m.max_blocks), cython.sizeof(MachBlock)),
    )
    if n >= m.max_blocks:
        return 0
    memset(m.blocks + n, 0, cython.sizeof(MachBlock))
    m.n_blocks = n + 1
    return n


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def take_words(m: Func, n: uint32_t) -> uint32_t:
    place: uint32_t = m.n_pool
    m.pool = cython.cast(
        Words,
        grown(
            m,
            m.pool,
            cython.cast(uint64_t, place) + n,
            cython.address(m.max_pool),
            cython.sizeof(uint32_t),
        ),
    )
    if cython.cast(uint64_t, place) + n > m.max_pool:
        return 0
    memset(m.pool + place, 0, n * cython.sizeof(uint32_t))
    m.n_pool = place + n
    return place


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def take_vector(m: Func, low: uint64_t, high: uint64_t) -> uint32_t:
    place: uint32_t = take_words(m, 4)
    if not m.failed:
        m.pool[place] = cython.cast(uint32_t, low)
        m.pool[place + 1] = cython.cast(uint32_t, low >> 32)
        m.pool[place + 2] = cython.cast(uint32_t, high)
        m.pool[place + 3] = cython.cast(uint32_t, high >> 32)
    return place


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def add_move(m: Func, src: uint32_t, dst: uint32_t, type: uint32_t) -> uint32_t:
    n: uint32_t = m.n_moves
    m.moves = cython.cast(
        cython.pointer[Move], grown(m, m.moves, n + 1, cython.address(m.max_moves), cython.sizeof(Move))
    )
    if n >= m.max_moves:
        return 0
    memset(m.moves + n, 0, cython.sizeof(Move))
    m.moves[n].src = src
    m.moves[n].dst = dst
    m.moves[n].type = type
    m.n_moves = n + 1
    return n
