"""From machine instructions with registers to bytes: what is the same on all machines; see emit.pxd."""

import cython
from cython.cimports.libc.stdint import int32_t, uint32_t, uint64_t
from cython.cimports.libc.string import memset
from cython.cimports.wasmine.jit.backend import pseudo as p
from cython.cimports.wasmine.jit.backend.codebuffer import CodeBuffer, emit_u32
from cython.cimports.wasmine.jit.backend.cold import emit_stubs
from cython.cimports.wasmine.jit.backend.emit import (
    NO_DETAIL,
    UNPLACED,
    Constant,
    Emit,
    EmitterOf,
    Fixup,
    Stub,
)
from cython.cimports.wasmine.jit.backend.lines import emit_in_lines
from cython.cimports.wasmine.jit.backend.machine import (
    IN_SLOT,
    INST_CALL,
    INST_FAULTS,
    SLOT,
    VT_I32,
    MachBlock,
    MachFunc,
    MachInst,
    Move,
    Operand,
)
from cython.cimports.wasmine.jit.backend.rotation import rotate_loops
from cython.cimports.wasmine.jit.backend.target import Links
from cython.cimports.wasmine.jit.codemap import NOTE_CALL, NOTE_FAULT, Notes, add_landing, add_note
from cython.cimports.wasmine.jit.workspace import put_back, resize, take

Emitting = cython.typedef(cython.pointer[Emit])
Made = cython.typedef(cython.pointer[cython.const[MachInst]])
Words = cython.typedef(cython.pointer[uint32_t])

# Constants that are looked at for an equal one.
REACH = cython.declare(cython.const[uint32_t], 16)


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def emit_function(
    machine: cython.pointer[cython.const[EmitterOf]],
    code: cython.pointer[CodeBuffer],
    m: cython.pointer[MachFunc],
    links: cython.pointer[cython.const[Links]],
    notes: cython.pointer[Notes],
) -> cython.bint:
    e = cython.declare(Emit)
    memset(cython.address(e), 0, cython.sizeof(Emit))
    e.machine = machine
    e.code = code
    e.m = m
    e.links = links
    e.notes = notes
    e.frame = notes.frame = machine.frame_size(m)
    e.offsets = cython.cast(
        Words, take(e.m.work, 2 * cython.cast(cython.size_t, m.n_blocks) * cython.sizeof(uint32_t))
    )
    if e.offsets == cython.NULL:
        return False
    e.ends = e.offsets + m.n_blocks
    find_ends(cython.address(e))
    emit_all(cython.address(e))
    while e.out_of_reach and e.far < 2:
        e.far += 1
        emit_all(cython.address(e))
    put_back(e.m.work, e.offsets)
    put_back(e.m.work, e.stubs)
    put_back(e.m.work, e.jumps)
    put_back(e.m.work, e.loads)
    put_back(e.m.work, e.constants)
    put_back(e.m.work, e.tables)
    return not e.failed and not e.out_of_reach and not code.failed and not notes.failed


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def emit_all(e: Emitting) -> cython.void:
    b: uint32_t
    e.code.size = 0
    e.notes.n_notes = e.notes.n_landings = 0
    e.n_stubs = e.n_jumps = e.n_loads = e.n_constants = e.n_tables = 0
    e.out_of_reach = 0
    e.at = cython.NULL
    for b in range(e.m.n_blocks):
        e.offsets[b] = UNPLACED
    e.machine.prologue(e)
    emit_blocks(e)
    emit_stubs(e)
    e.machine.data(e)
    place_landings(e)


