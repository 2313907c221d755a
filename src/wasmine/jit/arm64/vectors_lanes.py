"""Instruction selection for vectors: single lanes, and shuffles."""

import cython
from cython.cimports.libc.stdint import uint8_t, uint32_t, uint64_t
from cython.cimports.libc.string import memcpy
from cython.cimports.wasmine.jit.arm64 import ops as a
from cython.cimports.wasmine.jit.arm64.packed import arg, constant, into_to, pack_to, unary_to
from cython.cimports.wasmine.jit.backend.lower import (
    Lower,
    def_reg,
    emit,
    emit_move,
    result_of,
    use_reg,
    value_of,
)
from cython.cimports.wasmine.jit.backend.machine import (
    IN_FIXED,
    OPERAND_USE,
    ROLE_NONE,
    ROLE_REG,
    ROLE_RM,
    ROLE_SECOND,
    MachInst,
    add_operand,
)
from cython.cimports.wasmine.jit.ssa import ops as o

Lowering = cython.typedef(cython.pointer[Lower])
Made = cython.typedef(cython.pointer[MachInst])
Lanes = cython.typedef(cython.pointer[uint8_t])

NONE = cython.declare(cython.const[uint32_t], 0xFFFF)

# v28, and v29 after it, for a table of 32 bytes.
TABLE = cython.declare(cython.const[uint32_t], 60)


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def lower_lanes(s: Lowering, id: uint32_t) -> cython.bint:
    op: uint32_t = s.f.insts[id].op
    if op == o.I8X16_EXTRACT_LANE_S:
        extract(s, id, a.A_SMOV_B)
    elif op == o.I8X16_EXTRACT_LANE_U:
        extract(s, id, a.A_UMOV_B)
    elif op == o.I16X8_EXTRACT_LANE_S:
        extract(s, id, a.A_SMOV_H)
    elif op == o.I16X8_EXTRACT_LANE_U:
        extract(s, id, a.A_UMOV_H)
    elif op == o.I32X4_EXTRACT_LANE:
        extract(s, id, a.A_UMOV_S)
    elif op == o.I64X2_EXTRACT_LANE:
        extract(s, id, a.A_UMOV_D)
    elif op == o.F32X4_EXTRACT_LANE:
        extract_float(s, id, a.A_MOV_LANE_S)
    elif op == o.F64X2_EXTRACT_LANE:
        extract_float(s, id, a.A_MOV_LANE_D)
    elif op == o.I8X16_REPLACE_LANE:
        replace(s, id, a.A_INS_B)
    elif op == o.I16X8_REPLACE_LANE:
        replace(s, id, a.A_INS_H)
    elif op == o.I32X4_REPLACE_LANE:
        replace(s, id, a.A_INS_S)
    elif op == o.I64X2_REPLACE_LANE:
        replace(s, id, a.A_INS_D)
    elif op == o.F32X4_REPLACE_LANE:
        replace(s, id, a.A_INS_LANE_S)
    elif op == o.F64X2_REPLACE_LANE:
        replace(s, id, a.A_INS_LANE_D)
    elif op == o.I8X16_SHUFFLE:
        shuffle(s, id)
    else:
        return False
    return True


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def extract(s: Lowering, id: uint32_t, op: uint32_t) -> cython.void:
    dst: uint32_t = result_of(s, id)
    unary_to(s, dst, op, value_of(s, arg(s, id, 0)), s.f.insts[id].imm)


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def extract_float(s: Lowering, id: uint32_t, op: uint32_t) -> cython.void:
    """What is above the lowest lane does not count."""
    dst: uint32_t = result_of(s, id)
    lanes: uint32_t = value_of(s, arg(s, id, 0))
    if s.f.insts[id].imm == 0:
        emit_move(s, dst, lanes)
    else:
        unary_to(s, dst, op, lanes, s.f.insts[id].imm)


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def replace(s: Lowering, id: uint32_t, op: uint32_t) -> cython.void:
    """The new lane is an integer, or the lowest one of a vector."""
    dst: uint32_t = result_of(s, id)
    lanes: uint32_t = value_of(s, arg(s, id, 0))
    into_to(s, dst, op, lanes, value_of(s, arg(s, id, 1)), s.f.insts[id].imm)


