"""Allocation on the bump pointer (runtime/heap.pxd): add to the cursor, compare with the limit, store.

What does not fit goes to stubs that keep all registers: for register allocation it is no call. Memory up to
the limit is zero, so the header and what is not zero are stored, and nothing else: before anything else is
allocated, for the collector reads headers.
"""

import cython
from cython.cimports.libc.stdint import int32_t, uint32_t, uint64_t
from cython.cimports.wasmine.jit.backend import pseudo as p
from cython.cimports.wasmine.jit.backend.accesses import access_of_width
from cython.cimports.wasmine.jit.backend.cold import ask_slowly, come_back
from cython.cimports.wasmine.jit.backend.emit import ALWAYS, STUB_SLOW, Emit, Stub
from cython.cimports.wasmine.jit.backend.machine import FLOAT_REGS, MachInst
from cython.cimports.wasmine.jit.backend.offsets import offset
from cython.cimports.wasmine.jit.backend.slow import (
    LARGEST_TRAP,
    NO_VALUE,
    SLOW_ARRAY,
    SLOW_FIXED_ARRAY,
    SLOW_REF_FUNC,
    SLOW_STRUCT,
)
from cython.cimports.wasmine.jit.codemap import NOTE_CALL, add_note
from cython.cimports.wasmine.jit.x64 import ops as x
from cython.cimports.wasmine.jit.x64.accesses import ACCESSES
from cython.cimports.wasmine.jit.x64.cold import jump_out, new_stub
from cython.cimports.wasmine.jit.x64.constants import emit_with_pool
from cython.cimports.wasmine.jit.x64.convention import INSTANCE, SCRATCH
from cython.cimports.wasmine.jit.x64.encode import NO_REG, emit_const, emit_rr
from cython.cimports.wasmine.jit.x64.jumps import jump_back, jump_short, land
from cython.cimports.wasmine.jit.x64.lower import CC_A, CC_E, CC_NE
from cython.cimports.wasmine.jit.x64.operands import emit_mem, emit_mem_imm, emit_scaled, operand_reg
from cython.cimports.wasmine.runtime.heap import (
    ARRAY_ELEMENTS,
    ARRAY_LENGTH,
    LARGE_BYTES,
    OBJ_ARRAY,
    OBJ_STRUCT,
    Heap,
)
from cython.cimports.wasmine.runtime.vm import Instance, VMContext

Emitting = cython.typedef(cython.pointer[Emit])
Made = cython.typedef(cython.pointer[cython.const[MachInst]])


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def emit_allocation(e: Emitting, inst: Made) -> cython.bint:
    if inst.op == p.P_NEW_OBJECT:
        new_object(e, inst)
    elif inst.op == p.P_NEW_ARRAY:
        new_array(e, inst)
    elif inst.op == p.P_REF_FUNC:
        ref_func(e, inst)
    else:
        return False
    return True


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def emit_slow_stub(e: Emitting, stub: cython.pointer[cython.const[Stub]]) -> cython.void:
    """Both calls have a note: the second one says where a trap was."""
    fine: uint32_t
    words: cython.pointer[uint32_t] = stub.words
    emit_with_pool(
        e,
        x.X_LEA64,
        SCRATCH,
        words[0] | cython.cast(uint64_t, words[1]) << 32,
        words[2] | cython.cast(uint64_t, words[3]) << 32,
    )
    emit_with_pool(e, x.X_CALL, 0, cython.cast(uint64_t, cython.cast(cython.size_t, e.links.slow)), 0)
    add_note(e.notes, e.code.size, stub.pos, stub.site, NOTE_CALL)
    emit_rr(e.code, x.X_CMP64_IMM, 0, SCRATCH, LARGEST_TRAP)
    fine = jump_short(e, CC_A)
    emit_rr(e.code, x.X_MOV32, 0, SCRATCH, 0)
    jump_out(e, e.links.trap_exit, x.X_CALL)
    add_note(e.notes, e.code.size, stub.pos, stub.site, NOTE_CALL)
    land(e, fine)
    emit_rr(e.code, x.X_MOV64, stub.reg, SCRATCH, 0)
    jump_back(e, stub.back)


