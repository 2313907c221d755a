"""Lowering of what accesses memories and tables."""

import cython
from cython.cimports.libc.stdint import uint8_t, uint32_t, uint64_t
from cython.cimports.libc.string import memcpy, memset
from cython.cimports.wasmine.ir import ops as o
from cython.cimports.wasmine.ir import tables as s
from cython.cimports.wasmine.ir.builder import (
    NO_INSTR,
    OP,
    SHAPE,
    SIGNATURE,
    Builder,
    emit,
    emit_words,
    pop,
    pop_slot,
    push,
    read_u32,
    read_u64,
    settle,
)
from cython.cimports.wasmine.spec import opcodes as w

Building = cython.typedef(cython.pointer[Builder])


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def lower_access(b: Building, id: uint32_t, group: uint32_t) -> cython.void:
    """Any instruction with a memarg, as two words of a group (ir/groups.pxd)."""
    signature: uint32_t = SIGNATURE[id]
    operands: uint32_t = signature & s.SIG_OPERANDS
    slots = cython.declare(uint32_t[3])
    memory: uint32_t = 0
    lane: uint32_t = 0
    offset: uint64_t
    result: uint32_t
    i: uint32_t
    if read_u32(b) & 0x40:
        memory = read_u32(b)
    offset = read_u64(b)
    if id >= w.V128_LOAD8_LANE and id <= w.V128_STORE64_LANE:
        lane = b.at[0]
        b.at += 1
    memset(slots, 0, cython.sizeof(slots))
    i = operands
    while i > 0:
        i -= 1
        slots[i] = pop_slot(b)
    if signature & (s.SIG_NARROW_RESULT | s.SIG_WIDE_RESULT):
        result = push(b, signature & s.SIG_WIDE_RESULT)
        emit(b, group, id, result, slots[0], memory)
        emit_words(
            b,
            slots[1],
            cython.cast(uint32_t, offset),
            cython.cast(uint32_t, offset >> 32),
            slots[2] if operands > 2 else lane,
        )
    else:
        emit(b, group, id, slots[1], slots[0], memory)
        emit_words(b, 0, cython.cast(uint32_t, offset), cython.cast(uint32_t, offset >> 32), lane)


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def lower_load_or_store(b: Building, id: uint32_t) -> cython.void:
    """A scalar access: fast for memory 0 with 32-bit addresses, else through the group."""
    start: cython.pointer[cython.const[uint8_t]] = b.at
    flags: uint32_t = read_u32(b)
    offset: uint64_t
    value: uint32_t
    address: uint32_t
    if flags & 0x40 or b.desc.memories[0].is64:
        b.at = start
        lower_access(b, id, o.MEMOP)
        return
    offset = read_u64(b)
    if SHAPE[id] == s.LOWER_LOAD:
        address = pop_slot(b)
        emit(b, OP[id], 0, push(b, 0), address, cython.cast(uint32_t, offset))
    else:
        value = pop_slot(b)
        address = pop_slot(b)
        emit(b, OP[id], 0, value, address, cython.cast(uint32_t, offset))
        b.last = NO_INSTR


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def lower_simd(b: Building, id: uint32_t) -> cython.void:
    """A SIMD instruction without memory access."""
    signature: uint32_t = SIGNATURE[id]
    operands: uint32_t = signature & s.SIG_OPERANDS
    slots = cython.declare(uint32_t[3])
    words = cython.declare(uint32_t[4])
    lane: uint32_t = 0
    i: uint32_t
    bytes16: cython.bint = id == w.V128_CONST or id == w.I8X16_SHUFFLE
    has_lane: cython.bint = id >= w.I8X16_EXTRACT_LANE_S and id <= w.F64X2_REPLACE_LANE
    if bytes16:
        memcpy(words, b.at, 16)
        b.at += 16
    elif has_lane:
        lane = b.at[0]
        b.at += 1
    memset(slots, 0, cython.sizeof(slots))
    i = operands
    while i > 0:
        i -= 1
        slots[i] = pop_slot(b)
    two: cython.bint = bytes16 or has_lane or operands > 2
    emit(b, o.SIMD2 if two else o.SIMD, id, push(b, signature & s.SIG_WIDE_RESULT), slots[0], slots[1])
    if bytes16:
        emit_words(b, words[0], words[1], words[2], words[3])
    elif two:
        emit_words(b, slots[2], 0, 0, lane)


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def lower_bulk(
    b: Building, id: uint32_t, operands: uint32_t, results: uint32_t, x: uint32_t, y: uint32_t
) -> cython.void:
    """An instruction of the bulk group: operands in adjacent slots from a on, results in their place."""
    base: uint32_t = b.next_home
    i: uint32_t
    settle(b, operands)
    for i in range(operands):
        base = pop(b).home
    # Two operands of which one is a v128 do not occur, so the slots are adjacent.
    for i in range(results):
        push(b, 0)
    emit(b, o.BULK, id, base, x, y)
    b.last = NO_INSTR
    b.bounded = 0