# --- shuffles


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def shuffle(s: Lowering, id: uint32_t) -> cython.void:
    """Sixteen bytes, 0 to 15 of the left operand and 16 to 31 of the right one."""
    dst: uint32_t = result_of(s, id)
    lanes = cython.declare(uint8_t[16])
    left: uint32_t = arg(s, id, 0)
    right: uint32_t = arg(s, id, 1)
    from_left: cython.bint = False
    from_right: cython.bint = False
    k: cython.int
    memcpy(lanes, s.f.pool + s.f.insts[id].imm, 16)
    for k in range(16):
        if left == right:
            lanes[k] &= 15
        if lanes[k] < 16:
            from_left = True
        else:
            from_right = True
    if not from_left or not from_right:
        for k in range(16):
            lanes[k] &= 15
        shuffle_one(s, dst, value_of(s, right if from_right else left), lanes)
        return
    left = value_of(s, left)
    right = value_of(s, right)
    if shuffle_two(s, dst, left, right, lanes):
        return
    for k in range(16):
        lanes[k] ^= 16
    if not shuffle_two(s, dst, right, left, lanes):
        look_up(s, dst, right, left, lanes)


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def shuffle_one(s: Lowering, dst: uint32_t, source: uint32_t, lanes: Lanes) -> cython.void:
    """A shuffle of one vector."""
    op: uint32_t = reversal(lanes)
    imm = cython.declare(uint32_t, 0)
    if rotation(lanes, 15) == 0:
        emit_move(s, dst, source)
        return
    if op == 0:
        op = everywhere(lanes, cython.address(imm))
    if op != 0:
        unary_to(s, dst, op, source, imm)
        return
    op = pairing(lanes, 15)
    if op == 0 and rotation(lanes, 15) != NONE:
        op = a.A_EXT_16B
        imm = lanes[0]
    if op != 0:
        pack_to(s, dst, op, source, source, imm)
        return
    op = insertion(lanes, cython.address(imm))
    if op != 0:
        into_to(s, dst, op, source, source, imm)
    else:
        pack_to(s, dst, a.A_TBL_16B, source, constant(s, eight(lanes), eight(lanes + 8)), 0)


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def shuffle_two(s: Lowering, dst: uint32_t, left: uint32_t, right: uint32_t, lanes: Lanes) -> cython.bint:
    """A shuffle of two vectors, if there is one instruction for it with the operands in this order."""
    op: uint32_t = pairing(lanes, 31)
    imm = cython.declare(uint32_t, 0)
    if op == 0 and rotation(lanes, 31) < 16:
        op = a.A_EXT_16B
        imm = lanes[0]
    if op != 0:
        pack_to(s, dst, op, left, right, imm)
        return True
    op = insertion(lanes, cython.address(imm))
    if op != 0:
        into_to(s, dst, op, left, right, imm)
    return op != 0


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def look_up(s: Lowering, dst: uint32_t, left: uint32_t, right: uint32_t, lanes: Lanes) -> cython.void:
    """Any shuffle: the bytes of both vectors are a table, in two registers in a row."""
    index: uint32_t = constant(s, eight(lanes), eight(lanes + 8))
    inst: Made = emit(s, a.A_TBL2_16B)
    def_reg(s, inst, dst, ROLE_REG)
    add_operand(s.m, inst, left, OPERAND_USE, IN_FIXED, TABLE, ROLE_SECOND)
    add_operand(s.m, inst, right, OPERAND_USE, IN_FIXED, TABLE + 1, ROLE_NONE)
    use_reg(s, inst, index, ROLE_RM)


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def eight(lanes: Lanes) -> uint64_t:
    value: uint64_t = 0
    memcpy(cython.address(value), lanes, 8)
    return value