# --- objects


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def find_heap(e: Emitting) -> cython.void:
    inst: cython.pointer[Instance] = cython.NULL
    ctx: cython.pointer[VMContext] = cython.NULL
    emit_mem(e, x.X_MOV64, SCRATCH, INSTANCE, offset(cython.address(inst.ctx)))
    emit_mem(e, x.X_MOV64, SCRATCH, SCRATCH, offset(cython.address(ctx.heap)))


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def header_of(type: uint64_t, kind: uint32_t) -> uint64_t:
    """A GcObject without flags."""
    return type | cython.cast(uint64_t, kind) << 32


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def new_object(e: Emitting, inst: Made) -> cython.void:
    """An object of aux bytes, which are known; kind: scale, type: imm, length of an array: disp."""
    heap: cython.pointer[Heap] = cython.NULL
    dst: uint32_t = operand_reg(e, inst, 0)
    length: uint32_t = cython.cast(uint32_t, inst.disp)
    what: uint32_t = SLOW_STRUCT if inst.scale == OBJ_STRUCT else SLOW_FIXED_ARRAY
    type: uint32_t = cython.cast(uint32_t, inst.imm)
    stub: uint32_t
    if inst.aux > LARGE_BYTES:
        # The stub stands for all of it; a large object has a flag in its header.
        come_back(e, ask_slowly(e, new_stub(e, STUB_SLOW, ALWAYS), dst, what, type, length, 0))
        return
    find_heap(e)
    emit_mem(e, x.X_MOV64, dst, SCRATCH, offset(cython.address(heap.cursor)))
    emit_rr(e.code, x.X_ADD64_IMM, 0, dst, inst.aux)
    emit_mem(e, x.X_CMP64, dst, SCRATCH, offset(cython.address(heap.limit)))
    stub = ask_slowly(e, new_stub(e, STUB_SLOW, CC_A), dst, what, type, length, 0)
    emit_mem(e, x.X_STORE64, dst, SCRATCH, offset(cython.address(heap.cursor)))
    emit_rr(e.code, x.X_SUB64_IMM, 0, dst, inst.aux)
    emit_const(e.code, SCRATCH, header_of(type, inst.scale))
    emit_mem(e, x.X_STORE64, SCRATCH, dst, 0)
    if inst.scale == OBJ_ARRAY:
        emit_mem_imm(e, x.X_MOV32_IMM, dst, ARRAY_LENGTH, inst.disp)
    come_back(e, stub)


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def new_array(e: Emitting, inst: Made) -> cython.void:
    """An array of type imm, elements of 2^scale bytes: object, temporary, length[, value of the elements]."""
    heap: cython.pointer[Heap] = cython.NULL
    dst: uint32_t = operand_reg(e, inst, 0)
    temp: uint32_t = operand_reg(e, inst, 1)
    length: uint32_t = operand_reg(e, inst, 2)
    value: uint32_t = e.m.operands[inst.operands + 3].preg if inst.n_operands > 3 else NO_REG
    stub: uint32_t
    if inst.scale == 4:
        emit_rr(e.code, x.X_MOV32, temp, length, 0)
        emit_rr(e.code, x.X_SHL64_IMM, 0, temp, 4)
        emit_rr(e.code, x.X_ADD64_IMM, 0, temp, ARRAY_ELEMENTS)
    elif inst.scale == 3:
        emit_scaled(e, x.X_LEA64, temp, NO_REG, length, 3, ARRAY_ELEMENTS)
    else:
        emit_scaled(e, x.X_LEA64, temp, NO_REG, length, inst.scale, ARRAY_ELEMENTS + 7)
        emit_rr(e.code, x.X_AND64_IMM, 0, temp, -8)
    find_heap(e)
    emit_mem(e, x.X_MOV64, dst, SCRATCH, offset(cython.address(heap.cursor)))
    emit_rr(e.code, x.X_ADD64, temp, dst, 0)
    emit_mem(e, x.X_CMP64, temp, SCRATCH, offset(cython.address(heap.limit)))
    stub = ask_slowly(
        e,
        new_stub(e, STUB_SLOW, CC_A),
        dst,
        SLOW_ARRAY,
        cython.cast(uint32_t, inst.imm),
        length,
        value_word(value),
    )
    emit_mem(e, x.X_STORE64, temp, SCRATCH, offset(cython.address(heap.cursor)))
    emit_const(e.code, SCRATCH, header_of(cython.cast(uint32_t, inst.imm), OBJ_ARRAY))
    emit_mem(e, x.X_STORE64, SCRATCH, dst, 0)
    emit_mem(e, x.X_STORE32, length, dst, ARRAY_LENGTH)
    if value != NO_REG:
        fill(e, dst, temp, length, value, inst.scale)
    come_back(e, stub)


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def value_word(value: uint32_t) -> uint32_t:
    if value == NO_REG:
        return NO_VALUE
    return value


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def fill(
    e: Emitting, array: uint32_t, temp: uint32_t, length: uint32_t, value: uint32_t, width: uint32_t
) -> cython.void:
    """All elements, from the last one down: they are few, since the array fits the window of allocation."""
    step: uint32_t = 16 if width == 4 else 1
    bytes: int32_t = 1 << width
    none: uint32_t
    again: uint32_t
    emit_rr(e.code, x.X_MOV32, temp, length, 0)
    if width == 4:
        emit_rr(e.code, x.X_SHL32_IMM, 0, temp, 4)
    emit_rr(e.code, x.X_TEST32, temp, temp, 0)
    none = jump_short(e, CC_E)
    again = e.code.size
    emit_scaled(
        e,
        ACCESSES.store[access_of_width(width, value >= FLOAT_REGS)],
        value & 15,
        array,
        temp,
        width & 3,
        ARRAY_ELEMENTS - bytes,
    )
    emit_rr(e.code, x.X_SUB32_IMM, 0, temp, step)
    jump_short(e, CC_NE)
    if not e.code.failed:
        e.code.bytes[e.code.size - 1] = (again - e.code.size) & 0xFF
    land(e, none)


# --- functions


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def ref_func(e: Emitting, inst: Made) -> cython.void:
    """The reference to function aux; imm functions are imported. The stub makes those not taken before."""
    instance: cython.pointer[Instance] = cython.NULL
    dst: uint32_t = operand_reg(e, inst, 0)
    imported: uint32_t = cython.cast(uint32_t, inst.imm)
    first: uint32_t
    second: uint32_t
    if inst.aux < imported:
        emit_mem(e, x.X_MOV64, dst, INSTANCE, offset(cython.address(instance.imports)))
        emit_mem(e, x.X_MOV64, dst, dst, 8 * inst.aux)
        return
    emit_mem(e, x.X_MOV64, dst, INSTANCE, offset(cython.address(instance.funcrefs)))
    emit_rr(e.code, x.X_TEST64, dst, dst, 0)
    first = ask_slowly(e, new_stub(e, STUB_SLOW, CC_E), dst, SLOW_REF_FUNC, inst.aux, 0, 0)
    emit_mem(e, x.X_MOV64, dst, dst, 8 * (inst.aux - imported))
    emit_rr(e.code, x.X_TEST64, dst, dst, 0)
    second = ask_slowly(e, new_stub(e, STUB_SLOW, CC_E), dst, SLOW_REF_FUNC, inst.aux, 0, 0)
    come_back(e, first)
    come_back(e, second)
