"""Jumps between blocks and inside a sequence: distances, short and long, and tables of them."""

import cython
from cython.cimports.libc.stdint import int32_t, uint8_t, uint32_t
from cython.cimports.libc.string import memcpy
from cython.cimports.wasmine.jit.backend.codebuffer import emit_u8, emit_u32
from cython.cimports.wasmine.jit.backend.emit import ALWAYS, UNPLACED, Emit, Fixup, add_jump, goes_to, room
from cython.cimports.wasmine.jit.backend.machine import MachInst
from cython.cimports.wasmine.jit.x64 import ops as x
from cython.cimports.wasmine.jit.x64.convention import SCRATCH
from cython.cimports.wasmine.jit.x64.encode import NO_REG, RIP, Address, emit_rmem, emit_rr
from cython.cimports.wasmine.jit.x64.lower import CC_AE, CC_EQ_F, CC_NE, CC_NE_F, CC_P
from cython.cimports.wasmine.jit.x64.operands import operand_reg

Emitting = cython.typedef(cython.pointer[Emit])
Made = cython.typedef(cython.pointer[cython.const[MachInst]])
Words = cython.typedef(cython.pointer[uint32_t])


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def emit_jump(e: Emitting, cc: uint32_t, target: uint32_t) -> cython.void:
    """A jump to a block; none where control falls into it anyway."""
    distance: int32_t
    target = goes_to(e, target)
    if cc == ALWAYS and target == e.next:
        return
    if e.offsets[target] != UNPLACED:
        distance = cython.cast(int32_t, e.offsets[target] - (e.code.size + 2))
        if distance >= -128:
            emit_u8(e.code, 0xEB if cc == ALWAYS else 0x70 + cc)
            emit_u8(e.code, cython.cast(uint32_t, distance) & 0xFF)
            return
    start_jump(e, cc)
    add_jump(e, e.code.size, target)
    emit_u32(e.code, 0)


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def start_jump(e: Emitting, cc: uint32_t) -> cython.void:
    """The opcode of a jump whose distance, 32 bits, comes next."""
    if cc == ALWAYS:
        emit_u8(e.code, 0xE9)
    else:
        emit_u8(e.code, 0x0F)
        emit_u8(e.code, 0x80 + cc)


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def emit_branch(e: Emitting, inst: Made) -> cython.void:
    yes: uint32_t = goes_to(e, inst.label)
    no: uint32_t = goes_to(e, inst.aux)
    cc: uint32_t = inst.cond
    if cc == CC_EQ_F:
        yes, no = no, yes
        cc = CC_NE_F
    if cc == CC_NE_F:
        emit_jump(e, CC_NE, yes)
        emit_jump(e, CC_P, yes)
        emit_jump(e, ALWAYS, no)
    elif yes == e.next:
        emit_jump(e, cc ^ 1, no)
    else:
        emit_jump(e, cc, yes)
        emit_jump(e, ALWAYS, no)


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def emit_jump_table(e: Emitting, inst: Made) -> cython.void:
    """Distances of 32 bits from the table; the last label is for every other index."""
    index: uint32_t = operand_reg(e, inst, 0)
    temp: uint32_t = operand_reg(e, inst, 1)
    n: uint32_t = cython.cast(uint32_t, inst.imm) - 1
    address = cython.declare(Address)
    emit_rr(e.code, x.X_CMP32_IMM, 0, index, n)
    emit_jump(e, CC_AE, e.m.pool[inst.aux + n])
    address.base = RIP
    address.index = NO_REG
    address.scale = 0
    address.disp = 0
    emit_rmem(e.code, x.X_LEA64, SCRATCH, cython.address(address), 0)
    e.tables = cython.cast(
        cython.pointer[Fixup],
        room(e, e.tables, e.n_tables, cython.address(e.max_tables), cython.sizeof(Fixup)),
    )
    if e.failed:
        return
    e.tables[e.n_tables].at = e.code.size - 4
    e.tables[e.n_tables].target = cython.cast(uint32_t, inst - e.m.insts)
    e.n_tables += 1
    address.base = SCRATCH
    address.index = index
    address.scale = 2
    emit_rmem(e.code, x.X_MOVSXD, temp, cython.address(address), 0)
    emit_rr(e.code, x.X_ADD64, temp, SCRATCH, 0)
    emit_rr(e.code, x.X_JMP, 0, temp, 0)


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def jump_short(e: Emitting, cc: uint32_t) -> uint32_t:
    emit_u8(e.code, 0xEB if cc == ALWAYS else 0x70 + cc)
    emit_u8(e.code, 0)
    return e.code.size


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def land(e: Emitting, jump: uint32_t) -> cython.void:
    if not e.code.failed:
        if e.code.size - jump > 127:
            e.failed = 1
        e.code.bytes[jump - 1] = cython.cast(uint8_t, e.code.size - jump)


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def jump_back(e: Emitting, target: uint32_t) -> cython.void:
    emit_u8(e.code, 0xE9)
    emit_u32(e.code, 0)
    patch(e, e.code.size - 4, target)


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def patch(e: Emitting, at: uint32_t, target: uint32_t) -> cython.void:
    """Fills in a distance: it counts from behind itself."""
    distance: uint32_t = target - (at + 4)
    if not e.code.failed:
        memcpy(e.code.bytes + at, cython.address(distance), 4)
