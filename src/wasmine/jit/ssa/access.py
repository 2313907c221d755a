"""Register IR becomes SSA: accesses of memory, and the groups (ir/groups.pxd)."""

import cython
from cython.cimports.libc.stdint import uint32_t, uint64_t
from cython.cimports.libc.string import memcpy
from cython.cimports.wasmine.ir.func import Instr
from cython.cimports.wasmine.ir.groups import DataWord
from cython.cimports.wasmine.jit.ssa import ops as o
from cython.cimports.wasmine.jit.ssa.build import (
    BUILD_UNSUPPORTED,
    Build,
    made,
    of_one,
    placed,
    plain,
    set_arg,
)
from cython.cimports.wasmine.jit.ssa.function import (
    F_CHECKED,
    F_FITS,
    TYPE_F32,
    TYPE_F64,
    TYPE_I32,
    TYPE_I64,
    TYPE_V128,
    TYPE_VOID,
    Inst,
    const128_of,
    const_of,
    take_pool,
)
from cython.cimports.wasmine.jit.ssa.info import OF_WASM, OPERANDS, RESULT, WIDTH
from cython.cimports.wasmine.jit.ssa.simplify import emit_trap_if
from cython.cimports.wasmine.jit.ssa.slots import read_as, read_slot, write_slot
from cython.cimports.wasmine.spec import opcodes as w
from cython.cimports.wasmine.spec import traps as t