# --- what a shuffle is


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def rotation(lanes: Lanes, mask: uint32_t) -> uint32_t:
    """The byte from which on sixteen are taken, of 16 or 32 in a circle; NONE if it is not that."""
    k: uint32_t
    for k in range(1, 16):
        if lanes[k] != (lanes[0] + k & mask):
            return NONE
    return lanes[0]


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def reversal(lanes: Lanes) -> uint32_t:
    """The op that turns around the order in each 64, 32 or 16 bits of lanes of 8, 16, 32 bits; 0: none."""
    k: uint32_t
    flips: uint32_t = lanes[0]
    for k in range(16):
        if lanes[k] != k ^ flips:
            return 0
    if flips == 7:
        return a.A_REV64_16B
    elif flips == 6:
        return a.A_REV64_8H
    elif flips == 4:
        return a.A_REV64_4S
    elif flips == 3:
        return a.A_REV32_16B
    elif flips == 2:
        return a.A_REV32_8H
    elif flips == 1:
        return a.A_REV16_16B
    return 0


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def everywhere(lanes: Lanes, lane: cython.pointer[uint32_t]) -> uint32_t:
    """The op that has one lane everywhere, and which one; 0: none."""
    size: uint32_t
    for size in range(4):
        if splat(lanes, size, lane):
            return of_size(size, a.A_DUP_LANE_16B, a.A_DUP_LANE_8H, a.A_DUP_LANE_4S, a.A_DUP_LANE_2D)
    return 0


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def splat(lanes: Lanes, size: uint32_t, lane: cython.pointer[uint32_t]) -> cython.bint:
    bytes: uint32_t = cython.cast(uint32_t, 1) << size
    k: uint32_t = 0
    while k < 16 and lanes[k] == lanes[0] + (k & bytes - 1):
        k += 1
    lane[0] = lanes[0] >> size
    return k == 16 and lanes[0] & bytes - 1 == 0


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def of_size(
    size: uint32_t, bytes: uint32_t, halves: uint32_t, words: uint32_t, doubles: uint32_t
) -> uint32_t:
    if size == 0:
        return bytes
    elif size == 1:
        return halves
    return words if size == 2 else doubles


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def pairing(lanes: Lanes, mask: uint32_t) -> uint32_t:
    """The op that takes lanes in turns from both operands, or every other one of them; 0: none."""
    size: uint32_t
    for size in range(4):
        if pairs(lanes, size, mask, 0, 1, 0):
            return of_size(size, a.A_ZIP1_16B, a.A_ZIP1_8H, a.A_ZIP1_4S, a.A_ZIP1_2D)
        elif pairs(lanes, size, mask, 8 >> size, 1, 0):
            return of_size(size, a.A_ZIP2_16B, a.A_ZIP2_8H, a.A_ZIP2_4S, a.A_ZIP2_2D)
        elif pairs(lanes, size, mask, 0, 2, 0):
            return of_size(size, a.A_TRN1_16B, a.A_TRN1_8H, a.A_TRN1_4S, 0)
        elif pairs(lanes, size, mask, 1, 2, 0):
            return of_size(size, a.A_TRN2_16B, a.A_TRN2_8H, a.A_TRN2_4S, 0)
        elif pairs(lanes, size, mask, 0, 0, 2):
            return of_size(size, a.A_UZP1_16B, a.A_UZP1_8H, a.A_UZP1_4S, 0)
        elif pairs(lanes, size, mask, 1, 0, 2):
            return of_size(size, a.A_UZP2_16B, a.A_UZP2_8H, a.A_UZP2_4S, 0)
    return 0


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def pairs(
    lanes: Lanes, size: uint32_t, mask: uint32_t, start: uint32_t, step: uint32_t, every: uint32_t
) -> cython.bint:
    """Whether lane i is, in turns, number start + step * (i / 2) of the first operand and of the second.

    With `every`, it is number start + every * i of both in a row.
    """
    k: uint32_t
    i: uint32_t
    from_: uint32_t
    for k in range(16):
        i = k >> size
        if every != 0:
            from_ = start + every * i
        else:
            from_ = start + step * (i >> 1) + (i & 1) * (16 >> size)
        if lanes[k] != ((from_ << size) + (k & ((1 << size) - 1)) & mask):
            return False
    return True


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def insertion(lanes: Lanes, imm: cython.pointer[uint32_t]) -> uint32_t:
    """The op that puts a lane of the second operand into the first one, and what of which; 0: none.

    The lane has the size of the bytes that are not the first operand's own.
    """
    first: uint32_t = 0
    last: uint32_t = 15
    size: uint32_t
    n: uint32_t
    k: uint32_t
    to: uint32_t
    while first < 16 and lanes[first] == first:
        first += 1
    while last > first and lanes[last] == last:
        last -= 1
    for size in range(4):
        n = 1 << size
        to = first >> size << size
        if last >= to + n or lanes[to] & (n - 1):
            continue
        k = 0
        while k < n and lanes[to + k] == lanes[to] + k:
            k += 1
        if k == n:
            imm[0] = to >> size | (lanes[to] & 15) >> size << 8
            return of_size(size, a.A_INS_LANE_B, a.A_INS_LANE_H, a.A_INS_LANE_S, a.A_INS_LANE_D)
    return 0