# --- blocks


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def goes_to(e: Emitting, b: uint32_t) -> uint32_t:
    """Where control ends up that goes to a block, past those that only jump on."""
    return e.ends[b]


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def find_ends(e: Emitting) -> cython.void:
    """Fills in `goes_to`: follows each chain of such blocks once.

    One in a circle of them stands for itself.
    """
    m: cython.pointer[MachFunc] = e.m
    b: uint32_t
    at: uint32_t
    end: uint32_t
    next: uint32_t
    for b in range(m.n_blocks):
        e.ends[b] = UNPLACED
    for b in range(m.n_blocks):
        at = b
        while e.ends[at] == UNPLACED:
            e.ends[at] = at
            if at == 0 or not only_jumps(e, at):
                break
            at = m.insts[m.blocks[at].end - 1].label
        end = e.ends[at]
        at = b
        while e.ends[at] == at and at != end:
            next = m.insts[m.blocks[at].end - 1].label
            e.ends[at] = end
            at = next


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def only_jumps(e: Emitting, b: uint32_t) -> cython.bint:
    block: cython.pointer[MachBlock] = e.m.blocks + b
    return (
        block.end - block.first == 2
        and e.m.insts[block.end - 1].op == p.P_JUMP
        and block.n_moves_in == 0
        and block.n_moves_out == 0
        and e.m.insts[block.end - 1].n_moves == 0
        and e.m.insts[block.end - 1].label != b
    )


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def emit_blocks(e: Emitting) -> cython.void:
    """Usual blocks first, with the tests of loops at their ends. One that only jumps is left out, unless a
    circle of such leads back to it.
    """
    m: cython.pointer[MachFunc] = e.m
    order: Words = cython.cast(Words, take(e.m.work, (m.n_blocks + 1) * cython.sizeof(uint32_t)))
    n: uint32_t = 0
    b: uint32_t
    i: uint32_t
    cold: uint32_t
    if order == cython.NULL:
        e.failed = 1
        return
    for cold in range(2):
        for b in range(m.n_blocks):
            if (m.blocks[b].cold != 0 and b != 0) == cold and goes_to(e, b) == b:
                order[n] = b
                n += 1
        if not cold:
            rotate_loops(e, order, n)
    i = 0
    while i < n:
        i = emit_in_lines(e, order, i, n)
    put_back(e.m.work, order)
    for i in range(e.n_jumps):
        e.machine.patch(e, e.jumps[i].at, e.offsets[goes_to(e, e.jumps[i].target)])


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def emit_block(e: Emitting, b: uint32_t) -> cython.void:
    m: cython.pointer[MachFunc] = e.m
    block: cython.pointer[MachBlock] = m.blocks + b
    n: uint32_t
    e.offsets[b] = e.code.size
    emit_moves(e, block.moves_in, block.n_moves_in)
    for n in range(block.first, block.end):
        emit_moves(e, m.insts[n].moves, m.insts[n].n_moves)
        if n == block.end - 1:
            emit_moves(e, block.moves_out, block.n_moves_out)
        e.at = m.insts + n
        if e.at.flags & INST_FAULTS:
            add_note(e.notes, e.code.size + 1, e.at.pos, e.at.site, NOTE_FAULT)
        e.machine.inst(e, e.at)


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def emit_moves(e: Emitting, first: uint32_t, count: uint32_t) -> cython.void:
    end: uint32_t = first + count
    move: cython.pointer[Move]
    while first < end:
        move = e.m.moves + first
        first += 1
        if e.machine.pair != cython.NULL and first < end and e.machine.pair(e, move, move + 1):
            first += 1
        else:
            e.machine.move(e, move.src, move.dst, move.type, move.no_scratch)


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def add_jump(e: Emitting, at: uint32_t, target: uint32_t) -> cython.void:
    e.jumps = cython.cast(
        cython.pointer[Fixup],
        room(e, e.jumps, e.n_jumps, cython.address(e.max_jumps), cython.sizeof(Fixup)),
    )
    if not e.failed:
        e.jumps[e.n_jumps].at = at
        e.jumps[e.n_jumps].target = target
        e.n_jumps += 1


# --- operands


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def location_of(e: Emitting, inst: Made, k: uint32_t) -> uint32_t:
    operand: cython.pointer[Operand] = e.m.operands + inst.operands + k
    return SLOT + e.m.vregs[operand.vreg].slot if operand.preg == IN_SLOT else operand.preg


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def slot_disp(e: Emitting, location: uint32_t) -> int32_t:
    return cython.cast(int32_t, e.m.outgoing + 8 * (location - SLOT))


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def constant_bits(inst: Made) -> uint64_t:
    bits: uint64_t = cython.cast(uint64_t, inst.imm)
    return bits & cython.cast(uint64_t, 0xFFFFFFFF) if inst.scale == VT_I32 else bits


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def low_half(e: Emitting, inst: Made) -> uint64_t:
    """Of the 16 bytes in the pool at aux."""
    words: Words = e.m.pool + inst.aux
    return words[0] | cython.cast(uint64_t, words[1]) << 32


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def high_half(e: Emitting, inst: Made) -> uint64_t:
    words: Words = e.m.pool + inst.aux
    return words[2] | cython.cast(uint64_t, words[3]) << 32