Building = cython.typedef(cython.pointer[Build])
Code = cython.typedef(cython.pointer[cython.const[Instr]])


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def address_type(b: Building, memory: uint32_t) -> uint32_t:
    """The type of addresses of a memory."""
    return TYPE_I64 if b.code.desc.memories[memory].is64 else TYPE_I32


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def smallest(b: Building, memory: uint32_t) -> uint64_t:
    """Bytes that a memory has at least."""
    pages: uint64_t = b.code.desc.memories[memory].minimum
    shift: uint32_t = b.code.desc.memories[memory].page_log2
    if pages >= cython.cast(uint64_t, 1) << 46:
        return cython.cast(uint64_t, 1) << 62
    return pages << shift


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def check(b: Building, memory: uint32_t, address: uint32_t, offset: uint64_t, bytes: uint32_t) -> uint32_t:
    """Checks the bounds of an access, unless a guard does; the flags that the access may have."""
    type: uint32_t = address_type(b, memory)
    end: uint64_t = offset + bytes
    at: cython.pointer[Inst] = b.f.insts + address
    id: uint32_t
    if end >= offset and at.op == o.CONST and at.imm + end >= end and at.imm + end <= smallest(b, memory):
        return F_CHECKED
    if type == TYPE_I32 and memory < 64 and b.options.guarded >> memory & 1:
        return 0
    if end < offset:
        # Beyond every 64-bit address.
        emit_trap_if(cython.address(b.at), const_of(b.f, TYPE_I32, 1), t.TRAP_OUT_OF_BOUNDS_MEMORY_ACCESS)
        return F_CHECKED
    id = plain(b, o.MEMORY_BYTES, TYPE_I64, 0, memory)
    check_id: uint32_t = made(b, o.CHECK_BOUNDS, TYPE_VOID, 2, end, memory)
    set_arg(b, check_id, 0, address)
    set_arg(b, check_id, 1, id)
    if end <= smallest(b, memory):
        b.f.insts[check_id].flags |= F_FITS
    placed(b, check_id)
    return F_CHECKED


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def access(
    b: Building,
    op: uint32_t,
    memory: uint32_t,
    lane: uint32_t,
    slot: uint32_t,
    offset: uint64_t,
    value: uint32_t,
) -> uint32_t:
    """A load, or a store of `value`; `value` is also the vector of which a load replaces a lane. 0 for
    none.
    """
    address: uint32_t = read_as(b, slot, address_type(b, memory))
    flags: uint32_t = check(b, memory, address, offset, WIDTH[op])
    base: uint32_t = plain(b, o.MEMORY_BASE, TYPE_I64, 0, memory) if memory != 0 else 0
    n: uint32_t = 1 + (value != 0) + (base != 0)
    id: uint32_t = made(b, op, RESULT[op], n, offset, memory | lane << 24)
    set_arg(b, id, 0, address)
    if value != 0:
        set_arg(b, id, 1, value)
    if base != 0:
        set_arg(b, id, n - 1, base)
    b.f.insts[id].flags |= flags
    return placed(b, id)


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def store_op(b: Building, op: uint32_t, slot: uint32_t) -> uint32_t:
    """The store that fits what the slot holds: register IR stores the low bits of any."""
    # Reading may make an instruction, and so move them all.
    value: uint32_t = read_slot(b, slot)
    type: uint32_t = b.f.insts[value].type
    if op == o.I32_STORE:
        return o.F32_STORE if type == TYPE_F32 else (o.I64_STORE32 if type == TYPE_I64 else op)
    elif op == o.I64_STORE:
        return o.F64_STORE if type == TYPE_F64 else op
    elif op == o.I32_STORE8:
        return o.I64_STORE8 if type == TYPE_I64 else op
    elif op == o.I32_STORE16:
        return o.I64_STORE16 if type == TYPE_I64 else op
    return op


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def store(b: Building, op: uint32_t, slot: uint32_t, address: uint32_t, offset: uint32_t) -> cython.void:
    """A scalar store to memory 0."""
    op = store_op(b, op, slot)
    access(b, op, 0, 0, address, offset, read_as(b, slot, OPERANDS[op][1]))


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def memop(b: Building, instr: Code) -> cython.void:
    """A load or store of the group: vectors, and any memory."""
    op: uint32_t = OF_WASM[instr.x]
    data: cython.pointer[cython.const[DataWord]] = cython.cast(
        cython.pointer[cython.const[DataWord]], instr + 1
    )
    offset: uint64_t = data.offset_low | cython.cast(uint64_t, data.offset_high) << 32
    value: uint32_t = 0
    lane: uint32_t = 0
    if instr.x >= w.V128_LOAD8_LANE and instr.x <= w.V128_STORE64_LANE:
        lane = data.extra
    if RESULT[op] == TYPE_VOID:
        value = read_as(b, instr.a, OPERANDS[op][1])
    elif OPERANDS[op][1] == TYPE_V128:
        value = read_as(b, data.slot, TYPE_V128)
    value = access(b, op, instr.c, lane, instr.b, offset, value)
    if RESULT[op] != TYPE_VOID:
        write_slot(b, instr.a, value)


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def atomic(b: Building, instr: Code) -> cython.void:
    """An atomic access."""
    op: uint32_t = OF_WASM[instr.x]
    data: cython.pointer[cython.const[DataWord]] = cython.cast(
        cython.pointer[cython.const[DataWord]], instr + 1
    )
    offset: uint64_t = data.offset_low | cython.cast(uint64_t, data.offset_high) << 32
    n: uint32_t = 0
    id: uint32_t
    if op == o.ATOMIC_FENCE:
        plain(b, op, TYPE_VOID, 0, 0)
        return
    while n < 3 and OPERANDS[op][n] != 0:
        n += 1
    id = made(b, op, RESULT[op], n, offset, instr.c)
    set_arg(b, id, 0, read_as(b, instr.b, address_type(b, instr.c)))
    if RESULT[op] == TYPE_VOID:
        set_arg(b, id, 1, read_as(b, instr.a, OPERANDS[op][1]))
        placed(b, id)
        return
    if n > 1:
        set_arg(b, id, 1, read_as(b, data.slot, OPERANDS[op][1]))
    if n > 2:
        set_arg(b, id, 2, read_as(b, data.extra, OPERANDS[op][2]))
    write_slot(b, instr.a, placed(b, id))


# --- vectors


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def sixteen(b: Building, words: cython.pointer[cython.const[uint32_t]]) -> uint64_t:
    """A place in the pool with four words."""
    place: uint32_t = take_pool(b.f, 4)
    if place != 0:
        memcpy(b.f.pool + place, words, 16)
    return place


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def simd(b: Building, instr: Code, two: cython.bint) -> cython.void:
    """A SIMD instruction without memory."""
    op: uint32_t = OF_WASM[instr.x]
    words: cython.pointer[cython.const[uint32_t]] = cython.cast(
        cython.pointer[cython.const[uint32_t]], instr + 1
    )
    slots = cython.declare(uint32_t[3])
    imm: uint64_t = 0
    n: uint32_t = 0
    k: uint32_t
    id: uint32_t
    value: uint32_t
    extension: uint32_t
    if instr.x == w.V128_CONST:
        id = const128_of(
            b.f,
            words[0] | cython.cast(uint64_t, words[1]) << 32,
            words[2] | cython.cast(uint64_t, words[3]) << 32,
        )
        write_slot(b, instr.a, id)
        return
    slots[0] = instr.b
    slots[1] = instr.c
    slots[2] = 0
    if instr.x == w.I8X16_SHUFFLE:
        imm = sixteen(b, words)
    elif two:
        slots[2] = cython.cast(cython.pointer[cython.const[DataWord]], words).slot
        imm = cython.cast(cython.pointer[cython.const[DataWord]], words).extra
    while n < 3 and OPERANDS[op][n] != 0:
        n += 1
    extension = extended_by(op)
    if extension != 0:
        op = o.I16X8_MUL
    id = made(b, op, RESULT[op], n, imm, 0)
    for k in range(n):
        value = read_as(b, slots[k], OPERANDS[op][k])
        set_arg(b, id, k, of_one(b, extension, TYPE_V128, value, 0, 0) if extension != 0 else value)
    placed(b, id)
    write_slot(b, instr.a, id)


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def extended_by(op: uint32_t) -> uint32_t:
    """What extends the operands of a product of 8-bit lanes, which then are multiplied as lanes of 16 bits:
    the extensions may be wanted elsewhere, too. 0 for all else.
    """
    if op == o.I16X8_EXTMUL_LOW_I8X16_S:
        return o.I16X8_EXTEND_LOW_I8X16_S
    elif op == o.I16X8_EXTMUL_HIGH_I8X16_S:
        return o.I16X8_EXTEND_HIGH_I8X16_S
    elif op == o.I16X8_EXTMUL_LOW_I8X16_U:
        return o.I16X8_EXTEND_LOW_I8X16_U
    elif op == o.I16X8_EXTMUL_HIGH_I8X16_U:
        return o.I16X8_EXTEND_HIGH_I8X16_U
    return 0


# --- memories and tables as a whole, wide arithmetic


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def is_wide(b: Building, instr: Code) -> cython.bint:
    """Whether the memory or table that an instruction of the bulk group works on has 64-bit addresses."""
    id: uint32_t = instr.x
    if id == w.MEMORY_INIT:
        return b.code.desc.memories[instr.c].is64
    elif id == w.MEMORY_COPY:
        return b.code.desc.memories[instr.b].is64
    elif id == w.MEMORY_GROW or id == w.MEMORY_FILL:
        return b.code.desc.memories[instr.b].is64
    elif id == w.TABLE_INIT:
        return b.code.desc.tables[instr.c].is64
    elif (
        id == w.TABLE_GET
        or id == w.TABLE_SET
        or id == w.TABLE_SIZE
        or id == w.TABLE_GROW
        or id == w.TABLE_FILL
        or id == w.TABLE_COPY
    ):
        return b.code.desc.tables[instr.b].is64
    return False


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def bulk_type(b: Building, instr: Code, k: uint32_t) -> uint32_t:
    """The type of operand k.

    A copy between different address types takes each address as its own side has it, the length as both have.
    """
    type: uint32_t = OPERANDS[OF_WASM[instr.x]][k]
    first: cython.bint
    second: cython.bint
    if type != o.SIG_ADDR:
        return type
    first = is_wide(b, instr)
    second = first
    if instr.x == w.MEMORY_COPY:
        second = b.code.desc.memories[instr.c].is64
    elif instr.x == w.TABLE_COPY:
        second = b.code.desc.tables[instr.c].is64
    if k == 1:
        first = second
    elif k == 2:
        first = first and second
    return TYPE_I64 if first else TYPE_I32


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def bulk(b: Building, instr: Code) -> cython.void:
    """An instruction on whole memories or tables, and wide arithmetic."""
    op: uint32_t = OF_WASM[instr.x]
    imm: uint64_t = instr.b | cython.cast(uint64_t, instr.c) << 32
    type: uint32_t = RESULT[op]
    n: uint32_t = 0
    k: uint32_t
    id: uint32_t
    if op == 0:
        b.status = BUILD_UNSUPPORTED
        return
    if type == o.SIG_ADDR:
        type = TYPE_I64 if is_wide(b, instr) else TYPE_I32
    while n < 4 and OPERANDS[op][n] != 0:
        n += 1
    id = made(b, op, type, n, imm, 0)
    for k in range(n):
        set_arg(b, id, k, read_as(b, instr.a + k, bulk_type(b, instr, k)))
    placed(b, id)
    if type != TYPE_VOID:
        write_slot(b, instr.a, id)
    if instr.x >= w.I64_ADD128 and instr.x <= w.I64_MUL_WIDE_U:
        write_slot(b, instr.a + 1, of_one(b, o.RESULT, TYPE_I64, id, 1, 0))