# --- what stands out of line, or behind the code


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def room(
    e: Emitting, array: cython.p_void, used: uint32_t, capacity: Words, size: cython.size_t
) -> cython.p_void:
    """The array with room for one more record."""
    new: uint64_t
    moved: cython.p_void
    if used < capacity[0]:
        return array
    new = 2 * cython.cast(uint64_t, capacity[0]) + 16
    moved = resize(e.m.work, array, new * size)
    if moved == cython.NULL:
        e.failed = 1
        return array
    capacity[0] = cython.cast(uint32_t, new)
    return moved


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def add_stub(e: Emitting, kind: uint32_t, at: uint32_t) -> cython.pointer[Stub]:
    """It comes back behind the jump unless who asks for it says otherwise."""
    stub: cython.pointer[Stub]
    e.stubs = cython.cast(
        cython.pointer[Stub],
        room(e, e.stubs, e.n_stubs, cython.address(e.max_stubs), cython.sizeof(Stub)),
    )
    if e.failed:
        return cython.NULL
    stub = e.stubs + e.n_stubs
    e.n_stubs += 1
    stub.kind = kind
    stub.from_ = at
    stub.back = e.code.size
    stub.trap = 0
    stub.detail = NO_DETAIL
    stub.type_id = 0
    stub.pos = e.at.pos if e.at != cython.NULL else 0
    stub.site = e.at.site if e.at != cython.NULL else 0
    stub.handlers = e.at.label if e.at != cython.NULL and e.at.flags & INST_CALL else 0
    return stub


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def constant_of(e: Emitting, low: uint64_t, high: uint64_t) -> uint32_t:
    n: uint32_t = e.n_constants
    i: uint32_t
    for i in range(n - REACH if n > REACH else 0, n):
        if e.constants[i].low == low and e.constants[i].high == high:
            return i
    e.constants = cython.cast(
        cython.pointer[Constant],
        room(e, e.constants, n, cython.address(e.max_constants), cython.sizeof(Constant)),
    )
    if e.failed:
        return 0
    e.constants[n].low = low
    e.constants[n].high = high
    e.n_constants += 1
    return n


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def add_load(e: Emitting, at: uint32_t, constant: uint32_t, tail: uint32_t) -> cython.void:
    e.loads = cython.cast(
        cython.pointer[Fixup],
        room(e, e.loads, e.n_loads, cython.address(e.max_loads), cython.sizeof(Fixup)),
    )
    if e.failed:
        return
    e.loads[e.n_loads].at = at
    e.loads[e.n_loads].target = constant
    e.loads[e.n_loads].tail = tail
    e.n_loads += 1


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def emit_constants(e: Emitting) -> uint32_t:
    start: uint32_t = e.code.size
    i: uint32_t
    for i in range(e.n_constants):
        emit_u32(e.code, cython.cast(uint32_t, e.constants[i].low))
        emit_u32(e.code, cython.cast(uint32_t, e.constants[i].low >> 32))
        emit_u32(e.code, cython.cast(uint32_t, e.constants[i].high))
        emit_u32(e.code, cython.cast(uint32_t, e.constants[i].high >> 32))
    return start


# --- calls


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def adapter(e: Emitting, type_id: uint32_t) -> uint64_t:
    found: cython.p_void = e.links.adapter_of(e.links.module, type_id)
    if found == cython.NULL:
        e.failed = 1
    return cython.cast(uint64_t, cython.cast(cython.size_t, found))


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def note_call(e: Emitting) -> cython.void:
    """See emit.pxd."""
    add_note(e.notes, e.code.size, e.at.pos, e.at.site, NOTE_CALL)
    if e.at.flags & INST_CALL:
        add_landings(e, e.at.label)


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def add_landings(e: Emitting, handlers: uint32_t) -> cython.void:
    """Where exceptions go from the call just emitted: to blocks, until these are placed."""
    list: Words = e.m.pool + handlers
    i: uint32_t
    if handlers != 0:
        for i in range(list[0]):
            add_landing(e.notes, e.code.size, list[3 * i + 1], list[3 * i + 2], list[3 * i + 3])


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def place_landings(e: Emitting) -> cython.void:
    i: uint32_t
    for i in range(e.notes.n_landings):
        e.notes.landings[i].target = e.offsets[goes_to(e, e.notes.landings[i].target)]
